package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const (
	access, refresh = "__Host-access_token", "__Host-refresh_token"
	attributes      = "; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax"
	expired         = "; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	fromHere        = "Sec-Fetch-Site: same-origin"
	asJSON          = "Content-Type: application/json"
)

// withCookies turns cookie mode on.
func withCookies(c *httpapi.Config) { c.Cookies.On = true }

// handed returns the cookies of an answer, as they are sent.
func handed(h http.Header) []string { return h.Values("Set-Cookie") }

func both(attributes string) []string {
	if attributes == expired {
		return []string{access + "=" + expired, refresh + "=" + expired}
	}
	return []string{access + "=A" + attributes, refresh + "=R" + attributes}
}

// T079: the attributes of the cookies, and nothing of their values in the body.
func TestCookiesAreHandedOut(t *testing.T) {
	for _, c := range []struct{ method, path, body, sent string }{
		{"POST", "/login", `{"email":"a","password":"b"}`, ""},
		{"POST", "/refresh", "", "Cookie: " + refresh + "=T"},
		{"POST", "/password", `{"current_password":"a","new_password":"b"}`, "Cookie: " + access + "=T"},
	} {
		for mode, want := range map[httpapi.Cookies][]string{
			{On: true}: both(attributes),
			{On: true, Domain: "example.com"}: {
				"__Secure-access_token=A; Path=/; Domain=example.com; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
				"__Secure-refresh_token=R; Path=/; Domain=example.com; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
			},
			{On: true, Insecure: true}: {
				"access_token=A; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax",
				"refresh_token=R; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax",
			},
		} {
			a := newAPI(t, func(c *httpapi.Config) { c.Cookies, c.BasePath = mode, "/auth" })
			sent := c.sent
			switch {
			case mode.Domain != "":
				sent = strings.Replace(sent, "__Host-", "__Secure-", 1)
			case mode.Insecure:
				sent = strings.Replace(sent, "__Host-", "", 1)
			}
			w := a.ask(c.method, "/auth"+c.path, c.body, asJSON, fromHere, sent)
			if w.Code != 200 || !slices.Equal(handed(w.Header()), want) {
				t.Errorf("%s with %+v: %d\n\t%s", c.path, mode, w.Code, strings.Join(handed(w.Header()), "\n\t"))
			}
			if got := w.Body.String(); got != `{"expires_in":900,"refresh_expires_in":604800}`+"\n" {
				t.Errorf("%s with %+v: the body is %s", c.path, mode, got)
			}
			common(t, w)
		}
	}
}

func TestCookiesOfASessionThatIsOver(t *testing.T) {
	a := newAPI(t, withCookies)
	a.grant = &application.Grant{AccessToken: "A", RefreshToken: "R"}
	w := a.ask("POST", "/refresh", "", "Cookie: "+refresh+"=T", fromHere)
	if got := handed(w.Header()); len(got) != 2 || !strings.Contains(got[0], "Max-Age=0") || !strings.Contains(got[1], "Max-Age=0") {
		t.Errorf("a session that ends now hands out %q", got)
	}
}

// T079: what browsers would drop without a word is a fault of the service's, and said.
func TestCookiesThatBrowsersWouldDrop(t *testing.T) {
	for _, token := range []string{strings.Repeat("x", 4097-len(refresh+"="+attributes)), "a;b"} {
		a := newAPI(t, withCookies)
		g := granted()
		g.RefreshToken = token
		a.grant = &g
		w := a.post("/login", `{"email":"a","password":"b"}`)
		if problem(t, w, 500, "internal"); handed(w.Header()) != nil || strings.Contains(a.log.String(), token) {
			t.Errorf("%.10q: handed out %q", token, handed(w.Header()))
		}
	}
	a := newAPI(t, withCookies)
	g := granted()
	g.AccessToken = strings.Repeat("x", 4096-len(access+"="+attributes))
	a.grant = &g
	if w := a.post("/login", `{"email":"a","password":"b"}`); w.Code != 200 {
		t.Errorf("a cookie of 4096 bytes: %d %s", w.Code, w.Body)
	}
}

