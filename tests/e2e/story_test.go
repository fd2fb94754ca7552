package e2e_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

const (
	credentials = `{"email":"ana@example.com","password":"correct horse battery"}`
	welcome     = "Welcome, ana@example.com!"
	goodbye     = "Logout bem-sucedido"
	revoked     = "Token has been revoked"
)

func (n *node) login() (access, refresh string) {
	n.t.Helper()
	a := n.ask("POST", "/login", "", credentials)
	if a.status != 200 || a.text("token_type") != "Bearer" || a.member["expires_in"] != 900.0 {
		n.t.Fatalf("login: %d %s", a.status, a.body)
	}
	return a.text("access_token"), a.text("refresh_token")
}

func (n *node) passes(what, token string) {
	n.t.Helper()
	n.expect(what, n.ask("GET", "/protected", token, ""), 200, "msg", welcome)
}

func (n *node) refuses(what, token string) {
	n.t.Helper()
	n.expect(what, n.ask("GET", "/protected", token, ""), 401, "msg", revoked)
}

func TestStorySQLite(t *testing.T) {
	story(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
}

func TestStoryPostgres(t *testing.T) {
	story(t, postgrestest.URL(t))
}

// story is what clients of the Flask app did, with a restart and a kill -9 in between, and the fault of the app, an
// old token that revives after the next login, gone.
func story(t *testing.T, databaseURL string) {
	n := serve(t, databaseURL)
	n.expect("ready", n.ask("GET", "/readyz", "", ""), 200, "status", "ready")
	if a := n.ask("POST", "/register", "", credentials); a.status != 201 || a.text("email") != "ana@example.com" {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	n.expect("register again", n.ask("POST", "/register", "", credentials), 409, "code", "email_taken")
	n.expect("unknown user", n.ask("POST", "/login", "", `{"email":"x@example.com","password":"correct horse battery"}`), 401, "msg", "Credenciais inválidas")
	n.expect("wrong password", n.ask("POST", "/login", "", `{"email":"ana@example.com","password":"x"}`), 401, "msg", "Credenciais inválidas")
	n.expect("no token", n.ask("GET", "/protected", "", ""), 401, "msg", "Missing Authorization Header")

	first, firstRefresh := n.login()
	second, _ := n.login()
	n.passes("the first session", first)
	n.passes("the second session", second)
	n.stop()
	n.start()
	n.passes("after a restart", first)
	n.expect("logout", n.ask("POST", "/logout", first, ""), 200, "msg", goodbye)
	n.refuses("the token that logged out", first)
	n.refuses("the other session", second)
	n.expect("logout again", n.ask("POST", "/logout", first, ""), 200, "msg", goodbye)
	n.expect("its refresh token", n.ask("POST", "/refresh", firstRefresh, ""), 401, "code", "token_revoked")
	n.kill()
	n.start()
	n.refuses("after kill -9", first)
	third, refresh := n.login()
	n.passes("a new login", third)
	n.refuses("the old token after the new login", first)
	n.kill()
	n.start()
	n.passes("the new login after kill -9", third)
	rotated := n.ask("POST", "/refresh", refresh, "")
	if rotated.status != 200 {
		t.Fatalf("refresh: %d %s", rotated.status, rotated.body)
	}
	n.passes("a refreshed token", rotated.text("access_token"))
	n.expect("a refresh token as access", n.ask("GET", "/me", refresh, ""), 401, "code", "token_invalid")
	me := n.ask("GET", "/me", third, "")
	authorized := n.ask("GET", "/authorize", third, "")
	if me.status != 200 || me.text("email") != "ana@example.com" || authorized.header.Get("X-Auth-Session") != me.text("session") {
		t.Errorf("me %s, authorize %v", me.body, authorized.header)
	}
	n.expect("a role that is missing", n.ask("GET", "/authorize?role=admin", third, ""), 403, "code", "insufficient_role")
	n.stop()
}

func TestTwoNodesOnePostgres(t *testing.T) {
	databaseURL := postgrestest.URL(t)
	nodes := make([]*node, 2)
	var started sync.WaitGroup
	for i := range nodes { // at once, on an empty database
		nodes[i] = &node{t: t, args: []string{"serve", "--listen", "127.0.0.1:0", "--database-url", databaseURL, "--registration", "open", "--drain-delay", "0s"}}
		started.Go(nodes[i].start)
	}
	started.Wait()
	t.Cleanup(nodes[0].kill)
	t.Cleanup(nodes[1].kill)
	if a := nodes[0].ask("POST", "/register", "", credentials); a.status != 201 {
		t.Fatalf("register: %d %s", a.status, a.body)
	}
	for i := range 20 {
		here, there := nodes[i%2], nodes[(i+1)%2]
		token, refresh := here.login()
		there.passes("a token of the other node", token)
		if a := there.ask("POST", "/refresh", refresh, ""); a.status != 200 {
			t.Errorf("refresh on the other node: %d %s", a.status, a.body)
		}
		here.expect("logout", here.ask("POST", "/logout", token, ""), 200, "msg", goodbye)
		there.refuses("at once, on the other node", token)
	}
}

// TestInterleavings: clients log in, use, log out and are refused, many at a time on two nodes, and none of them ever
// sees a token pass after the logout that ended it was answered.
func TestInterleavings(t *testing.T) {
	databaseURL := postgrestest.URL(t)
	nodes := []*node{serve(t, databaseURL), serve(t, databaseURL)}
	const clients, rounds = 6, 8
	var all sync.WaitGroup
	for c := range clients {
		email := fmt.Sprintf("user%d@example.com", c/2) // two clients a user
		body := fmt.Sprintf(`{"email":%q,"password":"correct horse battery"}`, email)
		if c%2 == 0 {
			nodes[0].ask("POST", "/register", "", body)
		}
		all.Go(func() {
			for r := range rounds {
				here, there := nodes[(c+r)%2], nodes[(c+r+1)%2]
				logged, err := here.try("POST", "/login", "", body)
				if err != nil || logged.status != 200 {
					t.Errorf("login: %v %d %s", err, logged.status, logged.body)
					return
				}
				token := logged.text("access_token")
				if used, err := there.try("GET", "/protected", token, ""); err != nil || used.status != 200 && used.text("code") != "token_revoked" {
					t.Errorf("protected: %v %d %s", err, used.status, used.body)
				}
				if out, err := here.try("POST", "/logout", token, ""); err != nil || out.status != 200 {
					t.Errorf("logout: %v %d %s", err, out.status, out.body)
				}
				for _, n := range nodes {
					if after, err := n.try("GET", "/protected", token, ""); err != nil || after.text("code") != "token_revoked" {
						t.Errorf("after the logout: %v %d %s", err, after.status, after.body)
					}
				}
			}
		})
	}
	all.Wait()
}
