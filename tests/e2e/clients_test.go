package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// stores is a place for a database in each kind of store.
func stores() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	}
}

// asks sends a form as a program with credentials does.
func (n *node) asks(path, id, secret, token string) answer {
	n.t.Helper()
	r, err := http.NewRequest("POST", n.url+path, strings.NewReader(url.Values{"token": {token}}.Encode()))
	if err != nil {
		n.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: string(b)}
	json.Unmarshal(b, &a.member)
	if fault := document.Check("POST", described(path), a.status, a.header, b); fault != nil {
		n.t.Errorf("%s: %d is not as openapi.json has it: %v", path, a.status, fault)
	}
	return a
}

// T095, T096: from porteiro client add to a revoked token, over either store.
func TestClients(t *testing.T) {
	for name, location := range stores() {
		t.Run(name, func(t *testing.T) { clients(t, location(t)) })
	}
}

func clients(t *testing.T, location string) {
	n := serve(t, location, "--issuer", "https://id.example")
	n.ask("POST", "/register", "", credentials)
	access, refresh := n.login()
	client := func(code int, args ...string) (stdout, stderr string) {
		t.Helper()
		out, errs, got := porteiro(t, "", append(append([]string{"client"}, args...), "--database-url", location)...)
		if got != code {
			t.Fatalf("client %v: exit %d: %s%s", args, got, out, errs)
		}
		return out, errs
	}
	out, errs := client(0, "add", "gate")
	secret := strings.TrimSuffix(out, "\n")
	if len(secret) != 43 || strings.Contains(errs, secret) || !strings.Contains(errs, "gate") {
		t.Fatalf("add says %q and %q", out, errs)
	}
	if _, errs := client(1, "add", "gate"); !strings.Contains(errs, "there is a client gate already") {
		t.Errorf("add again says %q", errs)
	}
	if _, errs := client(2, "add", "Gate Keeper"); !strings.Contains(errs, "a-z 0-9") {
		t.Errorf("add of no name says %q", errs)
	}
	out, _ = client(0, "add", "other", "--json", "--audit")
	var other struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(out), &other); err != nil || other.ID != "other" || len(other.Secret) != 43 {
		t.Errorf("add --json says %q, %v", out, err)
	}
	if out, _ := client(0, "list"); !strings.Contains(out, "gate") || strings.Contains(out, secret) {
		t.Errorf("list says %q", out)
	}

	a := n.asks("/introspect", "gate", secret, access)
	if a.status != 200 || a.member["active"] != true || a.text("iss") != "https://id.example" || a.text("username") != "ana@example.com" ||
		a.text("aud") != "porteiro" || a.text("client_id") != "porteiro" || a.text("token_use") != "access_token" {
		t.Errorf("of an access token: %d %s", a.status, a.body)
	}
	if a = n.asks("/introspect", "gate", secret, refresh); a.member["active"] != true || a.text("token_use") != "refresh_token" || a.text("aud") != "https://id.example" {
		t.Errorf("of a refresh token: %d %s", a.status, a.body)
	}
	for _, guess := range []string{"", secret[1:], other.Secret} {
		n.expect("a wrong secret", n.asks("/introspect", "gate", guess, access), 401, "error", "invalid_client")
		n.expect("a wrong secret", n.asks("/revoke", "gate", guess, access), 401, "error", "invalid_client")
	}
	n.passes("after a refused revocation", access)
	if a = n.asks("/revoke", "gate", secret, refresh); a.status != 200 || a.text("msg") != "Revoked" {
		t.Errorf("revoke: %d %s", a.status, a.body)
	}
	n.refuses("after its refresh token was revoked", access)
	for _, token := range []string{access, refresh, "x"} {
		if a = n.asks("/introspect", "gate", secret, token); a.status != 200 || strings.TrimSpace(a.body) != `{"active":false}` {
			t.Errorf("after the revocation: %d %s", a.status, a.body)
		}
		if a = n.asks("/revoke", "gate", secret, token); a.status != 200 {
			t.Errorf("revoked again: %d %s", a.status, a.body)
		}
	}
	client(0, "delete", "gate")
	n.expect("a deleted client", n.asks("/introspect", "gate", secret, access), 401, "error", "invalid_client")
	if _, errs := client(1, "delete", "gate"); !strings.Contains(errs, "there is no client gate") {
		t.Errorf("delete again says %q", errs)
	}
	if log := n.stderr.String(); strings.Contains(log, secret) || strings.Contains(log, access) || !strings.Contains(log, `event=revocation outcome=ok actor="client: gate"`) {
		t.Errorf("the log: %s", log)
	}
}

