package e2e_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestImportAgain: what changed there in the meantime counts here, and what changed here stays.
func TestImportAgain(t *testing.T) {
	appKinds(t, func(t *testing.T, from app, to string, _ *sql.DB) {
		f := flaskFixtures(t)
		from.imports(t, to, "added 6 updated 0 unchanged 0"+nobodysRest)
		n := serve(t, to, "--flask-secret-file", f.secretFile(t), "--flask-until", "2099-12-31")
		login := func(email, password string, status int) string {
			t.Helper()
			body, _ := json.Marshal(map[string]string{"email": email, "password": password})
			got := n.ask("POST", "/login", "", string(body))
			if got.status != status {
				t.Errorf("login of %s: %d %s", email, got.status, got.body)
			}
			return got.text("access_token")
		}
		passes := func(what, token string, status int) (id string) {
			t.Helper()
			got := n.ask("GET", "/me", token, "")
			if got.status != status {
				t.Errorf("%s: %d %s", what, got.status, got.body)
			}
			return got.text("id")
		}
		user := func(args ...string) {
			t.Helper()
			if _, errs, code := porteiro(t, "", append(append([]string{"user"}, args...), "--database-url", to)...); code != 0 {
				t.Fatalf("user %v: %s", args, errs)
			}
		}
		scrypt, mixed := f.Passwords["scrypt@example.com"], f.Passwords["Mixed.Case@Example.COM"]
		old, native := f.token(t, "scrypt@example.com", "access", ""), login("scrypt@example.com", scrypt, 200)
		passes("an old token", old, 200)
		before := passes("a session here", native, 200)
		moved := passes("the mixed one", login("mixed.case@example.com", mixed, 200), 200)
		body, _ := json.Marshal(map[string]string{"email": "elsewhere@example.com", "password": mixed})
		if got := n.ask("POST", "/me/email", login("mixed.case@example.com", mixed, 200), string(body)); got.status != 200 {
			t.Fatalf("change of email: %d %s", got.status, got.body)
		}
		if got := n.ask("POST", "/register", "", `{"email":"mixed.case@example.com","password":"correct horse battery"}`); got.status != 201 {
			t.Fatalf("register: %d %s", got.status, got.body)
		}
		user("disable", "twin@example.com")
		user("delete", "pbkdf2@example.com")
		user("roles", "scrypt@example.com", "admin")

		hash := "(select password from (select * from users) as u where email = 'pbkdf2@example.com')"
		from.exec(t, fmt.Sprintf("update users set logout_time = '%s' where email = 'scrypt@example.com'", time.Now().UTC().Format("2006-01-02 15:04:05.000000")),
			"update users set password = "+hash+" where email in ('scrypt@example.com', 'million@example.com')",
			"update users set email = 'renamed@example.com' where email = 'sha512@example.com'",
			"update users set password = "+hash+" where email = 'broken@example.com'",
			"insert into users (email, password) values ('new@example.com', "+hash+")")
		const rest = " deleted 1 left out %s6 not an email, 7 not an email, 10 another user"
		from.imports(t, to, "added 2 updated 3 unchanged 2"+fmt.Sprintf(rest, ""))

		passes("an old token after a logout there", old, 401)
		passes("a session here after a logout there", native, 401)
		if id := passes("the hash that was renewed", login("scrypt@example.com", scrypt, 200), 200); id != before {
			t.Errorf("scrypt is %s now and was %s", id, before)
		}
		after := login("scrypt@example.com", scrypt, 200)
		n.expect("roles", n.ask("GET", "/authorize?role=admin", after, ""), 200, "email", "scrypt@example.com")
		login("scrypt@example.com", f.Passwords["pbkdf2@example.com"], 401)
		login("million@example.com", f.Passwords["pbkdf2@example.com"], 200)
		login("renamed@example.com", f.Passwords["sha512@example.com"], 200)
		login("broken@example.com", f.Passwords["pbkdf2@example.com"], 200)
		login("new@example.com", f.Passwords["pbkdf2@example.com"], 200)
		login("pbkdf2@example.com", f.Passwords["pbkdf2@example.com"], 401)
		login("twin@example.com", mixed, 401)
		login("elsewhere@example.com", mixed, 200)
		if id := passes("a token of the email before", f.minted("Mixed.Case@Example.COM", "access", time.Now(), ""), 200); id != moved {
			t.Errorf("a token of an email that changed hands is %s's, and was %s's", id, moved)
		}
		passes("a token of the new owner's spelling", f.minted("mixed.case@example.com", "access", time.Now(), ""), 401)
		passes("a token from before the email moved there", f.minted("renamed@example.com", "access", time.Now().Add(-time.Hour), ""), 401)
		passes("a token of the email from before it moved there", f.minted("sha512@example.com", "access", time.Now(), ""), 401)

		// A logout there counts also when the rest cannot be taken; and another database's user is not this one.
		later := login("million@example.com", f.Passwords["pbkdf2@example.com"], 200)
		from.exec(t, fmt.Sprintf("update users set email = 'other@example.com', password = 'scrypt:32768:8:1$x$%0128d', logout_time = '%s' where email = 'million@example.com'",
			0, time.Now().UTC().Format("2006-01-02 15:04:05.000000")))
		from.imports(t, to, "added 0 updated 0 unchanged 6"+fmt.Sprintf(rest, "3 has another , "))
		passes("a session from before the logout there", later, 401)
		login("million@example.com", f.Passwords["pbkdf2@example.com"], 200)
		login("scrypt@example.com", scrypt, 200)
		passes("after the logout there was imported again", after, 200)
	})
}

