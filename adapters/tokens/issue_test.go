package tokens_test

import (
	"crypto/ed25519"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func issue(t *testing.T, c application.Tokens, claims domain.Claims) string {
	t.Helper()
	token, err := c.Issue(claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func decoded(t *testing.T, segment string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(unb64(t, segment)), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// RFC 9068 section 2.2; nothing personal, and nothing that may change while the token lives.
func TestT026TokensHoldExactlyTheseMembers(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	h, p, s := parts(issue(t, c, accessClaims()))
	if diff := cmp.Diff(map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": "a1"}, decoded(t, h)); diff != "" {
		t.Errorf("header of an access token (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"iss": "porteiro", "aud": "porteiro", "sub": user, "sid": session, "client_id": "porteiro", "jti": "j-1",
		"iat": float64(iat), "exp": float64(iat + 900),
	}
	if diff := cmp.Diff(want, decoded(t, p)); diff != "" {
		t.Errorf("claims of an access token (-want +got):\n%s", diff)
	}
	if !ed25519.Verify(private().Public().(ed25519.PublicKey), []byte(h+"."+p), []byte(unb64(t, s))) {
		t.Error("the signature does not hold for crypto/ed25519")
	}
	h, p, s = parts(issue(t, c, refreshClaims()))
	if diff := cmp.Diff(map[string]any{"alg": "HS256", "typ": "rt+jwt", "kid": "r1"}, decoded(t, h)); diff != "" {
		t.Errorf("header of a refresh token (-want +got):\n%s", diff)
	}
	want = map[string]any{
		"iss": "porteiro", "aud": "porteiro", "sub": user, "sid": session, "cnt": 3.0, "iat": float64(iat), "exp": float64(iat + 2592000),
	}
	if diff := cmp.Diff(want, decoded(t, p)); diff != "" {
		t.Errorf("claims of a refresh token (-want +got):\n%s", diff)
	}
	if s != b64(string(byRefreshKey(h+"."+p))) {
		t.Error("the MAC is not that of the derived key")
	}
}

// A retry is answered with the same refresh token, maybe by a node of another version: these bytes do not change.
func TestRefreshTokensAreTheSameInEveryVersion(t *testing.T) {
	const want = "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCIsImtpZCI6InIxIn0." +
		"eyJpc3MiOiJwb3J0ZWlybyIsImF1ZCI6InBvcnRlaXJvIiwic3ViIjoiMDE5OGYyYTAtMTExMS03YWJjLThkZWYtMDAwMDAwMDAwMDAxIiwi" +
		"c2lkIjoiMDE5OGYyYTAtMjIyMi03YWJjLThkZWYtMDAwMDAwMDAwMDAyIiwiY250IjozLCJpYXQiOjE3NzIzNjY0MDAsImV4cCI6MTc3NDk1" +
		"ODQwMH0.mznmaabdaCy2yI1Ru7rdgQ2ZIf_WJRbacLJiIa70mg8"
	if got := issue(t, codec(t, ring(t), tokens.Config{}), refreshClaims()); got != want {
		t.Errorf("the refresh token is\n%s, want\n%s", got, want)
	}
}

func TestSeveralAudiencesAreAnArray(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{Audience: []string{"api", "admin"}})
	_, p, _ := parts(issue(t, c, accessClaims()))
	if diff := cmp.Diff([]any{"api", "admin"}, decoded(t, p)["aud"]); diff != "" {
		t.Errorf("aud (-want +got):\n%s", diff)
	}
}

func TestIssueRefusesWhatReadWould(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	change := func(claims domain.Claims, f func(*domain.Claims)) domain.Claims {
		f(&claims)
		return claims
	}
	rows := map[string]domain.Claims{
		"no kind":             change(accessClaims(), func(c *domain.Claims) { c.Kind = "" }),
		"an unknown kind":     change(accessClaims(), func(c *domain.Claims) { c.Kind = "id" }),
		"a subject":           change(accessClaims(), func(c *domain.Claims) { c.Subject = "alice@example.com" }),
		"a session":           change(refreshClaims(), func(c *domain.Claims) { c.Session = "S" }),
		"an id with a quote":  change(accessClaims(), func(c *domain.Claims) { c.ID = `"` }),
		"an id of no UTF-8":   change(accessClaims(), func(c *domain.Claims) { c.ID = "\xff" }),
		"a long id":           change(accessClaims(), func(c *domain.Claims) { c.ID = strings.Repeat("a", 129) }),
		"a negative count":    change(refreshClaims(), func(c *domain.Claims) { c.Count = -1 }),
		"a count past 31 bit": change(refreshClaims(), func(c *domain.Claims) { c.Count = math.MaxInt32 + 1 }),
		"no times":            {Kind: domain.Access, Subject: user, Session: session, ID: "j-1"},
		"before 1970":         change(accessClaims(), func(c *domain.Claims) { c.IssuedAt = time.Unix(-1, 0); c.Expires = time.Unix(1, 0) }),
		"over before 1970":    change(accessClaims(), func(c *domain.Claims) { c.Expires = time.Unix(-1, 0) }),
		"13 digits, issued":   change(refreshClaims(), func(c *domain.Claims) { c.IssuedAt = time.Unix(1e12, 0) }),
		"13 digits":           change(refreshClaims(), func(c *domain.Claims) { c.Expires = time.Unix(1e12, 0) }),
		"too long a life":     change(accessClaims(), func(c *domain.Claims) { c.Expires = start.Add(25 * time.Hour) }),
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		t.Run(name, func(t *testing.T) {
			if token, err := c.Issue(rows[name]); err == nil || token != "" {
				t.Errorf("Issue made %q, and the error %v", token, err)
			}
		})
	}
}

func TestNewRefusesSettingsThatCannotBe(t *testing.T) {
	rows := map[string]tokens.Config{
		"an issuer of no UTF-8":     {Issuer: "\xff"},
		"a client id with a quote":  {ClientID: `"`},
		"a client id with a space":  {ClientID: "a b"},
		"a long client id":          {ClientID: strings.Repeat("a", 129)},
		"an empty audience":         {Audience: []string{"a", ""}},
		"an audience twice":         {Audience: []string{"a", "b", "a"}},
		"an audience of no UTF-8":   {Audience: []string{"\xff"}},
		"half a second":             {MaxAccess: time.Second / 2},
		"an issuer of three kB":     {Issuer: strings.Repeat("a", 3000)},
		"audiences of three kB":     {Audience: []string{strings.Repeat("a", 1500), strings.Repeat("b", 1500)}},
		"an issuer that is escaped": {Issuer: strings.Repeat("\x01", 500)},
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		t.Run(name, func(t *testing.T) {
			config := rows[name]
			config.At = start
			if c, err := tokens.New(ring(t), config); err == nil || c != nil {
				t.Errorf("New gave %v and the error %v", c, err)
			}
		})
	}
}

func TestSettingsAreCopied(t *testing.T) {
	audience := []string{"api"}
	keys := ring(t)
	c := codec(t, keys, tokens.Config{Audience: audience})
	before := issue(t, c, refreshClaims())
	audience[0] = "other"
	for i := range keys {
		for j := range keys[i].Private {
			keys[i].Private[j] = 0
		}
	}
	if after := issue(t, c, refreshClaims()); after != before {
		t.Error("a codec changed with what it was made of")
	}
	accept(t, c, domain.Refresh, before)
	accept(t, c, domain.Access, issue(t, c, accessClaims()))
}
