package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

func TestTokenExplain(t *testing.T) {
	for name, location := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) { tokenExplain(t, location(t)) })
	}
}

func tokenExplain(t *testing.T, location string) {
	n := serve(t, location, "--refresh-retry", "0s")
	// explained holds the answer to a token to what a client is told, and shows nothing of the token.
	explained := func(what, token string, code int, says ...string) {
		t.Helper()
		out, errs, got := porteiro(t, token+"\n", "token", "explain", "--refresh-retry", "0s", "--database-url", location)
		if got != code {
			t.Errorf("%s: exit %d, want %d: %s%s", what, got, code, out, errs)
		}
		for _, s := range says {
			if !strings.Contains(out, s) {
				t.Errorf("%s: it does not say %q: %s", what, s, out)
			}
		}
		bare := strings.Trim(strings.TrimPrefix(token, "Bearer "), `"`)
		for part := range strings.SplitSeq(bare, ".") {
			if len(part) > 20 && strings.Contains(out+errs, part) {
				t.Errorf("%s: it shows some of the token: %s%s", what, out, errs)
			}
		}
	}
	n.ask("POST", "/register", "", credentials)
	access, refresh := n.login()
	explained("an access token", access, 0, "passes", "access token", "EdDSA", "ana@example.com", "stands")
	explained("with its scheme", "Bearer "+access, 0, "passes")
	explained("in quotes", `"`+access+`"`, 0, "passes")
	explained("a refresh token", refresh, 0, "current refresh token", "HS256")
	explained("cut short", access[:len(access)-20], 1, "token_invalid", "signature")
	explained("no token", "hello", 1, "token_invalid", "1 parts")

	next := n.ask("POST", "/refresh", refresh, "").text("refresh_token")
	explained("a refresh token that was used", refresh, 1, "token_reused")
	explained("again", refresh, 1, "token_reused")
	n.passes("what was explained ended nothing", access)
	explained("its successor", next, 0, "passes")
	n.expect("reuse", n.ask("POST", "/refresh", refresh, ""), 401, "code", "token_reused")
	explained("after the reuse", access, 1, "token_revoked", "was ended on", "an old refresh token was used again")

	access, _ = n.login()
	n.ask("POST", "/logout", access, "")
	explained("after a logout", access, 1, "token_revoked", "logged out on", "the user asked for it")
	access, _ = n.login()
	for _, args := range [][]string{{"user", "disable", "ana@example.com"}, {"user", "enable", "ana@example.com"}} {
		if _, errs, code := porteiro(t, "", append(args, "--database-url", location)...); code != 0 {
			t.Fatal(errs)
		}
	}
	explained("after disabling", access, 1, "token_revoked", "the user was disabled")
	access, _ = n.login()
	if _, errs, code := porteiro(t, "", "user", "delete", "ana@example.com", "--database-url", location); code != 0 {
		t.Fatal(errs)
	}
	explained("after deletion", access, 1, "token_revoked", "its user is unknown")
}

// Another service's settings, other people's databases, and programs that read the answer.
func TestTokenExplainElsewhere(t *testing.T) {
	dir := t.TempDir()
	location, elsewhere := "sqlite:"+filepath.Join(dir, "porteiro.db"), "sqlite:"+filepath.Join(dir, "other.db")
	n, other := serve(t, location), serve(t, elsewhere)
	n.ask("POST", "/register", "", credentials)
	other.ask("GET", "/healthz", "", "")
	access, _ := n.login()
	explain := func(stdin string, more ...string) (map[string]any, string, int) {
		t.Helper()
		out, errs, code := porteiro(t, stdin, append([]string{"token", "explain", "--json"}, more...)...)
		var said map[string]any
		if err := json.Unmarshal([]byte(out), &said); err != nil && code != 2 {
			t.Errorf("%q: %v", out, err)
		}
		return said, errs, code
	}
	said, _, code := explain(access, "--database-url", location)
	user, _ := said["user"].(map[string]any)
	if code != 0 || said["passes"] != true || said["refusal"] != "" || user["email"] != "ana@example.com" || user["password"] != nil {
		t.Errorf("exit %d: %v", code, said)
	}
	said, _, code = explain(access, "--database-url", elsewhere)
	key, _ := said["key"].(map[string]any)
	if code != 1 || said["passes"] != false || said["refusal"] != "token_invalid" || key["known"] != false || said["user"] != nil {
		t.Errorf("exit %d: %v", code, said)
	}
	said, _, code = explain(access, "--database-url", location, "--audience", "shop")
	if because, _ := said["because"].(string); code != 1 || !strings.Contains(because, `"shop"`) {
		t.Errorf("exit %d: %v", code, said)
	}
	for what, stdin := range map[string]string{"nothing": "\n", "too much": strings.Repeat("x", 100<<10)} {
		if _, errs, code := explain(stdin, "--database-url", location); code != 2 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d: %s", what, code, errs)
		}
	}
	_, errs, code := porteiro(t, access, "token", "explain", "--database-url", "sqlite:"+filepath.Join(dir, "none.db"))
	if _, err := os.Stat(filepath.Join(dir, "none.db")); code != 1 || err == nil || !strings.Contains(errs, "porteiro migrate") {
		t.Errorf("exit %d: %s, %v", code, errs, err)
	}
}

