package answer

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/domain"
)

// told is a refusal with the words that the service before had for this case of it.
type told struct {
	error
	msg string
}

func (t told) Unwrap() error { return t.error }

// Told returns a refusal with words of its own for msg.
func Told(refusal domain.Refusal, msg string) error { return told{refusal, msg} }

// InLoginWords gives a login without an email or a password the msg that the service before had for it: to that one it
// was a wrong one.
func InLoginWords(err error) error {
	var d *domain.Denied
	if errors.As(err, &d) && d.Field != "" {
		return told{err, refusals[domain.InvalidCredentials].msg}
	}
	return err
}

// InFormerWords gives a token that does not hold the msg that the service before had for its form. It looks at nothing
// but what the client sent, so it tells nothing that the client does not know; status, code and detail stay the same.
func InFormerWords(err error, token string) error {
	if !errors.Is(err, domain.TokenInvalid) {
		return err
	}
	return told{domain.TokenInvalid, formMsg(token)}
}

func formMsg(token string) string {
	segments := strings.Split(token[:min(len(token), 4<<10)], ".")
	if len(segments) < 3 {
		return "Not enough segments"
	}
	raw, err := base64.RawURLEncoding.DecodeString(segments[0])
	var header struct {
		Algorithm any `json:"alg"`
		Type      any `json:"typ"`
	}
	if err != nil || json.Unmarshal(raw, &header) != nil {
		return "Invalid header padding"
	}
	if alg, _ := header.Algorithm.(string); !slices.Contains([]string{"EdDSA", "ES256", "RS256", "HS256"}, alg) {
		return "The specified alg value is not allowed"
	}
	if typ, _ := header.Type.(string); strings.HasPrefix(typ, "rt+") {
		return "Only non-refresh tokens are allowed"
	}
	return "Signature verification failed"
}
