package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// records reads what a node has logged, one JSON object a line.
func (n *node) records() (all []map[string]any) {
	n.t.Helper()
	for line := range strings.Lines(n.stderr.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			n.t.Errorf("%q is no JSON: %v", line, err)
		}
		all = append(all, record)
	}
	return all
}

// eventsOf are the records of decisions on one request.
func (n *node) eventsOf(requestID string) (all []map[string]any) {
	n.t.Helper()
	for _, r := range n.records() {
		if r["request_id"] == requestID && r["msg"] == "event" {
			all = append(all, r)
		}
	}
	return all
}

// secrets is what no log may show, whatever happens: each is sent in its place.
const (
	secretEmail    = "canary-email@example.com"
	secretPassword = "canary-password"
	secretCookie   = "canary-cookie"
	secretQuery    = "canary-query"
	secretBody     = "canary-body"
	secretHeader   = "canary-header"
)

// everything sends what a client can send, right and wrong, with secrets in every place, and returns the tokens.
func (n *node) everything() (tokens []string) {
	n.t.Helper()
	good := `{"email":"` + secretEmail + `","password":"` + secretPassword + `"}`
	for _, a := range []answer{n.ask("POST", "/register", "", good), n.ask("POST", "/login", "", good)} {
		for _, name := range []string{"access_token", "refresh_token"} {
			if token := a.text(name); token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	for _, body := range []string{
		`{"email":"` + secretEmail + `","password":"` + secretPassword + ` wrong"}`, `{"email":"` + secretEmail + `"` + secretBody, secretBody,
		`{"email":"` + secretEmail + `\u0000","password":"` + secretPassword + `"}`, `{"email":"` + secretBody + `","password":1}`,
		`{"email":"` + strings.Repeat(secretBody, 2000) + `","password":"x"}`, `{"email":"` + secretEmail + `\r\nlevel=ERROR","password":"` + secretPassword + `"}`,
	} {
		n.ask("POST", "/login", "", body)
		n.ask("POST", "/register", "", body)
	}
	for _, token := range append(tokens, "canary-header.x.y") {
		for _, path := range []string{"/protected", "/me", "/authorize?role=admin", "/authorize?" + secretQuery + "=1", "/sessions", "/protected?access_token=" + secretQuery} {
			n.ask("GET", path, token, "")
		}
		n.ask("POST", "/refresh", token, "")
		n.ask("POST", "/refresh", token, "")
		n.ask("POST", "/password", token, `{"current_password":"`+secretPassword+` wrong","new_password":"`+secretPassword+` new"}`)
		n.ask("POST", "/logout?scope="+secretQuery, token, "")
	}
	for name, value := range map[string]string{
		"Cookie": "access_token=" + secretCookie, "Authorization": "Basic " + secretHeader, "X-Request-Id": secretHeader + " {}", "Forwarded": "for=" + secretHeader,
	} {
		r, err := http.NewRequest("GET", n.url+"/protected", nil)
		if err != nil {
			n.t.Fatal(err)
		}
		r.Header.Set(name, value)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			n.t.Fatal(err)
		}
		response.Body.Close()
	}
	return tokens
}

func (n *node) showsNone(secrets ...string) {
	n.t.Helper()
	log := n.stderr.String()
	secrets = append(secrets, secretEmail, secretPassword, secretCookie, secretQuery, secretBody, secretHeader)
	for _, s := range secrets {
		if strings.Contains(log, s) {
			at := strings.Index(log, s)
			n.t.Errorf("the log shows %q: …%s", s, log[max(0, at-200):min(len(log), at+200)])
		}
	}
}

// T097: no secret reaches the log at its most talkative, whatever the client sends and whatever fails.
func TestNoSecretInTheLog(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--log-format", format, "--log-level", "debug")
			tokens := n.everything()
			if len(tokens) != 2 || !strings.Contains(n.stderr.String(), "authorize") {
				t.Fatalf("%d tokens; it says %s", len(tokens), n.stderr)
			}
			n.showsNone(tokens...)
		})
	}
}

