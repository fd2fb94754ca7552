package openapitest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/openapitest"
)

// TestCheck: what is described passes, and each way of answering something else is found.
func TestCheck(t *testing.T) {
	document, err := openapitest.Load("../../adapters/httpapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	problem := func(code string) string {
		return `{"type":"about:blank","title":"T","status":401,"detail":"D","instance":"urn:porteiro:request:a","code":"` + code + `","msg":"M"}`
	}
	const (
		bearer  = `Bearer realm="porteiro"`
		invalid = bearer + `, error="invalid_token", error_description="The token does not hold"`
		me      = `{"id":"018f0000-0000-7000-8000-000000000001","email":"ana@example.com","roles":[],"login_time":"2030-01-02T03:04:05Z","session":"018f0000-0000-7000-8000-000000000002"}`
		tokens  = `{"access_token":"a","refresh_token":"r","token_type":"Bearer","expires_in":1,"refresh_expires_in":2}`
		session = "/sessions/018f0000-0000-7000-8000-000000000002"
	)
	for _, c := range []struct {
		what, request string
		status        int
		header        string // "Name: value; Name: value", without the media type
		body, fault   string
	}{
		{"an answer", "GET /me", 200, "", me, ""},
		{"HEAD", "HEAD /me", 200, "", "", ""},
		{"tokens", "POST /login", 200, "", tokens, ""},
		{"tokens in cookies", "POST /login", 200, "Set-Cookie: a=b", `{"expires_in":1,"refresh_expires_in":2}`, ""},
		{"a refusal", "GET /me", 401, "WWW-Authenticate: " + invalid, problem("token_revoked"), ""},
		{"no such path", "GET /admin", 404, "", problem("not_found"), ""},
		{"no such method", "PUT /me", 405, "Allow: GET, HEAD", problem("method_not_allowed"), ""},
		{"any method", "BREW /authorize", 401, "WWW-Authenticate: " + bearer, problem("token_missing"), ""},
		{"no body", "DELETE " + session, 204, "", "", ""},

		{"another status", "GET /me", 201, "", me, "status 201 is not described"},
		{"a path that should not be", "GET /admin", 200, "", me, "status is 200 and not 404"},
		{"a method that should not be", "PUT /me", 200, "", me, "status is 200 and not 405"},
		{"a member more", "GET /me", 200, "", strings.Replace(me, `{"id"`, `{"password":"x","id"`, 1), "password"},
		{"a member less", "GET /me", 200, "", strings.Replace(me, `"roles":[],`, "", 1), "roles"},
		{"a member of another type", "GET /me", 200, "", strings.Replace(me, `[]`, `null`, 1), "roles"},
		{"no id", "GET /me", 200, "", strings.Replace(me, "018f0000-0000-7000-8000-000000000001", "ana", 1), "uuid"},
		{"half a pair", "POST /login", 200, "", `{"access_token":"a","expires_in":1,"refresh_expires_in":2}`, "refresh_token"},
		{"a code of others", "POST /login", 401, "WWW-Authenticate: " + bearer, problem("token_revoked"), "invalid_credentials"},
		{"no challenge", "GET /me", 401, "", problem("token_revoked"), "Www-Authenticate is missing"},
		{"another challenge", "GET /me", 401, "WWW-Authenticate: Basic", problem("token_revoked"), "Www-Authenticate"},
		{"a header that is not described", "GET /me", 200, "X-Auth-User: ana", me, "X-Auth-User is not described"},
		{"a gateway's header missing", "GET /authorize", 200, "X-Auth-User: a; X-Auth-Email: b; X-Auth-Session: c", me, "X-Auth-Roles is missing"},
		{"no Retry-After", "POST /login", 503, "", problem("unavailable"), "Retry-After is missing"},
		{"a Retry-After of 0", "POST /login", 429, "Retry-After: 0", problem("too_many_attempts"), "Retry-After"},
		{"a body where none is", "DELETE " + session, 204, "", "{}", "no body is described"},
		{"no JSON", "GET /me", 200, "", "welcome", "the body"},
		{"a private key", "GET /.well-known/jwks.json", 200, "", `{"keys":[{"kty":"OKP","kid":"k","use":"sig","alg":"EdDSA","d":"secret"}]}`, "not"},
	} {
		h := http.Header{}
		if c.header != "" {
			for pair := range strings.SplitSeq(c.header, "; ") {
				name, value, _ := strings.Cut(pair, ": ")
				h.Add(name, value)
			}
		}
		switch {
		case c.status >= 400:
			h.Set("Content-Type", "application/problem+json")
		case strings.Contains(c.request, "jwks"):
			h.Set("Content-Type", "application/jwk-set+json")
		default:
			h.Set("Content-Type", "application/json")
		}
		method, path, _ := strings.Cut(c.request, " ")
		err := document.Check(method, path, c.status, h, []byte(c.body))
		switch {
		case c.fault == "" && err != nil:
			t.Errorf("%s: %v", c.what, err)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%s: got %v, want %q", c.what, err, c.fault)
		}
	}
	h := http.Header{"Content-Type": {"text/html"}}
	if err := document.Check("GET", "/me", 200, h, []byte(me)); err == nil || !strings.Contains(err.Error(), "text/html") {
		t.Errorf("another media type: %v", err)
	}
}

// TestParse: a document that is none is refused.
func TestParse(t *testing.T) {
	for what, text := range map[string]string{
		"no JSON":     `{`,
		"OpenAPI 3.0": `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{}}`,
		"no info":     `{"openapi":"3.1.0","paths":{}}`,
		"no such ref": `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/components/responses/X"}}}}}}`,
	} {
		if _, err := openapitest.Parse([]byte(text)); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