// T092: what is published is the issuer of the tokens, and every address in it answers.
func TestT092MetadataOfWhatIsServed(t *testing.T) {
	location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	n := serve(t, location, "--issuer", "https://id.example/auth", "--base-path", "/auth")
	n.url = strings.TrimSuffix(n.url, "/auth")
	a := n.ask("GET", "/.well-known/oauth-authorization-server/auth", "", "")
	if b := n.ask("GET", "/auth/.well-known/oauth-authorization-server", "", ""); a.status != 200 || a.text("issuer") != "https://id.example/auth" || a.body != b.body {
		t.Fatalf("%d %s\n%d %s", a.status, a.body, b.status, b.body)
	}
	at := func(member string) string { return strings.TrimPrefix(a.text(member), "https://id.example") }
	n.expect("jwks_uri", n.ask("GET", at("jwks_uri"), "", ""), 200, "", "")
	n.expect("introspection_endpoint", n.asks(at("introspection_endpoint"), "x", "y", "z"), 401, "error", "invalid_client")
	n.expect("revocation_endpoint", n.asks(at("revocation_endpoint"), "x", "y", "z"), 401, "error", "invalid_client")
	for _, lie := range []string{"none", "authorization_endpoint", "token_endpoint", "registration_endpoint"} {
		if strings.Contains(a.body, lie) {
			t.Errorf("it says %s: %s", lie, a.body)
		}
	}
}

// Every session of every user ends at once on a node that runs, and whoever signs in afterwards is in.
func TestLogOutAll(t *testing.T) {
	for name, location := range stores() {
		t.Run(name, func(t *testing.T) {
			location := location(t)
			n := serve(t, location)
			var tokens []string
			for _, who := range []string{"ana", "bea", "eva"} {
				body := `{"email":"` + who + `@example.com","password":"correct horse battery"}`
				n.ask("POST", "/register", "", body)
				tokens = append(tokens, n.ask("POST", "/login", "", body).text("access_token"))
			}
			out, errs, code := porteiro(t, "", "user", "logout", "--all", "--audit", "--database-url", location)
			if code != 0 || out != "logged out 3 users\n" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, `"detail":"log out all: 3 users"`) {
				t.Errorf("exit %d: %q %q", code, out, errs)
			}
			for _, token := range tokens {
				n.refuses("after user logout --all", token)
			}
			fresh, _ := n.login()
			n.passes("who signed in afterwards", fresh)
			// Gone on with after the first user, the first one's session stands.
			show, _, _ := porteiro(t, "", "user", "show", "ana@example.com", "--json", "--database-url", location)
			var ana struct{ ID string }
			if err := json.Unmarshal([]byte(show), &ana); err != nil {
				t.Fatal(err)
			}
			if out, errs, code := porteiro(t, "", "user", "logout", "--all", "--after", ana.ID, "--database-url", location); code != 0 || out != "logged out 2 users\n" {
				t.Errorf("exit %d: %q %q", code, out, errs)
			}
			n.passes("the one before --after", fresh)
			for _, args := range []string{"", "--all ana@example.com", "ana@example.com bea@example.com", "--all --after x", "ana@example.com --after " + ana.ID} {
				_, errs, code := porteiro(t, "", append([]string{"user", "logout", "--database-url", location}, strings.Fields(args)...)...)
				if code != 2 || strings.Count(errs, "\n") != 1 {
					t.Errorf("user logout %s: exit %d: %q", args, code, errs)
				}
			}
		})
	}
}
