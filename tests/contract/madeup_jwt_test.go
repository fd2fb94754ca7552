package contract

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// madeUpJWT is a codec of JSON Web Tokens with nothing but the standard library.
type madeUpJWT struct {
	private ed25519.PrivateKey // of access tokens
	secret  []byte             // of refresh tokens
}

func newMadeUpJWT() madeUpJWT {
	_, private, _ := ed25519.GenerateKey(rand.Reader) // crypto/rand does not fail
	return madeUpJWT{private, []byte(rand.Text())}
}

// written is the claims of a token as they are in it.
type written struct {
	Issuer   string           `json:"iss"`
	Audience string           `json:"aud"`
	Subject  domain.UserID    `json:"sub"`
	Client   string           `json:"client_id"`
	Session  domain.SessionID `json:"sid"`
	ID       string           `json:"jti,omitempty"`
	Count    int              `json:"count,omitempty"`
	IssuedAt int64            `json:"iat"`
	Expires  int64            `json:"exp"`
}

var segment = base64.RawURLEncoding.Strict()

func head(kind domain.Kind) string {
	if kind == domain.Access {
		return segment.EncodeToString([]byte(`{"alg":"EdDSA","typ":"at+jwt","kid":"a"}`))
	}
	return segment.EncodeToString([]byte(`{"alg":"HS256","typ":"rt+jwt","kid":"r"}`))
}

func (j madeUpJWT) sign(kind domain.Kind, input string) []byte {
	if kind == domain.Access {
		return ed25519.Sign(j.private, []byte(input))
	}
	h := hmac.New(sha256.New, j.secret)
	h.Write([]byte(input))
	return h.Sum(nil)
}

func (j madeUpJWT) Issue(c domain.Claims) (string, error) {
	if c.Kind != domain.Access && c.Kind != domain.Refresh {
		return "", errors.New("no such kind")
	}
	b, err := json.Marshal(written{"i", "a", c.Subject, "c", c.Session, c.ID, c.Count, c.IssuedAt.Unix(), c.Expires.Unix()})
	input := head(c.Kind) + "." + segment.EncodeToString(b)
	return input + "." + segment.EncodeToString(j.sign(c.Kind, input)), err
}

// Read makes the token anew: there is one way to write it.
func (j madeUpJWT) Read(kind domain.Kind, token string) (domain.Claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > 4<<10 {
		return domain.Claims{}, domain.TokenInvalid
	}
	b, err := segment.DecodeString(parts[1])
	var w written
	if err != nil || json.Unmarshal(b, &w) != nil || w.Subject == "" {
		return domain.Claims{}, domain.TokenInvalid
	}
	c := domain.Claims{
		Kind: kind, Subject: w.Subject, Session: w.Session, ID: w.ID, Count: w.Count,
		IssuedAt: time.Unix(w.IssuedAt, 0).UTC(), Expires: time.Unix(w.Expires, 0).UTC(),
	}
	if anew, err := j.Issue(c); err != nil || !hmac.Equal([]byte(anew), []byte(token)) { // Ed25519 is deterministic
		return domain.Claims{}, domain.TokenInvalid
	}
	return c, nil
}

// published is the JWK Set.
func (j madeUpJWT) published() string {
	public := j.private.Public().(ed25519.PublicKey)
	return `{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"a","x":"` + segment.EncodeToString(public) + `"}]}`
}
