package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/domain"
)

func TestAnswers(t *testing.T) {
	const identity = `{"id":"018f0000-0000-7000-8000-000000000001","email":"ana@example.com","roles":["admin","writer"],` +
		`"login_time":"2030-01-02T03:04:05.678901Z","session":"018f0000-0000-7000-8000-000000000002"}` + "\n"
	const tokens = `{"access_token":"A","refresh_token":"R","token_type":"Bearer","expires_in":900,"refresh_expires_in":604800}` + "\n"
	const credentials = `{"email":" Ana@x ","password":" p\u0000 "}`
	for _, c := range []struct {
		method, target, body string
		status               int
		answer               string
		asked                []string
	}{
		{"POST", "/login", credentials, 200, tokens, []string{" Ana@x ", " p\x00 "}},
		{"POST", "/register", credentials, 201, `{"id":"018f0000-0000-7000-8000-000000000001","email":"ana@example.com"}` + "\n", []string{" Ana@x ", " p\x00 "}},
		{"POST", "/refresh", "", 200, tokens, []string{"T"}},
		{"POST", "/logout", "", 200, `{"msg":"Logout bem-sucedido"}` + "\n", []string{"T", "global"}},
		{"POST", "/logout", "{}", 200, `{"msg":"Logout bem-sucedido"}` + "\n", []string{"T", "global"}},
		{"POST", "/logout?scope=others", "", 200, `{"msg":"Logout bem-sucedido"}` + "\n", []string{"T", "others"}},
		{"GET", "/protected", "", 200, `{"msg":"Welcome, ana@example.com!"}` + "\n", []string{"T"}},
		{"GET", "/me", "", 200, identity, []string{"T"}},
		{"GET", "/authorize", "", 200, identity, []string{"T"}},
		{"DELETE", "/authorize?role=a&role=b%3Ac", "", 200, identity, []string{"T", "a", "b:c"}},
		{"GET", "/healthz", "", 200, `{"status":"alive"}` + "\n", nil},
		{"GET", "/readyz", "", 200, `{"status":"ready"}` + "\n", nil},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			a := newAPI(t)
			w := a.ask(c.method, c.target, c.body, "Content-Type: application/json", "Authorization: Bearer T")
			if w.Code != c.status || w.Body.String() != c.answer || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if diff := cmp.Diff(c.asked, a.asked); diff != "" {
				t.Errorf("the gate was asked (-want +got):\n%s", diff)
			}
			common(t, w)
		})
	}
}

