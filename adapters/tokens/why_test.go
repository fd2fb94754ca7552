package tokens_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// Every refusal of the other tests is explained too; here is in which words.
func TestWhy(t *testing.T) {
	h, p := accessHeader(), accessPayload()
	good := access(h, p)
	parts := strings.Split(good, ".")
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name, token string
		kind        domain.Kind
		want        string
	}{
		{"nothing", "", "", "there is none"},
		{"a word", "hello", "", "1 parts between dots"},
		{"cut", parts[0] + "." + parts[1], "", "2 parts between dots"},
		{"encrypted", "a.b.c.d.e", "", "JWE"},
		{"in two lines", parts[0] + "\n." + parts[1] + "." + parts[2], "", "white space"},
		{"long", good + strings.Repeat("A", 5000), "", "more than 4096"},
		{"padded", good + "=", "", "its signature is padded"},
		{"the other alphabet", parts[0] + "." + parts[1] + "." + "++++", "", "its signature is in base64 with + or /"},
		{"another last character", parts[0] + "." + parts[1] + "." + "AB", "", "its signature is in another base64"},
		{"no base64", "$." + parts[1] + "." + parts[2], "", "its header is not base64url"},
		{"no JSON", b64("hello") + ".e30.e30", "", "its header is not one JSON object"},
		{"no UTF-8", b64("{\"alg\":\"\xff\"}") + ".e30.e30", "", "its header is not UTF-8"},
		{"two objects", b64("{}{}") + ".e30.e30", "", "its header is not one JSON object"},
		{"alg twice", access(h.also("alg", `"none"`), p), "", "its header has a member twice"},
		{"jku", access(h.also("jku", `"https://example.com"`), p), "", `a member "jku"`},
		{"another service's", access(h.set("typ", `"JWT"`), p), "", `its typ is "JWT"`},
		{"no kid", access(h.without("kid"), p), domain.Access, "names no key"},
		{"unknown key", access(h.set("kid", `"a9"`), p), domain.Access, `has the id "a9"`},
		{"a long name", access(h.set("kid", `"`+long+`"`), p), domain.Access, `"` + long[:64] + `"… that`},
		{"the other key", access(h.set("kid", `"r1"`), p), domain.Access, "is one for refresh tokens"},
		{"none", access(h.set("alg", `"none"`), p), domain.Access, `its alg is "none", and its key's is EdDSA`},
		{"changed", parts[0] + "." + b64(p.set("sub", `"x"`).String()) + "." + parts[2], domain.Access, "its signature is not its key's"},
		{"issuer", access(h, p.set("iss", `"https://other.example"`)), domain.Access, `"https://other.example", and this service's is "porteiro"`},
		{"no issuer", access(h, p.without("iss")), domain.Access, `its issuer (iss) is ""`},
		{"audience", access(h, p.set("aud", `["shop","\u001b[2J"]`)), domain.Access, `is "shop", "\x1b[2J", and`},
		{"no audience", access(h, p.without("aud")), domain.Access, "its audience (aud) is missing"},
		{"exp of another type", access(h, p.set("exp", `"1"`)), domain.Access, `its claim "exp"`},
		{"no exp", access(h, p.without("exp")), domain.Access, "when it expires"},
		{"EXP", access(h, p.also("EXP", "1")), domain.Access, "differs in case"},
		{"sub", access(h, p.set("sub", `"ana@example.com"`)), domain.Access, "no user's id"},
		{"no session", access(h, p.without("sid")), domain.Access, "names no session"},
		{"long life", access(h, p.set("exp", "1872366401")), domain.Access, "longer than any access token may: 24h0m0s"},
		{"no count", refresh(refreshHeader(), refreshPayload().without("cnt")), domain.Refresh, "(cnt)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			why := codec(t, ring(t), tokens.Config{}).Why(c.token)
			if why.Kind != c.kind || !strings.Contains(why.Broken, c.want) {
				t.Errorf("got %+v, want %q and %q", why, c.kind, c.want)
			}
		})
	}
}

func TestWhyNothing(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	for kind, token := range map[domain.Kind]string{
		domain.Access: access(accessHeader(), accessPayload()), domain.Refresh: refresh(refreshHeader(), refreshPayload()),
	} {
		if why := c.Why(token); why.Kind != kind || why.Broken != "" || why.Key == "" || why.Algorithm == "" {
			t.Errorf("%s: got %+v", kind, why)
		}
	}
}