// TestTokensOfTheFlaskAppForAWhile: nothing of it is on without the flags, with another secret, or after the date.
func TestTokensOfTheFlaskAppForAWhile(t *testing.T) {
	f := flaskFixtures(t)
	from, to := sqliteApp(t), "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db")
	from.imports(t, to, "added 6 updated 0 unchanged 0"+nobodysRest)
	access, refresh := f.token(t, "scrypt@example.com", "access", ""), f.token(t, "scrypt@example.com", "refresh", "")
	another := filepath.Join(t.TempDir(), "another")
	if err := os.WriteFile(another, []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	refuses := func(what string, more ...string) string {
		t.Helper()
		n := serve(t, to, more...)
		n.expect(what, n.ask("GET", "/protected", access, ""), 401, "code", "token_invalid")
		n.expect(what, n.ask("POST", "/refresh", refresh, ""), 401, "code", "token_invalid")
		n.expect(what, n.ask("POST", "/logout", access, ""), 401, "code", "token_invalid")
		n.stop()
		return n.stderr.String()
	}
	refuses("without the flags")
	said := refuses("with another secret", "--flask-secret-file", another, "--flask-until", "2099-12-31")
	contains(t, said, "has 5 bytes, fewer than 32")
	contains(t, said, "chmod 600")
	contains(t, refuses("after the date", "--flask-secret-file", f.secretFile(t), "--flask-until", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)), "--flask-until is over")
	refuses("after the time", "--flask-secret-file", f.secretFile(t), "--flask-until", time.Now().Add(-time.Second).Format(time.RFC3339))
	n := serve(t, to, "--flask-secret-file", f.secretFile(t), "--flask-until", time.Now().UTC().Format(time.DateOnly))
	n.expect("on the last day", n.ask("GET", "/protected", access, ""), 200, "msg", "Welcome, scrypt@example.com!")
	pair := n.ask("POST", "/refresh", refresh, "")
	again := n.ask("POST", "/refresh", refresh, "")
	if pair.status != 200 || again.status != 200 || pair.text("refresh_token") != again.text("refresh_token") {
		t.Errorf("a refresh whose answer was lost: %d %s, %d %s", pair.status, pair.body, again.status, again.body)
	}
	n.stop()
	n = serve(t, to)
	if got := n.ask("POST", "/refresh", pair.text("refresh_token"), ""); got.status != 200 {
		t.Errorf("the session from an old refresh token, without the flags: %d %s", got.status, got.body)
	}
	explain := func(token string, more ...string) string {
		out, _, _ := porteiro(t, token, append([]string{"token", "explain", "--database-url", to}, more...)...)
		return out
	}
	flags := []string{"--flask-secret-file", f.secretFile(t), "--flask-until", "2099-12-31"}
	contains(t, explain(access), "its typ is \"JWT\"")
	contains(t, explain(access, flags...), "everything holds")
	contains(t, explain(f.token(t, "sha512@example.com", "access", ""), flags...), "its user was logged out on 2026-11-20T13:00:00Z")
	contains(t, explain(f.token(t, "nobody@example.com", "refresh", ""), flags...), "did not come here by porteiro import flask")
	million := f.token(t, "million@example.com", "refresh", "")
	contains(t, explain(million, flags...), "it can be exchanged, once")
	n = serve(t, to, append(flags, "--refresh-retry", "0s")...) // a second use would be refused
	if got := n.ask("POST", "/refresh", million, ""); got.status != 200 {
		t.Errorf("after it was explained: %d %s", got.status, got.body)
	}
}

// TestOneSessionOfAnOldRefreshToken: used at once on two nodes it is one session.
func TestOneSessionOfAnOldRefreshToken(t *testing.T) {
	f := flaskFixtures(t)
	from, to := postgresApp(t), postgrestest.URL(t)
	from.imports(t, to, "added 6 updated 0 unchanged 0"+nobodysRest)
	flags := []string{"--flask-secret-file", f.secretFile(t), "--flask-until", "2099-12-31"}
	nodes := []*node{serve(t, to, flags...), serve(t, to, flags...)}
	refresh, access := f.token(t, "scrypt@example.com", "refresh", ""), f.token(t, "scrypt@example.com", "access", "")
	const callers = 16
	pairs, sessions := make([]string, callers), make([]string, callers)
	var running sync.WaitGroup
	for i := range callers {
		running.Go(func() {
			pair, err := nodes[i%2].try("POST", "/refresh", refresh, "")
			me, err2 := nodes[i%2].try("GET", "/me", access, "")
			if err != nil || err2 != nil || pair.status != 200 || me.status != 200 {
				t.Errorf("%v %v: %d %s, %d %s", err, err2, pair.status, pair.body, me.status, me.body)
			}
			pairs[i], sessions[i] = pair.text("refresh_token"), me.text("session")
		})
	}
	running.Wait()
	for i := range callers {
		if pairs[i] != pairs[0] || sessions[i] != sessions[0] {
			t.Error("two callers have two sessions of one token")
		}
	}
	list := nodes[0].ask("GET", "/sessions", access, "")
	if all, _ := list.member["sessions"].([]any); len(all) != 2 {
		t.Errorf("the sessions are %s", list.body)
	}
}

func contains(t *testing.T, said, want string) {
	t.Helper()
	if !strings.Contains(said, want) {
		t.Errorf("it says %q, without %q", said, want)
	}
}