// A key that was retired says so, and sealed keys are opened with the key-encryption key alone.
func TestTokenExplainKeys(t *testing.T) {
	dir := t.TempDir()
	location, kek := "sqlite:"+filepath.Join(dir, "porteiro.db"), filepath.Join(dir, "kek")
	if err := os.WriteFile(kek, []byte(strings.Repeat("0123456789abcdef", 4)), 0o600); err != nil {
		t.Fatal(err)
	}
	n := serve(t, location, "--key-encryption-key-file", kek)
	n.ask("POST", "/register", "", credentials)
	access, _ := n.login()
	explain := func(code int, says string, more ...string) string {
		t.Helper()
		out, errs, got := porteiro(t, access, append([]string{"token", "explain", "--database-url", location}, more...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Errorf("exit %d, want %d and %q: %s%s", got, code, says, out, errs)
		}
		return out
	}
	explain(1, "--key-encryption-key-file")
	out := explain(0, "signs since", "--key-encryption-key-file", kek)
	_, rest, _ := strings.Cut(out, "\nkey ")
	id := strings.Fields(rest)[0]
	for _, args := range [][]string{{"rotate", "--purpose", "access", "--key-encryption-key-file", kek}, {"retire", id, "--now"}} {
		args = append([]string{"key"}, append(args, "--database-url", location, "--audit")...)
		if _, errs, code := porteiro(t, "", args...); code != 0 || strings.Count(errs, `"event":"signing_keys","outcome":"ok","actor":"command line: `) != 1 {
			t.Fatalf("%v: exit %d: %s", args, code, errs)
		}
	}
	out = explain(1, "retired on", "--key-encryption-key-file", kek)
	if !strings.Contains(out, "token_invalid") || !strings.Contains(out, "no key in use has the id") {
		t.Errorf("it says %s", out)
	}
}

func TestUserShowSessions(t *testing.T) {
	location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	n := serve(t, location)
	n.ask("POST", "/register", "", credentials)
	n.login()
	n.login()
	if _, errs, code := porteiro(t, "", "user", "logout", "ana@example.com", "--database-url", location); code != 0 {
		t.Fatal(errs)
	}
	n.login()
	out, _, _ := porteiro(t, "", "user", "show", "ana@example.com", "--json", "--database-url", location)
	var said struct {
		Sessions []struct{ ID, State, Reason, Since string }
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil || len(said.Sessions) != 3 {
		t.Fatalf("%s: %v", out, err)
	}
	for i, s := range said.Sessions {
		if i == 0 && (s.State != "stands" || s.Since != "") || i > 0 && (s.State != "logged out" || s.Reason != "administrator" || s.Since == "") {
			t.Errorf("session %d: got %+v", i, s)
		}
	}
	out, _, _ = porteiro(t, "", "user", "show", "ana@example.com", "--database-url", location)
	if strings.Count(out, said.Sessions[0].ID) != 1 || strings.Count(out, "logged out since") != 2 || strings.Count(out, "  stands\n") != 1 {
		t.Errorf("it says %s", out)
	}
}
