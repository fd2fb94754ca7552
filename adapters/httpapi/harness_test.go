package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// gate answers as it is told, and keeps what it was asked.
type gate struct {
	err      error
	panics   any
	identity application.Identity
	asked    []string             // the last time
	calls    [][]string           // every time
	grant    *application.Grant   // what it grants; nil is granted()
	then     func(call int) error // what it says to each call; nil is err
	origin   application.Origin
	block    bool
}

func (g *gate) told(ctx context.Context, words ...string) error {
	g.asked, g.origin = words, application.OriginOf(ctx)
	g.calls = append(g.calls, words)
	if g.panics != nil {
		panic(g.panics)
	}
	if g.block {
		<-ctx.Done()
		return ctx.Err()
	}
	if g.then != nil {
		return g.then(len(g.calls))
	}
	return g.err
}

func (g *gate) grants() application.Grant {
	if g.grant != nil {
		return *g.grant
	}
	return granted()
}

func (g *gate) Login(ctx context.Context, email, password string) (application.Grant, error) {
	return g.grants(), g.told(ctx, email, password)
}

func (g *gate) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	return g.grants(), g.told(ctx, refresh)
}

func (g *gate) Logout(ctx context.Context, access string, scope domain.Scope) error {
	return g.told(ctx, access, string(scope))
}

func (g *gate) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	words := []string{access}
	for _, r := range anyOf {
		words = append(words, string(r))
	}
	return g.identity, g.told(ctx, words...)
}

func (g *gate) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	return g.grants(), g.told(ctx, access, current, next)
}

func (g *gate) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	return application.Registered{User: "018f0000-0000-7000-8000-000000000001", Email: "bea@example.com"}, g.told(ctx, access, password, email)
}

func (g *gate) DeleteAccount(ctx context.Context, access, password string) error {
	return g.told(ctx, access, password)
}

func (g *gate) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	return []application.SessionInfo{{
		ID: "018f0000-0000-7000-8000-000000000002", Current: true, LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC),
		RefreshedAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), UserAgent: "curl/8.9.1", IP: "192.0.2.7",
	}}, g.told(ctx, access)
}

func (g *gate) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	return g.told(ctx, access, string(id))
}

func (g *gate) Register(ctx context.Context, email, password string) (application.Registered, error) {
	return application.Registered{User: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com"}, g.told(ctx, email, password)
}

func granted() application.Grant {
	return application.Grant{AccessToken: "A", RefreshToken: "R", ExpiresIn: 900 * time.Second, RefreshExpiresIn: 604800 * time.Second}
}

func ana() application.Identity {
	return application.Identity{
		User: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com", Roles: []domain.Role{"admin", "writer"},
		Session: "018f0000-0000-7000-8000-000000000002", LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC),
	}
}

// api is a handler, what is behind it and what it logs.
type api struct {
	http.Handler
	*gate
	log bytes.Buffer
}

func newAPI(t *testing.T, change ...func(*httpapi.Config)) *api {
	t.Helper()
	a := &api{gate: &gate{identity: ana()}}
	c := httpapi.Config{
		Gate: a.gate, Accounts: a.gate, Sessions: a.gate, Ready: func(context.Context) error { return nil },
		Logger: slog.New(slog.NewTextHandler(&a.log, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	h, err := httpapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	a.Handler = h
	return a
}

// refused holds New to an error of one line for settings that cannot be meant.
func refused(t *testing.T, want string, change func(*httpapi.Config)) {
	t.Helper()
	g := &gate{}
	c := httpapi.Config{Gate: g, Accounts: g, Sessions: g, Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler)}
	change(&c)
	h, err := httpapi.New(c)
	if h != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want %q", err, want)
	}
}

// ask sends a request in which only what differs is named. Headers are "Name: value".
func (a *api) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range headers {
		if name, value, found := strings.Cut(h, ": "); found {
			r.Header.Add(name, value)
		}
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func (a *api) post(target, body string) *httptest.ResponseRecorder {
	return a.ask("POST", target, body, "Content-Type: application/json")
}

// problem holds an answer to what every refusal has in common, and returns it.
func problem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) map[string]any {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("the body is %q: %v", w.Body, err)
	}
	if w.Code != status || p["code"] != code || p["status"] != float64(status) {
		t.Errorf("status %d, body %v; want %d and code %s", w.Code, p, status, code)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	for _, member := range []string{"type", "title", "detail", "instance", "msg"} {
		if s, _ := p[member].(string); s == "" {
			t.Errorf("%s is missing in %v", member, p)
		}
	}
	common(t, w)
	return p
}

// common holds an answer to what all of them have.
func common(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" {
		t.Errorf("headers %v", h)
	}
}

// raw sends bytes as they are over a connection of its own and reads one answer.
func raw(t *testing.T, h http.Handler, request string) *http.Response {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = httpapi.NewServer(h, slog.New(slog.DiscardHandler))
	server.Start()
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", request, err)
	}
	return response
}
