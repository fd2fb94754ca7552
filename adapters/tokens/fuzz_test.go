package tokens_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// T025: whatever is put in, Read comes back; what it takes, golang-jwt takes with every option on, and issuing what was
// read gives a token that reads the same.

// FuzzRead is about the string: form and encoding.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"signature", "encryption", "key"} {
		for _, g := range vectors(f, "wycheproof_json_web_"+name+"_test.json").TestGroups {
			for _, v := range g.Tests {
				f.Add(v.JWS + v.JWE)
			}
		}
	}
	f.Add(access(accessHeader(), accessPayload()))
	f.Add(refresh(refreshHeader(), refreshPayload()))
	c := codec(f, ring(f), tokens.Config{})
	f.Fuzz(func(t *testing.T, token string) { hold(t, c, token) })
}

// FuzzReadSigned is about what is within: header and payload are signed as they come.
func FuzzReadSigned(f *testing.F) {
	h, p, rh, rp := accessHeader(), accessPayload(), refreshHeader(), refreshPayload()
	f.Add([]byte(h.String()), []byte(p.String()))
	f.Add([]byte(rh.String()), []byte(rp.String()))
	f.Add([]byte(h.set("typ", `"application/at+jwt"`).String()), []byte(p.set("aud", `["x","porteiro"]`).also("nbf", "1772366401").String()))
	f.Add([]byte(h.also("crit", `["exp"]`).String()), []byte(p.also("x", `{"a":[1e3,{"b":"\ud83d\ude00"}]}`).String()))
	f.Add([]byte(h.also("Kid", `"a2"`).String()), []byte(p.also("EXP", `"1"`).String()))
	f.Add([]byte(rh.also("kid", `"r2"`).String()), []byte(rp.also("cnt", `-1`).String()))
	c := codec(f, ring(f), tokens.Config{})
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		hold(t, c, sign(string(header), string(payload), byAccessKey))
		hold(t, c, sign(string(header), string(payload), byRefreshKey))
	})
}

func hold(t *testing.T, c *tokens.Codec, token string) {
	var read []domain.Kind
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		claims, err := c.Read(kind, token)
		if err != nil {
			if err != domain.TokenInvalid || claims != (domain.Claims{}) {
				t.Fatalf("Read(%s, %q) = %+v, %v", kind, token, claims, err)
			}
			continue
		}
		read = append(read, kind)
		agree(t, token, claims)
		again, err := c.Issue(claims)
		if err != nil {
			t.Fatalf("Read(%s, %q) = %+v, and issuing that: %v", kind, token, claims, err)
		}
		if got, err := c.Read(kind, again); err != nil || got != claims {
			t.Fatalf("Read(%s, %q) = %+v, and issued again it reads %+v, %v", kind, token, claims, got, err)
		}
	}
	switch why := c.Why(token); {
	case len(read) == 0:
		explained(t, c, token)
	case why.Broken != "" || why.Kind != read[0]:
		t.Fatalf("Why(%q) = %+v of what Read takes as %s", token, why, read[0])
	}
	if len(read) > 1 {
		t.Fatalf("%q is of both kinds", token)
	}
}

// agree has golang-jwt read the token at the time from which on it holds.
func agree(t *testing.T, token string, claims domain.Claims) {
	key := func(parsed *jwt.Token) (any, error) {
		switch parsed.Header["kid"] {
		case "a1":
			return private().Public(), nil
		case "r1":
			return derived(), nil
		}
		return nil, errors.New("another key")
	}
	parsed, err := jwt.Parse(token, key, jwt.WithValidMethods([]string{"EdDSA", "HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer("porteiro"), jwt.WithAudience("porteiro"), jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return claims.IssuedAt }))
	if errors.Is(err, jwt.ErrTokenExpired) && !claims.Expires.After(claims.IssuedAt) {
		return // it never holds, and says so itself
	}
	if err != nil {
		t.Fatalf("Read takes %q, golang-jwt does not: %v", token, err)
	}
	said := parsed.Claims.(jwt.MapClaims)
	if subject, err := said.GetSubject(); err != nil || subject != string(claims.Subject) || said["sid"] != string(claims.Session) {
		t.Fatalf("%q is about %s, %s to Read, and about %v to golang-jwt", token, claims.Subject, claims.Session, said)
	}
	if expires, err := said.GetExpirationTime(); err != nil || !expires.Equal(claims.Expires) {
		t.Fatalf("%q expires at %v, and to golang-jwt at %v, %v", token, claims.Expires, expires, err)
	}
}
