package tokens_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

func accessClaims() domain.Claims {
	return domain.Claims{
		Kind: domain.Access, Subject: user, Session: session, ID: "j-1", IssuedAt: start, Expires: start.Add(15 * time.Minute),
	}
}

func refreshClaims() domain.Claims {
	return domain.Claims{
		Kind: domain.Refresh, Subject: user, Session: session, Count: 3, IssuedAt: start, Expires: start.Add(30 * 24 * time.Hour),
	}
}

// Without this test the attacks could be refused for being forged badly.
func TestForgedTokensThatHoldAreRead(t *testing.T) {
	later := accessClaims()
	later.IssuedAt = start.Add(10 * time.Second)
	atOnce := accessClaims()
	atOnce.Expires = atOnce.IssuedAt
	decade := refreshClaims()
	decade.Expires = start.AddDate(10, 0, 0)
	h, p, rh, rp := accessHeader(), accessPayload(), refreshHeader(), refreshPayload()
	rows := []struct {
		name  string
		token string
		want  domain.Claims
	}{
		{"T001 control", access(h, p), accessClaims()},
		{"control, refresh", refresh(rh, rp), refreshClaims()},
		{"another order", access(object{h[2], h[0], h[1]}, append(p[4:len(p):len(p)], p[:4]...)), accessClaims()},
		{"spaces in the JSON", sign(strings.ReplaceAll(h.String(), ":", " :\n\t"), " "+p.String()+"\r\n", byAccessKey), accessClaims()},
		{"escapes in the JSON", access(h, p.without("iss").first(`\u0069ss`, `"\u0070orteiro"`)), accessClaims()},
		{"T021 the long typ", access(h.set("typ", `"application/at+jwt"`), p), accessClaims()},
		{"T019 an audience of several", access(h, p.set("aud", `["other","porteiro"]`)), accessClaims()},
		{"T019 an audience of one in an array", access(h, p.set("aud", `["porteiro"]`)), accessClaims()},
		{"T019 an audience that is there twice", access(h, p.set("aud", `["porteiro","porteiro"]`)), accessClaims()},
		{"unknown claims", access(h, p.also("x", "null").also("amr", `[{"pwd":1.5e3}]`).also("futureClaim", "-1").also("é", `"é😀"`)), accessClaims()},
		{"claims of the other kind", access(h, p.also("cnt", "5")), accessClaims()},
		{"another client's token", access(h, p.set("client_id", `"https://client.example/a"`)), accessClaims()},
		{"T015 nbf equal to iat", access(h, p.also("nbf", "1772366400")), accessClaims()},
		{"T015 nbf before iat", access(h, p.also("nbf", "0")), accessClaims()},
		{"T016 nbf after iat: it holds from then on", access(h, p.also("nbf", "1772366410")), later},
		{"T016 exp equal to iat", access(h, p.set("exp", "1772366400")), atOnce},
		{"a session of ten years", refresh(rh, rp.set("exp", "2087985600")), decade},
	}
	c := codec(t, ring(t), tokens.Config{})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := accept(t, c, row.want.Kind, row.token)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNumbersAtTheirBounds(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{MaxAccess: -1})
	got := accept(t, c, domain.Access, access(accessHeader(), accessPayload().set("iat", "0").set("exp", "999999999999")))
	if got.IssuedAt.Unix() != 0 || got.Expires.Unix() != 999999999999 {
		t.Errorf("times are %v and %v", got.IssuedAt, got.Expires)
	}
	got = accept(t, c, domain.Refresh, refresh(refreshHeader(), refreshPayload().set("cnt", "2147483647")))
	if got.Count != 2147483647 {
		t.Errorf("count is %d", got.Count)
	}
}

func TestSettingsAreCompared(t *testing.T) {
	theirs := tokens.Config{Issuer: "https://id.example/\"é\"", Audience: []string{"api", "admin"}, ClientID: "web"}
	c := codec(t, ring(t), theirs)
	for _, claims := range []domain.Claims{accessClaims(), refreshClaims()} {
		token, err := c.Issue(claims)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(claims, accept(t, c, claims.Kind, token)); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		for _, audience := range []string{"api", "admin"} { // one of them is enough
			one := codec(t, ring(t), tokens.Config{Issuer: theirs.Issuer, Audience: []string{audience}})
			accept(t, one, claims.Kind, token)
		}
		refuse(t, codec(t, ring(t), tokens.Config{}), token)
		refuse(t, codec(t, ring(t), tokens.Config{Issuer: theirs.Issuer}), token)
		refuse(t, codec(t, ring(t), tokens.Config{Audience: theirs.Audience}), token)
	}
}

func TestCeilingOfAccessTokens(t *testing.T) {
	day := codec(t, ring(t), tokens.Config{})
	hour := codec(t, ring(t), tokens.Config{MaxAccess: time.Hour})
	none := codec(t, ring(t), tokens.Config{MaxAccess: -1})
	claims := accessClaims()
	claims.Expires = start.Add(time.Hour)
	token, err := day.Issue(claims)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, hour, domain.Access, token) // the ceiling itself
	claims.Expires = start.Add(time.Hour + time.Second)
	if token, err = day.Issue(claims); err != nil {
		t.Fatal(err)
	}
	refuse(t, hour, token)
	accept(t, none, domain.Access, token)
	if _, err := hour.Issue(claims); err == nil {
		t.Error("a codec issued a token that it does not read")
	}
	claims.Expires = start.Add(tokens.DefaultMaxAccess + time.Second)
	if token, err = none.Issue(claims); err != nil {
		t.Fatal(err)
	}
	refuse(t, day, token)
}