// T097 and T099: nor while the database is away, and then each request that needs it is one event, and one line that says why.
func TestNoSecretInTheLogOfFailures(t *testing.T) {
	database := postgrestest.Private(t)
	location, err := url.Parse(database.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := location.User.Password()
	n := serve(t, database.URL(), "--log-format", "json", "--log-level", "debug")
	tokens := n.everything()
	database.Kill()
	for what, a := range map[string]answer{
		"login":  n.ask("POST", "/login", "", `{"email":"`+secretEmail+`","password":"`+secretPassword+`"}`),
		"logout": n.ask("POST", "/logout", tokens[0], ""),
	} {
		if a.status != 503 {
			t.Errorf("%s: got %d %s", what, a.status, a.body)
		}
		events := n.eventsOf(a.header.Get("X-Request-Id"))
		if len(events) != 1 || events[0]["event"] != what || events[0]["outcome"] != "unavailable" || events[0]["level"] != "WARN" {
			t.Errorf("%s: got the events %v", what, events)
		}
	}
	n.everything()
	n.showsNone(append(tokens, password)...)
}

// T098 and T099: what a client sends makes one record of each decision, with the request's name in it.
func TestOneRecordADecision(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--log-format", "json")
	n.ask("POST", "/register", "", credentials)
	access, _ := n.login()
	for _, c := range []struct {
		a                            answer
		event, outcome, actor, level string
	}{
		{n.ask("POST", "/login", "", credentials), "login", "ok", "user", "INFO"},
		{n.ask("POST", "/login", "", `{"email":"ana@example.com\r\n\u001b[31m{\"outcome\":\"ok\"}","password":"x"}`), "login", "invalid_credentials", "anonymous", "INFO"},
		{n.ask("POST", "/logout", access, ""), "logout", "ok", "user", "INFO"},
		{n.ask("POST", "/logout", "x.y.z", ""), "logout", "token_invalid", "anonymous", "INFO"},
	} {
		events := n.eventsOf(c.a.header.Get("X-Request-Id"))
		if len(events) != 1 {
			t.Errorf("%s: got the events %v", c.event, events)
			continue
		}
		for name, want := range map[string]string{"event": c.event, "outcome": c.outcome, "actor": c.actor, "level": c.level, "ip": "127.0.0.1"} {
			if events[0][name] != want {
				t.Errorf("%s %s: %s is %v, want %s", c.event, c.outcome, name, events[0][name], want)
			}
		}
	}
	before := len(n.records())
	n.ask("GET", "/protected", access, "")
	if after := n.records(); len(after) != before {
		t.Errorf("who may pass is logged: %v", after[before:])
	}
}

// A command says who decided, when it is asked to, and otherwise only what it did.
func TestAudit(t *testing.T) {
	location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	if _, errs, code := porteiro(t, "", "migrate", "--database-url", location); code != 0 {
		t.Fatal(errs)
	}
	_, errs, code := porteiro(t, "correct horse battery", "user", "add", "ana@example.com", "--database-url", location)
	if code != 0 || errs != "" {
		t.Errorf("exit %d: it says %q", code, errs)
	}
	me, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	_, errs, code = command(t, "", []string{"PORTEIRO_AUDIT=true"}, "user", "roles", "ana@example.com", "admin", "--database-url", location)
	var record map[string]any
	if err := json.Unmarshal([]byte(errs), &record); err != nil || code != 0 || strings.Count(errs, "\n") != 1 {
		t.Fatalf("exit %d: it says %q: %v", code, errs, err)
	}
	for name, want := range map[string]string{
		"event": "administration", "outcome": "ok", "actor": "command line: " + me.Username, "detail": "set roles admin",
	} {
		if record[name] != want {
			t.Errorf("%s is %v, want %s", name, record[name], want)
		}
	}
	_, errs, code = porteiro(t, "", "user", "delete", "bea@example.com", "--audit", "--database-url", location)
	if code != 1 || !strings.Contains(errs, `"outcome":"not_found"`) || strings.Contains(errs, `"account":"bea`) {
		t.Errorf("exit %d: it says %q", code, errs)
	}
}