// Whatever takes a Bearer takes the cookie of its kind, and no other.
func TestCookiesAreTaken(t *testing.T) {
	routes := []struct{ method, path, body string }{
		{"GET", "/protected", ""}, {"GET", "/me", ""}, {"GET", "/authorize", ""}, {"POST", "/authorize", ""}, {"POST", "/logout", ""}, {"POST", "/refresh", ""},
	}
	for _, r := range own() {
		routes = append(routes, struct{ method, path, body string }{r.method, r.path, r.body})
	}
	for _, r := range routes {
		mine, other := access, refresh
		if r.path == "/refresh" {
			mine, other = refresh, access
		}
		a := newAPI(t, withCookies)
		w := a.ask(r.method, r.path, r.body, asJSON, fromHere, "Cookie: "+other+"=O; "+mine+"=T; x=y")
		if w.Code/100 != 2 || a.calls[0][0] != "T" {
			t.Errorf("%s %s: %d %s, asked %q", r.method, r.path, w.Code, w.Body, a.calls)
		}
		a = newAPI(t, withCookies)
		problem(t, a.ask(r.method, r.path, r.body, asJSON, fromHere, "Cookie: "+other+"=O"), 401, "token_missing")
		problem(t, a.ask(r.method, r.path, r.body, asJSON, fromHere), 401, "token_missing")
		if a.calls != nil {
			t.Errorf("%s %s: asked %q", r.method, r.path, a.calls)
		}
		// Without cookie mode a cookie is nothing.
		a = newAPI(t)
		problem(t, a.ask(r.method, r.path, r.body, asJSON, fromHere, "Cookie: "+mine+"=T"), 401, "token_missing")
		// A program goes on as before.
		a = newAPI(t, withCookies)
		if w := a.ask(r.method, r.path, r.body, asJSON, "Authorization: Bearer T"); w.Code/100 != 2 || a.calls[0][0] != "T" {
			t.Errorf("%s %s as a program: %d, asked %q", r.method, r.path, w.Code, a.calls)
		}
		// T076: both at once.
		for _, name := range []string{mine, other} {
			a = newAPI(t, withCookies)
			p := problem(t, a.ask(r.method, r.path, r.body, asJSON, fromHere, "Authorization: Bearer T", "Cookie: "+name+"=T"), 400, "request_invalid")
			if a.calls != nil || p["msg"] != "Send the token in the Authorization header or in a cookie, not in both" {
				t.Errorf("%s %s with header and %s: %v, asked %q", r.method, r.path, name, p["msg"], a.calls)
			}
		}
		a = newAPI(t, withCookies)
		problem(t, a.ask(r.method, r.path+"?access_token=T", r.body, asJSON, fromHere, "Cookie: "+mine+"=T"), 400, "request_invalid")
		if a.calls != nil {
			t.Errorf("%s %s with cookie and query: asked %q", r.method, r.path, a.calls)
		}
	}
}

// T081: what ends a session takes its cookies back, with the attributes that they were handed out with.
func TestCookiesAreTakenBack(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		err                error
		back               bool
	}{
		{"POST", "/logout", "", nil, true},
		{"POST", "/logout?scope=local", "", nil, true},
		{"POST", "/logout?scope=others", "", nil, false},
		{"POST", "/logout?scope=", "", nil, false},
		{"POST", "/logout", "", domain.TokenInvalid, true},
		{"POST", "/logout", "", domain.Unavailable, false},
		{"DELETE", "/me", `{"password":"a"}`, nil, true},
		{"DELETE", "/me", `{"password":"a"}`, domain.InvalidCredentials, false},
		{"DELETE", "/me", `{"password":"a"}`, domain.Unavailable, false},
		{"POST", "/refresh", "", domain.TokenInvalid, true},
		{"POST", "/refresh", "", domain.TokenExpired, true},
		{"POST", "/refresh", "", domain.TokenRevoked, true},
		{"POST", "/refresh", "", domain.TokenReused, true},
		{"POST", "/refresh", "", domain.SessionExpired, true},
		{"POST", "/refresh", "", domain.Unavailable, false},
		{"POST", "/refresh", "", domain.TooManyAttempts, false},
		{"GET", "/me", "", domain.TokenExpired, false}, // it can still be refreshed
		{"GET", "/authorize", "", domain.TokenRevoked, false},
	} {
		for _, mode := range []httpapi.Cookies{{On: true}, {}} {
			a := newAPI(t, func(c *httpapi.Config) { c.Cookies = mode })
			if a.err = c.err; c.err != nil {
				a.err = fmt.Errorf("inside: %w", c.err)
			}
			token := "Cookie: " + access + "=T; " + refresh + "=T"
			if !mode.On {
				token = "Authorization: Bearer T"
			}
			got := handed(a.ask(c.method, c.path, c.body, asJSON, fromHere, token).Header())
			if want := both(expired); c.back && mode.On && !slices.Equal(got, want) || (!c.back || !mode.On) && got != nil {
				t.Errorf("%s %s, %v, with cookies %v: %q", c.method, c.path, c.err, mode.On, got)
			}
		}
	}
}

