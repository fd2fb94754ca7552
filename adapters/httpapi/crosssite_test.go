package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// T082: whence a request that changes something may come. httptest's Host is example.com.
func TestCrossSite(t *testing.T) {
	const allowed, carrying = "https://app.example.com", "Cookie: " + access + "=T"
	for _, c := range []struct {
		name    string
		headers string // separated by |
		cookie  bool   // whether it passes with a cookie
		none    bool   // and with none
	}{
		{"a page of this origin", "Sec-Fetch-Site: same-origin|Origin: https://example.com", true, true},
		{"the address bar", "Sec-Fetch-Site: none", true, true},
		{"a page of another site", "Sec-Fetch-Site: cross-site|Origin: https://evil.example", false, false},
		{"a page of another site that hides", "Sec-Fetch-Site: cross-site", false, false},
		{"a sandboxed page", "Sec-Fetch-Site: cross-site|Origin: null", false, false},
		{"a page of the same site", "Sec-Fetch-Site: same-site|Origin: https://blog.example.com", false, false},
		{"a page of the same site that hides", "Sec-Fetch-Site: same-site", false, false},
		{"an allowed page", "Sec-Fetch-Site: same-site|Origin: " + allowed, true, true},
		{"an allowed page of another site", "Sec-Fetch-Site: cross-site|Origin: " + allowed, true, true},
		{"an allowed page, in capitals", "Sec-Fetch-Site: same-site|Origin: HTTPS://APP.EXAMPLE.COM", false, false},
		{"an allowed page, and more", "Sec-Fetch-Site: same-site|Origin: " + allowed + ".evil.example", false, false},
		{"an allowed page at another port", "Sec-Fetch-Site: same-site|Origin: " + allowed + ":444", false, false},
		{"an allowed page without TLS", "Sec-Fetch-Site: cross-site|Origin: http://app.example.com", false, false},
		{"no Sec-Fetch-Site that there is", "Sec-Fetch-Site: SAME-ORIGIN", false, false},
		{"an old browser, this origin", "Origin: https://example.com", true, true},
		{"an old browser, this host without TLS", "Origin: http://example.com", false, false},
		{"an old browser, another site", "Origin: https://evil.example", false, false},
		{"an old browser, this host's name in another", "Origin: https://example.com.evil.example", false, false},
		{"an old browser, this host at another port", "Origin: https://example.com:444", false, false},
		{"an old browser, a sandboxed page", "Origin: null", false, false},
		{"an old browser, an allowed page", "Origin: " + allowed, true, true},
		{"an origin that is none", "Origin: ://", false, false},
		{"a program", "", false, true},
		{"headers that a proxy has emptied", "Sec-Fetch-Site: |Origin: ", false, true},
		{"an emptied header, this host without TLS", "Sec-Fetch-Site: |Origin: http://example.com", false, false},
		{"a Referer is nothing", "Referer: https://example.com/", false, true},
		{"two sites", "Sec-Fetch-Site: same-origin|Sec-Fetch-Site: cross-site", false, false},
		{"two origins", "Origin: https://example.com|Origin: https://evil.example", false, false},
	} {
		for _, route := range []struct{ method, path, body string }{
			{"POST", "/login", `{"email":"a","password":"b"}`}, {"POST", "/logout", ""}, {"DELETE", "/me", `{"password":"a"}`},
			{"POST", "/register", `{"email":"a","password":"b"}`}, {"PUT", "/authorize", ""},
		} {
			for _, cookie := range []bool{true, false} {
				a := newAPI(t, withCookies, func(c *httpapi.Config) { c.CORSOrigins = []string{allowed} })
				headers := append(strings.Split(c.headers, "|"), asJSON)
				want := c.none
				if cookie {
					headers, want = append(headers, carrying), c.cookie
				}
				w := a.ask(route.method, route.path, route.body, headers...)
				if passed := w.Code != 403; passed != want {
					t.Errorf("%s, with a cookie %v: %s %s: %d", c.name, cookie, route.method, route.path, w.Code)
				}
				if w.Code == 403 {
					if problem(t, w, 403, "cross_site"); a.calls != nil || handed(w.Header()) != nil {
						t.Errorf("%s: asked %q, handed out %q", c.name, a.calls, handed(w.Header()))
					}
				}
			}
		}
	}
}

// T082: reading is what CORS keeps from others, and a Bearer is nothing that a browser adds.
func TestNotCrossSite(t *testing.T) {
	for _, route := range []string{"GET /me", "GET /protected", "GET /sessions", "GET /authorize", "HEAD /me"} {
		method, path, _ := strings.Cut(route, " ")
		a := newAPI(t, withCookies)
		if w := a.ask(method, path, "", "X-Forwarded-Method: GET", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example", "Cookie: "+access+"=T"); w.Code != 200 {
			t.Errorf("%s: %d %s", route, w.Code, w.Body)
		}
	}
	for _, from := range []string{"", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example", "Origin: null"} {
		a := newAPI(t, withCookies)
		if w := a.ask("POST", "/logout", "", from, "Authorization: Bearer T"); w.Code != 200 {
			t.Errorf("a Bearer with %q: %d %s", from, w.Code, w.Body)
		}
		a = newAPI(t)
		if w := a.ask("POST", "/login", `{"email":"a","password":"b"}`, asJSON, from); w.Code != 200 {
			t.Errorf("a login without cookie mode with %q: %d %s", from, w.Code, w.Body)
		}
	}
	a := newAPI(t, withCookies)
	problem(t, a.ask("POST", "/logout", "", "Origin: https://evil.example", "Authorization: Basic YTpi"), 403, "cross_site") // browsers send these by themselves
	a = newAPI(t, func(c *httpapi.Config) { c.Cookies = httpapi.Cookies{On: true, Insecure: true} })
	if w := a.ask("POST", "/logout", "", "Origin: http://example.com", "Cookie: access_token=T"); w.Code != 200 {
		t.Errorf("insecure cookies from this host: %d %s", w.Code, w.Body)
	}
}

