package e2e_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryOperationIsAnsweredAsDescribed calls every operation of the document once, well and badly; ask holds each
// answer to it, here and in every other test.
func TestEveryOperationIsAnsweredAsDescribed(t *testing.T) {
	for name, args := range map[string][]string{
		"plain":       nil,
		"a base path": {"--base-path", "/auth"},
		"cookies":     {"--cookies", "--cookie-domain", "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
			n := serve(t, location, append(args, "--issuer", "https://id.example")...)
			done := map[string]bool{}
			ask := func(operation, path, token, body string) answer {
				t.Helper()
				method, _, _ := strings.Cut(operation, " ")
				if method == "*" {
					method = "PATCH"
				}
				n.ask(method, path, "a.b.c", "[")
				n.ask(method, path+"?role=%00&scope=x&access_token=y", token, "")
				n.ask("BREW", path, token, body)
				n.ask("HEAD", path, token, "")
				a := n.ask(method, path, token, body)
				if a.status >= 300 {
					t.Errorf("%s: %d %s", operation, a.status, a.body)
				}
				done[operation] = true
				return a
			}
			ask("POST /register", "/register", "", credentials)
			_, refresh := tokensOf(ask("POST /login", "/login", "", credentials))
			access, _ := tokensOf(ask("POST /refresh", "/refresh", refresh, ""))
			ask("GET /protected", "/protected", access, "")
			id := ask("GET /me", "/me", access, "").text("session")
			ask("* /authorize", "/authorize", access, "")
			ask("GET /sessions", "/sessions", access, "")
			ask("POST /me/email", "/me/email", access, credentials)
			access, _ = tokensOf(ask("POST /password", "/password", access, `{"current_password":"correct horse battery","new_password":"correct horse battery"}`))
			secret, errs, _ := porteiro(t, "", "client", "add", "gate", "--database-url", location)
			secret = strings.TrimSpace(secret)
			for _, path := range []string{"/introspect", "/revoke"} {
				n.ask("POST", path, access, "[")
				n.asks(path, "gate", "another", access)
				if a := n.asks(path, "gate", secret, access+"x"); a.status != 200 {
					t.Errorf("%s: %d %s, %s", path, a.status, a.body, errs)
				}
				done["POST "+path] = true
			}
			n.asks("/introspect", "gate", secret, access)
			ask("DELETE /sessions/{id}", "/sessions/"+id, access, "")
			ask("POST /logout", "/logout?scope=local", access, "")
			access, _ = tokensOf(n.ask("POST", "/login", "", credentials))
			ask("DELETE /me", "/me", access, `{"password":"correct horse battery"}`)
			for _, path := range []string{"/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/openapi.json", "/healthz", "/readyz"} {
				ask("GET "+path, path, "", "")
			}
			var all []string
			for operation := range done {
				all = append(all, operation)
			}
			slices.Sort(all)
			if diff := cmp.Diff(document.Operations(), all); diff != "" {
				t.Errorf("operations (-document +answered):\n%s", diff)
			}
		})
	}
}

// tokensOf takes a pair out of an answer, from its cookies where they are there.
func tokensOf(a answer) (access, refresh string) {
	access, refresh = a.text("access_token"), a.text("refresh_token")
	for _, cookie := range a.header.Values("Set-Cookie") {
		name, value, _ := strings.Cut(cookie, "=")
		value, _, _ = strings.Cut(value, ";")
		switch name {
		case "__Secure-access_token":
			access = value
		case "__Secure-refresh_token":
			refresh = value
		}
	}
	return access, refresh
}
