package tokens_test

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// The attacks are made by hand, with the service's own keys where that matters: a forger here knows everything that
// the codec knows, and shares no code with it.

// object is a JSON object as somebody writes it: in order, twice the same, whatever the values.
type object []member

type member struct{ name, value string }

func (o object) String() string {
	var parts []string
	for _, m := range o {
		parts = append(parts, fmt.Sprintf(`"%s":%s`, m.name, m.value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// set replaces a value, or adds the member.
func (o object) set(name, value string) object {
	o = slices.Clone(o)
	if i := slices.IndexFunc(o, func(m member) bool { return m.name == name }); i >= 0 {
		o[i].value = value
		return o
	}
	return append(o, member{name, value})
}

// also adds a member, whether one of the name is there or not.
func (o object) also(name, value string) object { return append(slices.Clone(o), member{name, value}) }

// first puts a member in front.
func (o object) first(name, value string) object { return append(object{{name, value}}, o...) }

func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.name == name })
}

func accessHeader() object {
	return object{{"alg", `"EdDSA"`}, {"typ", `"at+jwt"`}, {"kid", `"a1"`}}
}

func refreshHeader() object {
	return object{{"alg", `"HS256"`}, {"typ", `"rt+jwt"`}, {"kid", `"r1"`}}
}

const (
	user    = "0198f2a0-1111-7abc-8def-000000000001"
	session = "0198f2a0-2222-7abc-8def-000000000002"
	iat     = 1772366400 // start
)

func accessPayload() object {
	return object{
		{"iss", `"porteiro"`}, {"aud", `"porteiro"`}, {"sub", `"` + user + `"`}, {"sid", `"` + session + `"`},
		{"client_id", `"porteiro"`}, {"jti", `"j-1"`}, {"iat", fmt.Sprint(iat)}, {"exp", fmt.Sprint(iat + 900)},
	}
}

func refreshPayload() object {
	return object{
		{"iss", `"porteiro"`}, {"aud", `"porteiro"`}, {"sub", `"` + user + `"`}, {"sid", `"` + session + `"`},
		{"cnt", "3"}, {"iat", fmt.Sprint(iat)}, {"exp", fmt.Sprint(iat + 2592000)},
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func unb64(t *testing.T, s string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// signer makes a signature over a signing input.
type signer func(input string) []byte

func sign(header, payload string, by signer) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + b64(string(by(input)))
}

// private is the ring's access key.
func private() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed(1)) }

func byAccessKey(input string) []byte { return ed25519.Sign(private(), []byte(input)) }

func byRefreshKey(input string) []byte { return byMAC(string(derived()))(input) }

// derived is the MAC's key of the ring's refresh key: HKDF-SHA256 of its secret.
func derived() []byte {
	key, err := hkdf.Key(sha256.New, seed(101), nil, "porteiro refresh token HS256", 32)
	if err != nil {
		panic(err)
	}
	return key
}

func byMAC(secret string) signer {
	return func(input string) []byte {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
}

func access(header, payload object) string {
	return sign(header.String(), payload.String(), byAccessKey)
}

func refresh(header, payload object) string {
	return sign(header.String(), payload.String(), byRefreshKey)
}

// refuse fails unless the token is TokenInvalid as either kind, with the one face that every refusal has.
func refuse(t *testing.T, c *tokens.Codec, token string) {
	t.Helper()
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		claims, err := c.Read(kind, token)
		if !errors.Is(err, domain.TokenInvalid) || claims != (domain.Claims{}) {
			t.Errorf("Read(%s, %.200q) = %+v, %v, want nothing and %v", kind, token, claims, err, domain.TokenInvalid)
		} else if err.Error() != domain.TokenInvalid.Error() {
			t.Errorf("Read(%s, %.200q) says %q: refusals are to look alike", kind, token, err)
		}
	}
	explained(t, c, token)
}

// explained fails the test unless whoever runs the service is told which rule a refused token breaks, and nothing that
// could be used of it.
func explained(t *testing.T, c *tokens.Codec, token string) {
	t.Helper()
	why := c.Why(token)
	if why.Broken == "" || strings.Contains(why.Broken, "strict reader") {
		t.Errorf("Why(%.200q) = %+v, which does not say which rule it breaks", token, why)
	}
	shown := why.Broken + why.Key + why.Algorithm
	for _, part := range strings.Split(token, ".") {
		if len(part) > 64 && strings.Contains(shown, part) || strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("Why(%.200q) shows some of it: %+v", token, why)
		}
	}
}

func accept(t *testing.T, c *tokens.Codec, kind domain.Kind, token string) domain.Claims {
	t.Helper()
	claims, err := c.Read(kind, token)
	if err != nil {
		t.Errorf("Read(%s, %.200q): %v", kind, token, err)
	}
	if why := c.Why(token); err == nil && (why.Broken != "" || why.Kind != kind) {
		t.Errorf("Why(%.200q) = %+v of a token that Read takes", token, why)
	}
	return claims
}