// T082: a gateway asks with a method of its own about a request of another.
func TestCrossSiteBehindAGateway(t *testing.T) {
	for _, c := range []struct {
		method, path string
		forwarded    []string
		status       int
	}{
		{"GET", "/authorize", nil, 200},
		{"GET", "/authorize", []string{"X-Forwarded-Method: GET"}, 200},
		{"GET", "/authorize", []string{"X-Forwarded-Method: HEAD"}, 200},
		{"GET", "/authorize", []string{"X-Forwarded-Method: POST"}, 403},
		{"GET", "/authorize", []string{"X-Forwarded-Method: get"}, 403},
		{"GET", "/authorize", []string{"X-Forwarded-Method: "}, 403},
		{"GET", "/authorize", []string{"X-Forwarded-Method: GET", "X-Forwarded-Method: DELETE"}, 403},
		{"POST", "/authorize", []string{"X-Forwarded-Method: GET"}, 403},
		{"GET", "/authorize", []string{"X-Original-Method: GET"}, 200},
		{"GET", "/authorize", []string{"X-Original-Method: POST"}, 403},
		{"GET", "/authorize", []string{"X-Forwarded-Method: GET", "X-Original-Method: POST"}, 403},
		{"GET", "/authorize", []string{"Origin: https://evil.example"}, 403}, // nobody says that it is a GET
		{"GET", "/authorize", []string{"Origin: "}, 200},
		{"GET", "/authorize", []string{"Origin: https://evil.example", "X-Forwarded-Method: GET"}, 200},
		{"GET", "/authorize", []string{"Origin: https://evil.example", "X-Original-Method: GET"}, 200},
		{"GET", "/me", []string{"Origin: https://evil.example"}, 200},
		{"GET", "/me", []string{"X-Forwarded-Method: POST"}, 200},
		{"POST", "/logout", []string{"X-Forwarded-Method: GET"}, 403},
	} {
		a := newAPI(t, withCookies, func(c *httpapi.Config) { c.BasePath = "/auth" })
		w := a.ask(c.method, "/auth"+c.path, "", append(c.forwarded, "Sec-Fetch-Site: cross-site", "Cookie: "+access+"=T")...)
		if w.Code != c.status {
			t.Errorf("%s %s with %q: %d %s", c.method, c.path, c.forwarded, w.Code, w.Body)
		}
		if strings.Contains(strings.Join(c.forwarded, "|"), "Origin: ") {
			continue
		}
		w = a.ask(c.method, "/auth"+c.path, "", append(c.forwarded, fromHere, "Cookie: "+access+"=T")...)
		if w.Code != 200 {
			t.Errorf("from a page of this origin: %s %s with %q: %d %s", c.method, c.path, c.forwarded, w.Code, w.Body)
		}
	}
}

// T082: a WebSocket begins with a GET that no CORS keeps from reading and writing.
func TestCrossSiteWebSockets(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"a page of this origin", []string{"Sec-Fetch-Site: same-origin", "Origin: https://example.com", "Cookie: " + access + "=T"}, 200},
		{"an old browser, this origin", []string{"Origin: https://example.com", "Cookie: " + access + "=T"}, 200},
		{"an allowed page", []string{"Sec-Fetch-Site: same-site", "Origin: https://app.example.com", "Cookie: " + access + "=T"}, 200},
		{"a program", []string{"Authorization: Bearer T"}, 200},
		{"a page that holds a token", []string{"Origin: https://evil.example", "Authorization: Bearer T"}, 200},
		{"a page of the same site", []string{"Sec-Fetch-Site: same-site", "Origin: https://blog.example.com", "Cookie: " + access + "=T"}, 403},
		{"an old browser, another site", []string{"Origin: https://evil.example", "Cookie: " + access + "=T"}, 403},
		{"a cookie from nowhere", []string{"Cookie: " + access + "=T"}, 403},
	} {
		for _, begins := range []string{"Sec-WebSocket-Version: 13", "Upgrade: websocket"} {
			a := newAPI(t, withCookies, func(c *httpapi.Config) { c.CORSOrigins = []string{"https://app.example.com"} })
			if w := a.ask("GET", "/authorize", "", append(c.headers, "X-Forwarded-Method: GET", begins)...); w.Code != c.status {
				t.Errorf("%s, %s: %d %s", c.name, begins, w.Code, w.Body)
			}
		}
	}
}

// T089: what /authorize tells a gateway is its own, whatever the client put into the request.
func TestAuthorizeTakesNothingOfTheClients(t *testing.T) {
	a := newAPI(t)
	forged := []string{"X-Auth-User: root", "X-Auth-Email: root@example.com", "X-Auth-Roles: admin", "X-Auth-Session: 1", "Connection: X-Auth-User, X-Auth-Roles"}
	a.identity.Roles = nil
	h := a.ask("GET", "/authorize", "", append(forged, "Authorization: Bearer T")...).Header()
	if h.Get("X-Auth-User") != string(a.identity.User) || h.Get("X-Auth-Email") != "ana@example.com" || h.Get("X-Auth-Roles") != "" ||
		h.Get("X-Auth-Session") != string(a.identity.Session) || h.Get("Connection") != "" {
		t.Errorf("%v", h)
	}
	var w *httptest.ResponseRecorder
	if w = a.ask("GET", "/authorize", "", forged...); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	for name := range w.Header() {
		if strings.HasPrefix(name, "X-Auth-") {
			t.Errorf("a refusal tells a gateway %s", name)
		}
	}
}