// T081: ending a session takes the cookies back if it was the caller's own, which only the service knows.
func TestEndingOnesOwnSession(t *testing.T) {
	for name, c := range map[string]struct {
		after error
		back  bool
	}{
		"it was": {domain.TokenRevoked, true}, "it was another": {nil, false}, "nobody knows": {domain.Unavailable, false},
	} {
		a := newAPI(t, withCookies)
		a.then = func(call int) error {
			if call == 2 {
				return c.after
			}
			return nil
		}
		w := a.ask("DELETE", "/sessions/"+aSession, "", fromHere, "Cookie: "+access+"=T")
		if w.Code != 204 || (handed(w.Header()) != nil) != c.back || len(a.calls) != 2 {
			t.Errorf("%s: %d, %q, asked %q", name, w.Code, handed(w.Header()), a.calls)
		}
	}
}

// T052: a login takes no notice of what was there before but to end it.
func TestLoginEndsTheSessionBefore(t *testing.T) {
	const credentials = `{"email":"a","password":"b"}`
	for _, c := range []struct {
		name   string
		sent   []string
		fails  error // the login
		after  error // the logout
		logout bool
	}{
		{"none", nil, nil, nil, false},
		{"one", []string{"Cookie: " + access + "=T; " + refresh + "=U"}, nil, nil, true},
		{"one that is over", []string{"Cookie: " + access + "=T"}, nil, domain.TokenInvalid, true},
		{"one that cannot be ended now", []string{"Cookie: " + access + "=T"}, nil, fmt.Errorf("%w: away", domain.Unavailable), true},
		{"two", []string{"Cookie: " + access + "=T; " + access + "=E"}, nil, nil, false},
		{"the login fails", []string{"Cookie: " + access + "=T"}, domain.InvalidCredentials, nil, false},
		{"a header beside it", []string{"Cookie: " + access + "=T", "Authorization: Bearer E"}, nil, nil, true},
	} {
		a := newAPI(t, withCookies)
		a.then = func(call int) error { return []error{c.fails, c.after}[call-1] }
		w := a.ask("POST", "/login", credentials, append(c.sent, asJSON, fromHere)...)
		want := [][]string{{"a", "b"}}
		if c.logout {
			want = append(want, []string{"T", "local"})
		}
		if fmt.Sprint(a.calls) != fmt.Sprint(want) {
			t.Errorf("%s: asked %q, want %q", c.name, a.calls, want)
		}
		if c.fails == nil && !slices.Equal(handed(w.Header()), both(attributes)) {
			t.Errorf("%s: %d, %q", c.name, w.Code, handed(w.Header()))
		}
		if logged := a.log.Len() > 0; logged != (c.after != nil && c.after != domain.TokenInvalid) {
			t.Errorf("%s: the log is %s", c.name, a.log.String())
		}
	}
	a := newAPI(t)
	a.ask("POST", "/login", credentials, asJSON, "Cookie: "+access+"=T")
	if len(a.calls) != 1 {
		t.Errorf("without cookie mode: asked %q", a.calls)
	}
}
