package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

const page = "https://app.example.com"

// sharing lets two origins call.
func sharing(c *httpapi.Config) { c.CORSOrigins = []string{page, "http://localhost:5173"} }

// strangers are what an Origin may be so as to look like an allowed one.
func strangers() []string {
	return []string{
		"https://evil.example", "null", "NULL", "*", "", "https://app.example.com.evil.example", "https://evil.example/https://app.example.com",
		"https://xapp.example.com", "https://example.com", "https://app.example.co", "https://app.example.com:443", "https://app.example.com:8443",
		"https://app.example.com/", "https://APP.example.com", "HTTPS://app.example.com", "http://app.example.com", "https://app.example.com.",
		"https://app.example.com\x00", "https://app.example.com,https://evil.example", "https://app.example.com https://evil.example",
		"https://user@app.example.com", "http://localhost", "http://localhost:51730", "http://127.0.0.1:5173", "https://app%2eexample.com",
	}
}

// T084: pages of the allowed origins may read, with credentials; nobody else, however alike they look.
func TestCORS(t *testing.T) {
	for _, mode := range []func(*httpapi.Config){sharing, func(c *httpapi.Config) { sharing(c); withCookies(c) }} {
		for _, route := range []string{"GET /me", "POST /refresh", "GET /nothing", "DELETE /login", "OPTIONS /login", "GET /healthz"} {
			method, path, _ := strings.Cut(route, " ")
			for _, origin := range []string{page, "http://localhost:5173"} {
				h := newAPI(t, mode).ask(method, path, "", "Origin: "+origin, "Authorization: Bearer T").Header()
				if path == "/nothing" { // whose path it is nobody knows
					continue
				}
				if h.Get("Access-Control-Allow-Origin") != origin || h.Get("Access-Control-Allow-Credentials") != "true" {
					t.Errorf("%s from %s: %v", route, origin, h)
				}
				if h.Get("Access-Control-Expose-Headers") != "Retry-After, Www-Authenticate, X-Request-Id" {
					t.Errorf("%s from %s: exposes %q", route, origin, h.Get("Access-Control-Expose-Headers"))
				}
				if !slices.Contains(h.Values("Vary"), "Origin") {
					t.Errorf("%s from %s: Vary %q", route, origin, h.Values("Vary"))
				}
			}
			for _, origin := range strangers() {
				w := newAPI(t, mode).ask(method, path, "", "Origin: "+origin, "Authorization: Bearer T")
				shut(t, route+" from "+origin, w.Header())
				if path != "/nothing" && !slices.Contains(w.Header().Values("Vary"), "Origin") {
					t.Errorf("%s from %s: Vary %q", route, origin, w.Header().Values("Vary"))
				}
			}
			shut(t, "two origins", newAPI(t, mode).ask(method, path, "", "Origin: "+page, "Origin: https://evil.example").Header())
			shut(t, "no CORS", newAPI(t).ask(method, path, "", "Origin: "+page).Header())
		}
	}
}

func shut(t *testing.T, what string, h map[string][]string) {
	t.Helper()
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s: %s %q", what, name, h[name])
		}
	}
}

