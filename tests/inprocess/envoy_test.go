package inprocess_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/grpcapi/extauthz"
	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// away is a store that cannot be asked.
type away struct{}

func (away) Standing(context.Context, domain.SessionID) (domain.Standing, error) {
	return domain.Standing{}, errors.New("connection refused")
}

// mesh is a service as Envoy asks it, over a connection, and as a gateway does over HTTP.
type mesh struct {
	t     *testing.T
	http  http.Handler
	envoy authv3.AuthorizationClient
	token string // Ana's
}

func newMesh(t *testing.T, deps func(*application.Deps), settings func(*httpapi.Config)) *mesh {
	t.Helper()
	core := inprocess.Core(t, deps)
	m := &mesh{t: t, http: inprocess.Handler(t, core, settings)}
	if _, err := core.Register(t.Context(), "ana@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	if err := core.SetRoles(t.Context(), "ana@example.com", "writer"); err != nil {
		t.Fatal(err)
	}
	grant, err := core.Login(t.Context(), "ana@example.com", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	m.token = grant.AccessToken
	authz, err := extauthz.New(m.http, "/authorize")
	if err != nil {
		t.Fatal(err)
	}
	server, err := grpcapi.New(grpcapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(slog.DiscardHandler), More: authz.Register,
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Shutdown(context.Background()) })
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	m.envoy = authv3.NewAuthorizationClient(conn)
	return m
}

// check asks as Envoy does: "NAME: VALUE" for each header, names in lower case.
func (m *mesh) check(method string, extensions map[string]string, headers ...string) *authv3.CheckResponse {
	m.t.Helper()
	h := map[string]string{":method": method, ":path": "/orders"}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = value
	}
	response, err := m.envoy.Check(m.t.Context(), &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		ContextExtensions: extensions,
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: method, Path: "/orders", Host: "shop.example.com", Scheme: "https", Headers: h,
		}},
	}})
	if err != nil {
		m.t.Fatal(err)
	}
	return response
}

// verdict is a response in one line: OK and the headers, or the status and the code.
func verdict(r *authv3.CheckResponse) string {
	denied := r.GetDeniedResponse()
	if denied == nil {
		return "OK"
	}
	var problem struct{ Code string }
	_ = json.Unmarshal([]byte(denied.GetBody()), &problem)
	return denied.GetStatus().GetCode().String() + " " + problem.Code
}

func TestEnvoy(t *testing.T) {
	m := newMesh(t, nil, nil)
	bearer := "authorization: Bearer " + m.token
	role := func(names string) map[string]string { return map[string]string{"role": names} }
	for _, c := range []struct {
		name       string
		extensions map[string]string
		headers    []string
		want       string
	}{
		{"a token that holds", nil, []string{bearer}, "OK"},
		{"the user's role", role("writer"), []string{bearer}, "OK"},
		{"one of several roles", role("admin,writer"), []string{bearer}, "OK"},
		{"another role", role("admin"), []string{bearer}, "Forbidden insufficient_role"},
		{"an empty role", role(""), []string{bearer}, "BadRequest request_invalid"},
		{"an extension that is unknown", map[string]string{"roles": "writer"}, []string{bearer}, "BadRequest request_invalid"},
		{"no token", nil, nil, "Unauthorized token_missing"},
		{"two tokens, as Envoy joins them", nil, []string{bearer + ",Bearer " + m.token}, "Unauthorized token_invalid"},
		{"a token that is none", nil, []string{"authorization: Bearer a.b.c"}, "Unauthorized token_invalid"},
		{"a cookie without cookie mode", nil, []string{"cookie: __Host-access_token=" + m.token}, "Unauthorized token_missing"},
	} {
		if got := verdict(m.check("GET", c.extensions, c.headers...)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// A preflight has no token: it is refused, as over HTTP.
	if got := verdict(m.check("OPTIONS", nil, "origin: https://app.example.com", "access-control-request-method: GET")); got != "Unauthorized token_missing" {
		t.Errorf("a preflight: %s", got)
	}
}

// Cookies are taken as forward auth takes them, from one's own pages alone.
func TestEnvoyWithCookies(t *testing.T) {
	m := newMesh(t, nil, func(c *httpapi.Config) {
		c.Cookies.On, c.CORSOrigins = true, []string{"https://app.example.com"}
	})
	cookie := "cookie: __Host-access_token=" + m.token
	for _, c := range []struct {
		name, method string
		headers      []string
		want         string
	}{
		{"reading", "GET", []string{cookie}, "OK"},
		{"changing, from the same origin", "POST", []string{cookie, "sec-fetch-site: same-origin"}, "OK"},
		{"changing, from the same origin by name", "POST", []string{cookie, "origin: https://shop.example.com"}, "OK"},
		{"changing, from an allowed origin", "POST", []string{cookie, "origin: https://app.example.com", "sec-fetch-site: same-site"}, "OK"},
		{"changing, from another site", "POST", []string{cookie, "origin: https://evil.example", "sec-fetch-site: cross-site"}, "Forbidden cross_site"},
		{"changing, from nowhere", "POST", []string{cookie}, "Forbidden cross_site"},
		{"changing, said to be reading", "POST", []string{cookie, "x-forwarded-method: GET"}, "Forbidden cross_site"},
		{"no method", "", []string{cookie}, "Forbidden cross_site"},
		{"both", "GET", []string{cookie, "authorization: Bearer " + m.token}, "BadRequest request_invalid"},
		{"a preflight", "OPTIONS", []string{"origin: https://app.example.com", "access-control-request-method: POST"}, "Unauthorized token_missing"},
	} {
		if got := verdict(m.check(c.method, nil, c.headers...)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A store that is away is 503, never a yes and never a 401.
func TestEnvoyWithoutAStore(t *testing.T) {
	m := newMesh(t, func(d *application.Deps) { d.Standing = away{} }, nil)
	response := m.check("GET", nil, "authorization: Bearer "+m.token)
	if got := verdict(response); got != "ServiceUnavailable unavailable" {
		t.Errorf("%s", got)
	}
	if got := header(response, "retry-after"); got != "1" {
		t.Errorf("it says to try again after %q", got)
	}
}

func header(r *authv3.CheckResponse, name string) string {
	for _, o := range r.GetDeniedResponse().GetHeaders() {
		if o.GetHeader().GetKey() == name {
			return o.GetHeader().GetValue()
		}
	}
	return ""
}

// A denial over either is the same, to the byte.
func TestEnvoyIsToldWhatAGatewayIs(t *testing.T) {
	m := newMesh(t, nil, nil)
	headers := []string{"authorization: Bearer a.b.c", "accept-language: pt-BR", "x-request-id: one"}
	r := httptest.NewRequest("GET", "/authorize", nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	m.http.ServeHTTP(w, r)
	response := m.check("GET", nil, headers...)
	if got := response.GetDeniedResponse().GetBody(); got != w.Body.String() || !strings.Contains(got, "token_invalid") {
		t.Errorf("%s\nover HTTP: %s", got, w.Body)
	}
	for _, name := range []string{"WWW-Authenticate", "Content-Type", "Content-Language", "Cache-Control", "X-Request-Id"} {
		if got := header(response, strings.ToLower(name)); got != w.Header().Get(name) || got == "" {
			t.Errorf("%s: %q, over HTTP %q", name, got, w.Header().Get(name))
		}
	}
}
