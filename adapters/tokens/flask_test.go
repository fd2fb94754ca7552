package tokens_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

const (
	flaskSecret = "a-secret-of-the-flask-app-of-32-b"
	// flaskToken is one that flask-jwt-extended 4.7 made with PyJWT 2.6.
	flaskToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmcmVzaCI6ZmFsc2UsImlhdCI6MTc5NTE3NjAwMSwianRpIjoiOWI0ZDYwYmMtZTQ3YS00OWEyLThlMWItMTVhYzEwZjU2ZjBjIiwidHlwZSI6ImFjY2VzcyIsInN1YiI6InNjcnlwdEBleGFtcGxlLmNvbSIsIm5iZiI6MTc5NTE3NjAwMSwiY3NyZiI6Ijk0YTM4Yjc5LWQxOTMtNDgyNy1iNzc4LTY3NjcxNjNiMDI1NyIsImV4cCI6MjExMDgyMDgyOH0.yG1HRj5r6rESU5BEF_QfJICgIt49wGGeZHsCkuTOrGg"

	jwtHeader = `{"alg":"HS256","typ":"JWT"}`
	jwtClaims = `{"fresh":false,"iat":1795176001,"jti":"9b4d60bc","type":"access","sub":"ana@example.com","nbf":1795176001,"exp":2110820828}`
)

var flaskDay = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