// T084: what a page may send, asked before it does.
func TestPreflight(t *testing.T) {
	for _, c := range []struct {
		path, method, headers string
		granted               bool
	}{
		{"/login", "POST", "content-type", true}, {"/refresh", "POST", "", true}, {"/logout", "POST", "authorization,x-request-id", true},
		{"/me", "GET", "authorization", true}, {"/me", "DELETE", "authorization,content-type", true}, {"/sessions", "GET", "", true},
		{"/sessions/" + aSession, "DELETE", "authorization", true}, {"/password", "POST", "content-type", true},
		{"/login", "PUT", "", false}, {"/login", "TRACE", "", false}, {"/login", "post", "", false}, {"/login", "*", "", false},
		{"/login", "POST", "x-forwarded-for", false}, {"/login", "POST", "x-forwarded-method", false}, {"/login", "POST", "*", false},
	} {
		for _, origin := range append(strangers(), page) {
			a := newAPI(t, sharing)
			headers := []string{"Origin: " + origin, "Access-Control-Request-Method: " + c.method}
			if c.headers != "" {
				headers = append(headers, "Access-Control-Request-Headers: "+c.headers)
			}
			w := a.ask("OPTIONS", c.path, "", headers...)
			h := w.Header()
			switch {
			case w.Code != 204 || w.Body.Len() != 0 || a.calls != nil:
				t.Errorf("%s %s from %q: %d %s", c.method, c.path, origin, w.Code, w.Body)
			case origin != page || !c.granted:
				shut(t, c.method+" "+c.path+" with "+c.headers+" from "+origin, h)
			case h.Get("Access-Control-Allow-Origin") != page || h.Get("Access-Control-Allow-Credentials") != "true" ||
				h.Get("Access-Control-Allow-Methods") != c.method || h.Get("Access-Control-Allow-Headers") != c.headers ||
				h.Get("Access-Control-Max-Age") != "600":
				t.Errorf("%s %s: %v", c.method, c.path, h)
			}
			if !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
				t.Errorf("%s %s from %q: Vary %q", c.method, c.path, origin, h.Values("Vary"))
			}
		}
	}
}

// A gateway takes any 2xx of /authorize for a yes: there a preflight is a request like any other.
func TestPreflightOfAuthorize(t *testing.T) {
	for _, mode := range []func(*httpapi.Config){sharing, func(c *httpapi.Config) { sharing(c); withCookies(c) }} {
		a := newAPI(t, mode)
		w := a.ask("OPTIONS", "/authorize", "", "Origin: "+page, "Access-Control-Request-Method: POST")
		problem(t, w, 401, "token_missing")
		shut(t, "/authorize", w.Header())
		problem(t, a.ask("OPTIONS", "/nothing", "", "Origin: "+page, "Access-Control-Request-Method: POST"), 404, "not_found")
		problem(t, newAPI(t).ask("OPTIONS", "/login", "", "Origin: "+page, "Access-Control-Request-Method: POST"), 405, "method_not_allowed")
	}
}

func TestCORSSettings(t *testing.T) {
	for origin, want := range map[string]string{
		"*": "wildcard", "https://*.example.com": "wildcard", "null": "sandboxed", "": "does not begin", "app.example.com": "does not begin",
		"//app.example.com": "does not begin", "ftp://app.example.com": "does not begin", "https://": "does not begin", "https:app": "does not begin",
		"https://app.example.com/": "more than scheme", "https://app.example.com/x": "more than scheme", "https://app.example.com?x": "more than scheme",
		"https://app.example.com?": "more than scheme", "https://app.example.com#": "more than scheme", "https://ana@app.example.com": "more than scheme",
		"https://App.example.com": "lower-case ASCII", "HTTPS://app.example.com": "lower-case ASCII", "https://çã.example": "lower-case ASCII",
		"https://app.example.com:443": "leave out", "http://app.example.com:80": "leave out", "https://app.example.com:": "no host",
		"https://app.example.com:0": "no host", "https://app.example.com:99999": "no host", "https://app.example.com:08443": "no host",
		"https://app_example,com": "no host", "https://:8443": "no host", "https://[::1": "does not begin", "https://[::01]": "no host",
		"https://app%2eexample.com": "does not begin", "https://a b": "does not begin", "https://app.example.com\n": "does not begin",
		"https://app.example.com,https://b.example.com": "more than scheme",
	} {
		refused(t, want, func(c *httpapi.Config) { c.CORSOrigins = []string{page, origin} })
	}
	for _, origin := range []string{
		page, "https://app.example.com:8443", "http://localhost:5173", "http://localhost", "http://127.0.0.1:3000", "http://[::1]:3000",
		"http://intranet.example.com", "https://xn--mnchen-3ya.de", "https://a_b.example",
	} {
		a := newAPI(t, func(c *httpapi.Config) { c.CORSOrigins = []string{origin} })
		if got := a.ask("GET", "/healthz", "", "Origin: "+origin).Header().Get("Access-Control-Allow-Origin"); got != origin {
			t.Errorf("%s: got %q", origin, got)
		}
	}
}
