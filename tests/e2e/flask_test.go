package e2e_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// summary is what import says to programs.
type summary struct {
	Added, Updated, Unchanged int
	Deleted                   int `json:"deleted_here"`
	LeftOut                   []struct {
		ID         int
		Email, Why string
	} `json:"left_out"`
}

func (s summary) String() string {
	var why []string
	for _, l := range s.LeftOut {
		why = append(why, fmt.Sprintf("%d %.12s", l.ID, l.Why))
	}
	return fmt.Sprintf("added %d updated %d unchanged %d deleted %d left out %s", s.Added, s.Updated, s.Unchanged, s.Deleted, strings.Join(why, ", "))
}

// imports imports, and holds what it says against what it should.
func (a app) imports(t *testing.T, to, want string) {
	t.Helper()
	out, errs, code := porteiro(t, "", "import", "flask", "--from", a.url, "--database-url", to, "--json")
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("exit %d: %q %q: %v", code, out, errs, err)
	}
	wantCode := 0
	if len(s.LeftOut) > 0 {
		wantCode = 3
	}
	if s.String() != want || code != wantCode {
		t.Errorf("exit %d: %s\nwant    %s; %s", code, s, want, errs)
	}
}

const (
	others      = "6 not an email, 7 not an email, 8 a password h, 10 another user"
	nobodysRest = " deleted 0 left out " + others
)

func TestImportSaysWhatBecameOfWhom(t *testing.T) {
	appKinds(t, func(t *testing.T, from app, to string, ours *sql.DB) {
		out, errs, code := porteiro(t, "", "import", "flask", "--from", from.url, "--database-url", to)
		want := `left out   id 6, "não-ascii@example.com": not an email address`
		if code != 3 || !strings.Contains(out, want) || !strings.Contains(out, "added      6\n") || !strings.Contains(errs, "4 of the source") {
			t.Errorf("exit %d: %s %s", code, out, errs)
		}
		from.imports(t, to, "added 0 updated 0 unchanged 6"+nobodysRest)
		var emails string
		rows, err := ours.QueryContext(t.Context(), "select email from users order by email")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var email string
			if err := rows.Scan(&email); err != nil {
				t.Fatal(err)
			}
			emails += " " + strings.TrimSuffix(email, "@example.com")
		}
		if emails != " million mixed.case pbkdf2 scrypt sha512 twin" {
			t.Errorf("there are%s", emails)
		}
	})
}

// TestMovingOver is a day of the move: old passwords, old tokens, on two nodes.
func TestMovingOver(t *testing.T) {
	appKinds(t, func(t *testing.T, from app, to string, ours *sql.DB) {
		f := flaskFixtures(t)
		from.imports(t, to, "added 6 updated 0 unchanged 0"+nobodysRest)
		flags := []string{"--flask-secret-file", f.secretFile(t), "--flask-until", "2099-12-31", "--refresh-retry", "0s"}
		a, b := serve(t, to, flags...), serve(t, to, flags...)
		for email, password := range f.Passwords {
			body, _ := json.Marshal(map[string]string{"email": email, "password": password})
			if got := a.ask("POST", "/login", "", string(body)); got.status != 200 {
				t.Errorf("login of %s: %d %s", email, got.status, got.body)
			}
			var hash string
			if err := ours.QueryRowContext(t.Context(), "select password from users where email = '"+strings.ToLower(email)+"'").Scan(&hash); err != nil || !strings.HasPrefix(hash, "$argon2id$") {
				t.Errorf("after the login of %s the hash is %.20s…, %v", email, hash, err)
			}
			if got := b.ask("POST", "/login", "", string(body)); got.status != 200 {
				t.Errorf("the next login of %s: %d %s", email, got.status, got.body)
			}
		}
		f.oldTokens(t, a, b)
		f.oldLogout(t, a, b)
		f.oldRefresh(t, a, b)
	})
}

