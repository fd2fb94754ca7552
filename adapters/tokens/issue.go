package tokens

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/porteiro/porteiro/domain"
)

// Issue makes a token of exactly the claims of its kind, with times cut to whole seconds. It writes the JSON itself:
// a refresh token has to be the same, byte for byte, whatever the version of a library. Identifiers may be missing, as
// they are when somebody only asks whether a key signs; such a token is never read.
func (t *Codec) Issue(c domain.Claims) (string, error) {
	k, found := t.signer(c.Kind, c.IssuedAt)
	if !found {
		return "", fmt.Errorf("tokens: no key signs tokens of the kind %q", c.Kind)
	}
	return t.signed(k, c)
}

func (t *Codec) signed(k key, c domain.Claims) (string, error) {
	if err := t.issuable(c); err != nil {
		return "", err
	}
	input := k.header + "." + encode(t.payload(c))
	signature, err := k.method.Sign(input, k.sign)
	if err != nil {
		return "", fmt.Errorf("tokens: key %s: %w", k.id, err)
	}
	token := input + "." + encode(signature)
	if len(token) > maxToken {
		return "", fmt.Errorf("tokens: with this issuer, audience and client id a token has %d bytes, more than %d", len(token), maxToken)
	}
	return token, nil
}

// issuable refuses what Read would.
func (t *Codec) issuable(c domain.Claims) error {
	if _, err := domain.ParseUserID(string(c.Subject)); err != nil && c.Subject != "" {
		return fmt.Errorf("tokens: the subject %q is no UUID", c.Subject)
	}
	if _, err := domain.ParseSessionID(string(c.Session)); err != nil && c.Session != "" {
		return fmt.Errorf("tokens: the session %q is no UUID", c.Session)
	}
	iat, exp := c.IssuedAt.Unix(), c.Expires.Unix()
	switch {
	case c.ID != "" && !plain(c.ID):
		return fmt.Errorf("tokens: the id %q has other characters than letters, digits and -._~:/@+=", c.ID)
	case c.Count < 0 || int64(c.Count) > math.MaxInt32:
		return fmt.Errorf("tokens: %d is no count", c.Count)
	case iat < 0 || iat > maxTime || exp < 0 || exp > maxTime:
		return fmt.Errorf("tokens: a token cannot carry the times %v to %v", c.IssuedAt, c.Expires)
	case c.Kind == domain.Access && !t.shortEnough(iat, exp):
		return fmt.Errorf("tokens: an access token of %v is too long", c.Expires.Sub(c.IssuedAt).Round(time.Second))
	}
	return nil
}

// payload writes the claims in one fixed order.
func (t *Codec) payload(c domain.Claims) []byte {
	b := append(make([]byte, 0, 512), t.about...)
	b = text(b, `,"sub":`, string(c.Subject))
	b = text(b, `,"sid":`, string(c.Session))
	if c.Kind == domain.Access {
		b = text(b, `,"client_id":`, t.client)
		b = text(b, `,"jti":`, c.ID)
	} else {
		b = number(b, `,"cnt":`, int64(c.Count))
	}
	b = number(b, `,"iat":`, c.IssuedAt.Unix())
	b = number(b, `,"exp":`, c.Expires.Unix())
	return append(b, '}')
}

// about writes what every token says of the service: iss, and aud as a string when there is one (RFC 7519 section 4.1.3).
func about(issuer string, audience []string) []byte {
	b := text(nil, `{"iss":`, issuer)
	if len(audience) == 1 {
		return text(b, `,"aud":`, audience[0])
	}
	separator := `,"aud":[`
	for _, a := range audience {
		b = text(b, separator, a)
		separator = ","
	}
	return append(b, ']')
}

func text(b []byte, name, value string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), value) // an error is invalid UTF-8, which no setting and no ID holds
	return b
}

func number(b []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(b, name...), value, 10)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