func flaskReader(t *testing.T, until time.Time) *tokens.Flask {
	t.Helper()
	f, err := tokens.NewFlask([]byte(flaskSecret), until, func() time.Time { return flaskDay })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func flaskSigned(header, claims, secret string, sum func() hash.Hash) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	h := hmac.New(sum, []byte(secret))
	h.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func TestFlaskReadsWhatFlaskMade(t *testing.T) {
	f := flaskReader(t, flaskDay.AddDate(100, 0, 0))
	got, err := f.Read(domain.Access, flaskToken)
	if err != nil {
		t.Fatal(err)
	}
	begun, ends := time.Unix(1795176001, 0).UTC(), time.Unix(2110820828, 0).UTC()
	want := domain.Former{Subject: "scrypt@example.com", LoggedIn: begun, Keep: ends}
	if *got.Former != want || got.Subject != "" || got.Kind != domain.Access || !got.IssuedAt.Equal(begun) || !got.Expires.Equal(ends) {
		t.Errorf("%+v %+v", got, *got.Former)
	}
	if _, err := domain.ParseSessionID(string(got.Session)); err != nil || got.Session[14] != '8' {
		t.Errorf("its session is %q", got.Session)
	}
	if again, _ := f.Read(domain.Access, flaskToken); again.Session != got.Session {
		t.Error("its session is another one the second time")
	}
	if _, err := f.Read(domain.Refresh, flaskToken); !errors.Is(err, domain.TokenInvalid) {
		t.Errorf("as a refresh token: %v", err)
	}
	until := flaskDay.AddDate(0, 1, 0)
	if got, _ := flaskReader(t, until).Read(domain.Access, flaskToken); !got.Expires.Equal(until) || !got.Former.Keep.Equal(ends) {
		t.Errorf("until %v: %+v", until, got)
	}
	if f.Weak() != nil {
		t.Error("its secret is weak")
	}
}

func TestFlaskReadsOtherForms(t *testing.T) {
	f := flaskReader(t, flaskDay.AddDate(100, 0, 0))
	for name, c := range map[string]struct {
		from, to, subject string
		kind              domain.Kind
	}{
		"an id in text":           {`"sub":"ana@example.com"`, `"sub":"17"`, "17", domain.Access},
		"an id as a number":       {`"sub":"ana@example.com"`, `"sub":17`, "17", domain.Access},
		"an address in Unicode":   {`"sub":"ana@example.com"`, `"sub":"n\u00e3o@example.com"`, "não@example.com", domain.Access},
		"a refresh token":         {`"access"`, `"refresh"`, "ana@example.com", domain.Refresh},
		"unknown claims":          {`"fresh":false`, `"fresh":"2027","user_claims":{"a":[1]},"iss":"app"`, "ana@example.com", domain.Access},
		"without an nbf":          {`"nbf":1795176001,`, ``, "ana@example.com", domain.Access},
		"with a space before it":  {`{"fresh"`, ` {"fresh"`, "ana@example.com", domain.Access},
		"an expiry far from here": {`2110820828`, `999999999999`, "ana@example.com", domain.Access},
	} {
		got, err := f.Read(c.kind, flaskSigned(jwtHeader, strings.Replace(jwtClaims, c.from, c.to, 1), flaskSecret, sha256.New))
		if err != nil || got.Former.Subject != c.subject || (got.Count == -1) != (c.kind == domain.Refresh) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := f.Read(domain.Access, flaskSigned(jwtHeader, strings.Replace(jwtClaims, `,"exp":2110820828`, "", 1), flaskSecret, sha256.New))
	if err != nil || got.Former.Keep.Year() != 9999 || !got.Expires.Equal(flaskDay.AddDate(100, 0, 0)) {
		t.Errorf("without an expiry: %+v, %v", got, err)
	}
	late := strings.Replace(jwtClaims, `"nbf":1795176001`, `"nbf":1795176500`, 1)
	if got, err := f.Read(domain.Access, flaskSigned(jwtHeader, late, flaskSecret, sha256.New)); err != nil || got.IssuedAt.Unix() != 1795176500 || got.Former.LoggedIn.Unix() != 1795176001 {
		t.Errorf("that begins later: %+v, %v", got, err)
	}
}

func TestFlaskRefusesAnythingElse(t *testing.T) {
	f := flaskReader(t, flaskDay.AddDate(100, 0, 0))
	claims := func(from, to string) string {
		if !strings.Contains(jwtClaims, from) {
			t.Fatalf("no claims have %s", from)
		}
		return flaskSigned(jwtHeader, strings.Replace(jwtClaims, from, to, 1), flaskSecret, sha256.New)
	}
	headed := func(header string) string { return flaskSigned(header, jwtClaims, flaskSecret, sha256.New) }
	whole := headed(jwtHeader)
	if _, err := f.Read(domain.Access, whole); err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"none":                    "",
		"another secret":          flaskSigned(jwtHeader, jwtClaims, "another", sha256.New),
		"an empty secret":         flaskSigned(jwtHeader, jwtClaims, "", sha256.New),
		"alg none":                headed(`{"alg":"none","typ":"JWT"}`),
		"no signature":            whole[:strings.LastIndexByte(whole, '.')+1],
		"alg in another case":     headed(`{"alg":"hs256","typ":"JWT"}`),
		"another alg":             flaskSigned(`{"alg":"HS512","typ":"JWT"}`, jwtClaims, flaskSecret, sha512.New),
		"no alg":                  headed(`{"typ":"JWT"}`),
		"no typ":                  headed(`{"alg":"HS256"}`),
		"our typ":                 headed(`{"alg":"HS256","typ":"at+jwt"}`),
		"typ in another case":     headed(`{"alg":"HS256","typ":"jwt"}`),
		"a kid":                   headed(`{"alg":"HS256","typ":"JWT","kid":"a"}`),
		"crit":                    headed(`{"alg":"HS256","typ":"JWT","crit":["exp"]}`),
		"jwk":                     headed(`{"alg":"HS256","typ":"JWT","jwk":{}}`),
		"alg twice":               headed(`{"alg":"none","alg":"HS256","typ":"JWT"}`),
		"an audience":             claims(`"fresh":false`, `"aud":"others"`),
		"sub twice":               claims(`"fresh":false`, `"sub":"bea@example.com"`),
		"Sub":                     claims(`"fresh":false`, `"Sub":"bea@example.com"`),
		"Type":                    claims(`"fresh":false`, `"Type":"refresh"`),
		"type twice":              claims(`"fresh":false`, `"type":"refresh"`),
		"no type":                 claims(`"type":"access",`, ``),
		"another type":            claims(`"type":"access"`, `"type":"id"`),
		"no sub":                  claims(`"sub":"ana@example.com",`, ``),
		"an empty sub":            claims(`"ana@example.com"`, `""`),
		"a sub with a NUL":        claims(`"ana@example.com"`, `"ana@example.com\u0000"`),
		"half a surrogate in sub": claims(`"ana@example.com"`, `"\ud800@example.com"`),
		"a sub of no length":      claims(`"ana@example.com"`, `"`+strings.Repeat("a", 400)+`@example.com"`),
		"a sub that is an object": claims(`"ana@example.com"`, `{"id":1}`),
		"a fraction for an id":    claims(`"ana@example.com"`, `1.5`),
		"an id below zero":        claims(`"ana@example.com"`, `-1`),
		"an id of zeros":          claims(`"ana@example.com"`, `0`),
		"no iat":                  claims(`"iat":1795176001,`, ``),
		"iat in text":             claims(`"iat":1795176001`, `"iat":"1795176001"`),
		"iat with a fraction":     claims(`"iat":1795176001`, `"iat":1795176001.5`),
		"exp in text":             claims(`"exp":2110820828`, `"exp":"2110820828"`),
		"exp null":                claims(`"exp":2110820828`, `"exp":null`),
		"no jti":                  claims(`"jti":"9b4d60bc",`, ``),
		"no JSON":                 claims(jwtClaims, `ana`),
		"two objects":             claims(jwtClaims, jwtClaims+jwtClaims),
		"a line end":              whole + "\n",
		"more than 4 KiB":         claims(`"fresh":false`, `"fresh":"`+strings.Repeat("x", 4<<10)+`"`),
	} {
		for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
			if got, err := f.Read(kind, token); !errors.Is(err, domain.TokenInvalid) || got != (domain.Claims{}) {
				t.Errorf("%s as a token of the kind %s: %+v, %v", name, kind, got, err)
			}
		}
	}
}

func TestFlaskTokensEndWithTheirDate(t *testing.T) {
	for until, want := range map[time.Time]error{flaskDay.Add(time.Nanosecond): nil, flaskDay: domain.TokenInvalid, flaskDay.Add(-time.Hour): domain.TokenInvalid} {
		if _, err := flaskReader(t, until).Read(domain.Access, flaskToken); !errors.Is(err, want) {
			t.Errorf("until %v: %v", until, err)
		}
	}
}

func TestFlaskSecrets(t *testing.T) {
	if _, err := tokens.NewFlask(nil, flaskDay, nil); err == nil {
		t.Error("an empty secret is taken")
	}
	for _, secret := range []string{"x", strings.Repeat("x", 40), "super-secret"} {
		f, err := tokens.NewFlask([]byte(secret), flaskDay.AddDate(1, 0, 0), func() time.Time { return flaskDay })
		if err != nil || f.Weak() == nil {
			t.Errorf("%q: %v", secret, err)
			continue
		}
		if _, err := f.Read(domain.Access, flaskSigned(jwtHeader, jwtClaims, secret, sha256.New)); err != nil {
			t.Errorf("with %q: %v", secret, err)
		}
	}
}