func TestAuthorizeTellsGateways(t *testing.T) {
	a := newAPI(t)
	h := a.ask("PUT", "/authorize", "", "Authorization: Bearer T").Header()
	for name, want := range map[string]string{
		"X-Auth-User": string(a.identity.User), "X-Auth-Email": "ana@example.com", "X-Auth-Roles": "admin,writer",
		"X-Auth-Session": string(a.identity.Session),
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	a.identity.Roles = nil
	w := a.ask("GET", "/authorize", "", "Authorization: Bearer T")
	if v, there := w.Header()["X-Auth-Roles"]; !there || v[0] != "" {
		t.Errorf("without roles X-Auth-Roles is %q: a gateway that finds no header passes on the client's", v)
	}
	if !strings.Contains(w.Body.String(), `"roles":[]`) {
		t.Errorf("without roles the body is %s", w.Body)
	}
}

func TestEveryRefusalHasItsStatus(t *testing.T) {
	for refusal, want := range map[domain.Refusal]struct {
		status int
		msg    string
		header string
	}{
		domain.InvalidCredentials: {401, "Credenciais inválidas", `Bearer realm="porteiro"`},
		domain.InvalidClient:      {401, "", `Basic realm="porteiro", charset="UTF-8"`},
		domain.TokenMissing:       {401, "Missing Authorization Header", `Bearer realm="porteiro"`},
		domain.TokenExpired:       {401, "Token has expired", invalidToken},
		domain.TokenRevoked:       {401, "Token has been revoked", invalidToken},
		domain.TokenReused:        {401, "Token has been revoked", invalidToken},
		domain.TokenInvalid:       {401, "Signature verification failed", invalidToken},
		domain.SessionExpired:     {401, "Token has expired", invalidToken},
		domain.InsufficientRole:   {403, "", `Bearer realm="porteiro", error="insufficient_scope"`},
		domain.EmailTaken:         {409, "", ""},
		domain.EmailInvalid:       {400, "", ""},
		domain.PasswordWeak:       {400, "", ""},
		domain.RegistrationClosed: {403, "", ""},
		domain.RequestInvalid:     {400, "", ""},
		domain.NotFound:           {404, "", ""},
		domain.MethodNotAllowed:   {405, "", ""},
		domain.MediaType:          {415, "", ""},
		domain.BodyTooLarge:       {413, "", ""},
		domain.Unavailable:        {503, "", ""},
	} {
		t.Run(string(refusal), func(t *testing.T) {
			a := newAPI(t)
			a.err = fmt.Errorf("login: %w", refusal)
			w := a.post("/login", `{"email":"a","password":"b"}`)
			p := problem(t, w, want.status, string(refusal))
			if want.msg != "" && p["msg"] != want.msg {
				t.Errorf("msg %q", p["msg"])
			}
			if got := w.Header().Get("WWW-Authenticate"); got != want.header {
				t.Errorf("WWW-Authenticate %q", got)
			}
			if (w.Header().Get("Retry-After") != "") != (want.status == 503) {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
		})
	}
}

const invalidToken = `Bearer realm="porteiro", error="invalid_token", error_description="The token does not hold"`

func TestRetryAfterIsRoundedUp(t *testing.T) {
	a := newAPI(t)
	a.err = &domain.Denied{Refusal: domain.Unavailable, RetryAfter: 2100 * time.Millisecond}
	if got := a.post("/login", `{"email":"a","password":"b"}`).Header().Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After %q", got)
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	a := newAPI(t)
	a.panics = "hunter2"
	problem(t, a.post("/login", `{"email":"a","password":"b"}`), 500, "internal")
	if !strings.Contains(a.log.String(), "panic") || strings.Contains(a.log.String(), "hunter2") {
		t.Errorf("the log is %s", a.log.String())
	}
	a.panics = nil
	if w := a.post("/login", `{"email":"a","password":"b"}`); w.Code != 200 {
		t.Errorf("after the panic: %d", w.Code)
	}
}

func TestFailuresAreLoggedOnceAndStayInside(t *testing.T) {
	a := newAPI(t)
	a.err = fmt.Errorf("login: %w: %w", domain.Unavailable, errors.New("dial tcp 10.1.2.3:5432"))
	w := a.post("/login", `{"email":"canary@example.com","password":"canary"}`)
	problem(t, w, 503, "unavailable")
	if strings.Contains(w.Body.String(), "10.1.2.3") {
		t.Errorf("the client is told %s", w.Body)
	}
	log := a.log.String()
	if strings.Count(log, "10.1.2.3") != 1 || strings.Contains(log, "canary") || !strings.Contains(log, w.Header().Get("X-Request-Id")) {
		t.Errorf("the log is %s", log)
	}
}

// A crowd that there is no time for is a few lines a second, each of which says why, and one how many it left out; what
// fails for another reason beside it is no part of it.
func TestACrowdOfFailuresIsAFewLines(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newAPI(t, func(c *httpapi.Config) { c.Clock = func() time.Time { return now } })
	lines := func() (all []string) {
		all = strings.Split(strings.TrimSuffix(a.log.String(), "\n"), "\n")
		a.log.Reset()
		return all
	}
	fail := func(err error, status int, times int) {
		a.err = err
		for range times {
			if w := a.post("/login", `{"email":"a","password":"b"}`); w.Code != status {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
		}
	}
	full := fmt.Errorf("login: the queue is full: %w", domain.Unavailable)
	fail(full, 503, 100)
	fail(fmt.Errorf("login: %w: %w", domain.Unavailable, errors.New("connection refused")), 503, 1)
	fail(errors.New("a fault"), 500, 10)
	got := lines()
	if len(got) != 5+1+10 || !strings.Contains(got[4], "the queue is full") || !strings.Contains(got[5], "connection refused") ||
		strings.Contains(strings.Join(got, ""), "left_out") {
		t.Errorf("got %d lines: %s", len(got), got)
	}
	now = now.Add(time.Second)
	fail(full, 503, 1)
	if got := lines(); len(got) != 1 || !strings.Contains(got[0], "the queue is full") || !strings.HasSuffix(got[0], " left_out=95") {
		t.Errorf("a second later: %s", got)
	}
}

func TestRequestsAreBoundedInTime(t *testing.T) {
	a := newAPI(t, func(c *httpapi.Config) { c.RequestTimeout = time.Millisecond })
	a.block = true
	a.err = context.DeadlineExceeded
	// The core makes Unavailable of it; a gate that does not is a fault of ours, and still an answer.
	problem(t, a.post("/login", `{"email":"a","password":"b"}`), 500, "internal")
}

func TestReadiness(t *testing.T) {
	draining := false
	var ready error
	a := newAPI(t, func(c *httpapi.Config) {
		c.Draining = func() bool { return draining }
		c.Ready = func(context.Context) error { return ready }
	})
	ready = fmt.Errorf("ready: %w", domain.Unavailable)
	problem(t, a.ask("GET", "/readyz", ""), 503, "unavailable")
	ready, draining = nil, true
	w := a.ask("GET", "/readyz", "")
	problem(t, w, 503, "unavailable")
	if w.Header().Get("Connection") != "close" {
		t.Error("a node that drains keeps the connection")
	}
	if w := a.ask("GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("a node that drains is alive: %d", w.Code)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	g := &gate{}
	ready := func(context.Context) error { return nil }
	for want, c := range map[string]httpapi.Config{
		"a Gate is needed":        {},
		"Accounts are needed":     {Gate: g},
		"Sessions are needed":     {Gate: g, Accounts: g},
		"Ready is needed":         {Gate: g, Accounts: g, Sessions: g},
		"a Logger is needed":      {Gate: g, Accounts: g, Sessions: g, Ready: ready},
		`"auth" is not one`:       {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: "auth"},
		`"/a//b" is not one`:      {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: "/a//b"},
		`"/é" is not one`:         {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: "/é"},
		`"/a\"b" is not one`:      {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: `/a"b`},
		`"/a?b" is not one`:       {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: "/a?b"},
		`"/a/../../b" is not one`: {Gate: g, Accounts: g, Sessions: g, Ready: ready, Logger: newAPILogger(), BasePath: "/a/../../b"},
	} {
		if _, err := httpapi.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