// oldTokens: what passed there passes here, as the same session on every node, and what did not does not.
func (f fixtures) oldTokens(t *testing.T, a, b *node) {
	access := f.token(t, "scrypt@example.com", "access", "")
	here, there := a.ask("GET", "/authorize", access, ""), b.ask("GET", "/authorize", access, "")
	session := here.header.Get("X-Auth-Session")
	if here.status != 200 || there.status != 200 || session == "" || session != there.header.Get("X-Auth-Session") || here.header.Get("X-Auth-Email") != "scrypt@example.com" {
		t.Errorf("/authorize: %d %v, %d %v", here.status, here.header, there.status, there.header)
	}
	a.expect("an old token", a.ask("GET", "/protected", access, ""), 200, "msg", "Welcome, scrypt@example.com!")
	me := b.ask("GET", "/me", access, "")
	if me.status != 200 || me.text("session") != session || me.text("login_time") != "2026-11-20T12:00:01Z" || len(me.text("id")) != 36 {
		t.Errorf("/me: %d %s", me.status, me.body)
	}
	byID := a.ask("GET", "/me", f.token(t, "2", "access", "identity is the id, as other apps do"), "")
	if byID.status != 200 || byID.text("id") != me.text("id") || byID.text("session") == session {
		t.Errorf("/me by the id: %d %s", byID.status, byID.body)
	}
	a.expect("sessions", a.ask("DELETE", "/sessions/"+byID.text("session"), access, ""), 204, "", "")
	for what, token := range map[string]string{
		"logged out there":                     f.token(t, "sha512@example.com", "access", ""),
		"nobody's":                             f.token(t, "nobody@example.com", "access", ""),
		"of a session that was ended":          f.token(t, "2", "access", "identity is the id, as other apps do"),
		"of the spelling that was left out":    f.minted("TWIN@example.com", "access", time.Now(), ""),
		"of a canonical form never used there": f.minted("mixed.case@example.com", "access", time.Now(), ""),
		"of an id that was left out":           f.minted("8", "access", time.Now(), ""),
		"of a number that is no id":            f.minted("02", "access", time.Now(), ""),
	} {
		for _, n := range []*node{a, b} {
			n.expect(what, n.ask("GET", "/protected", token, ""), 401, "msg", revoked)
		}
	}
	a.expect("expired", a.ask("GET", "/protected", f.token(t, "scrypt@example.com", "access", "expired"), ""), 401, "msg", "Token has expired")
	a.expect("a refresh token as an access token", a.ask("GET", "/protected", f.token(t, "scrypt@example.com", "refresh", ""), ""), 401, "code", "token_invalid")
	a.expect("an access token as a refresh token", a.ask("POST", "/refresh", access, ""), 401, "code", "token_invalid")
	a.expect("without an end", a.ask("GET", "/protected", f.minted("Mixed.Case@Example.COM", "access", time.Now(), ""), ""), 200, "msg", "Welcome, mixed.case@example.com!")
}

// oldLogout: logged out by an old token, everything of the user is over on every node, and stays so.
func (f fixtures) oldLogout(t *testing.T, a, b *node) {
	access, refresh := f.token(t, "million@example.com", "access", ""), f.token(t, "million@example.com", "refresh", "")
	second := f.minted("million@example.com", "access", time.Now().Add(-time.Minute), "")
	unseen := f.minted("million@example.com", "access", time.Now().Add(-2*time.Minute), "")
	b.expect("before", b.ask("GET", "/protected", second, ""), 200, "msg", "Welcome, million@example.com!")
	expired := f.minted("pbkdf2@example.com", "access", time.Now().Add(-time.Hour), fmt.Sprintf(`,"exp":%d`, time.Now().Add(-time.Minute).Unix()))
	live := f.minted("pbkdf2@example.com", "access", time.Now().Add(-time.Minute), "")
	for _, c := range []struct{ logout, over, email string }{{access, second, "million@example.com"}, {expired, live, "pbkdf2@example.com"}} {
		a.expect("logout", a.ask("POST", "/logout", c.logout, ""), 200, "msg", goodbye)
		for _, token := range []string{c.over, f.minted(c.email, "access", time.Now().Add(-3*time.Minute), "")} {
			b.expect("after the logout", b.ask("GET", "/protected", token, ""), 401, "msg", revoked)
		}
	}
	for _, token := range []string{access, unseen} {
		b.expect("after the logout", b.ask("GET", "/protected", token, ""), 401, "msg", revoked)
	}
	b.expect("its refresh token", b.ask("POST", "/refresh", refresh, ""), 401, "code", "token_revoked")
	body, _ := json.Marshal(map[string]string{"email": "million@example.com", "password": f.Passwords["million@example.com"]})
	if got := a.ask("POST", "/login", "", string(body)); got.status != 200 {
		t.Errorf("login: %d %s", got.status, got.body)
	}
	b.expect("after the next login", b.ask("GET", "/protected", access, ""), 401, "msg", revoked)
	a.expect("logout again", a.ask("POST", "/logout", access, ""), 200, "msg", goodbye)
	a.expect("logout of nobody", a.ask("POST", "/logout", f.token(t, "nobody@example.com", "access", ""), ""), 200, "msg", goodbye)
}

// oldRefresh: an old refresh token is a session here, once.
func (f fixtures) oldRefresh(t *testing.T, a, b *node) {
	old := f.token(t, "scrypt@example.com", "refresh", "")
	pair := a.ask("POST", "/refresh", old, "")
	if pair.status != 200 {
		t.Fatalf("refresh: %d %s", pair.status, pair.body)
	}
	b.expect("the new access token", b.ask("GET", "/protected", pair.text("access_token"), ""), 200, "msg", "Welcome, scrypt@example.com!")
	next := b.ask("POST", "/refresh", pair.text("refresh_token"), "")
	b.expect("the next one", b.ask("GET", "/protected", next.text("access_token"), ""), 200, "msg", "Welcome, scrypt@example.com!")
	b.expect("a second use", b.ask("POST", "/refresh", old, ""), 401, "code", "token_reused")
	a.expect("its session", a.ask("GET", "/protected", next.text("access_token"), ""), 401, "msg", revoked)
	a.expect("a third use", a.ask("POST", "/refresh", old, ""), 401, "code", "token_revoked")
	a.expect("of who was logged out there", a.ask("POST", "/refresh", f.token(t, "sha512@example.com", "refresh", ""), ""), 401, "code", "token_revoked")
	a.expect("of nobody", a.ask("POST", "/refresh", f.token(t, "nobody@example.com", "refresh", ""), ""), 401, "code", "token_revoked")
}
