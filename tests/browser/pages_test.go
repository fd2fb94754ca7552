package browser_test

import (
	"context"
	"strings"
	"testing"
)

const (
	password   = "correct horse battery"
	asAna      = `'{"email":"ana@example.com","password":"correct horse battery"}'`
	asMallory  = `'{"email":"mallory@example.com","password":"correct horse battery"}'`
	asJSON     = `headers: {"Content-Type": "application/json"}`
	asItComes  = `headers: {}`
	unreadable = `mode: "no-cors"`
)

// T082, T084: a page of an allowed origin signs in, reads and signs out. A page of any other origin does none of it,
// neither of another site nor of the same, and no page sees a token.
func TestPages(t *testing.T) {
	ctx, s := open(t), newSite(t)
	visit(t, ctx, s.origin(app))
	says(t, ctx, "a login", s.fetch("POST", "/login", asAna, asJSON), `200 {"expires_in":900,`)
	signedIn(t, ctx, s)
	if arrivals := s.take(); len(arrivals) != 3 || arrivals[0].method != "OPTIONS" || arrivals[2].from != "same-site" || !arrivals[2].carried {
		t.Fatalf("an allowed page: %+v", arrivals)
	}
	for _, host := range []string{app, service} {
		visit(t, ctx, s.origin(host)+"/healthz")
		says(t, ctx, "the cookies that scripts see on "+host, "document.cookie", "")
	}
	for _, host := range []string{blog, evil} {
		t.Run(host, func(t *testing.T) { stranger(t, ctx, s, host) })
		visit(t, ctx, s.origin(app))
		signedIn(t, ctx, s)
	}
	says(t, ctx, "a refresh", s.fetch("POST", "/refresh", "null", asItComes), `200 {"expires_in":900,`)
	signedIn(t, ctx, s)
	says(t, ctx, "a logout", s.fetch("POST", "/logout", "null", asItComes), `200 {"msg":"Logout bem-sucedido"}`)
	says(t, ctx, "after it", s.fetch("GET", "/me", "null", asItComes), `"code":"token_missing"`) // the cookies are gone
}

// stranger tries from a page of another origin what the allowed one does.
func stranger(t *testing.T, ctx context.Context, s *site, host string) {
	s.take()
	site, carried := "same-site", true
	if host == evil {
		site, carried = "cross-site", false // SameSite=Lax: the browser's half
	}
	visit(t, ctx, s.origin(host))
	for _, try := range []struct{ what, script, answer string }{
		{"reading", s.fetch("GET", "/me", "null", asItComes), "blocked"},
		{"reading the sessions", s.fetch("GET", "/sessions", "null", asItComes), "blocked"},
		{"logging out", s.fetch("POST", "/logout", "null", asItComes), "blocked"},
		{"logging out without looking", s.fetch("POST", "/logout", "null", unreadable), "0 "},
		{"refreshing without looking", s.fetch("POST", "/refresh", "null", unreadable), "0 "},
		{"logging in", s.fetch("POST", "/login", asMallory, asJSON), "blocked"},
		{"logging in without looking", s.fetch("POST", "/login", asMallory, unreadable), "0 "},
		{"deleting", s.fetch("DELETE", "/me", asAna, asJSON), "blocked"},
	} {
		says(t, ctx, try.what, try.script, try.answer)
	}
	for path, body := range map[string]string{"/logout": `'{}'`, "/login": asMallory, "/refresh": `'{}'`} {
		if got := submit(t, ctx, s.form(path, body)); got != 403 {
			t.Errorf("a form for %s is answered %d", path, got)
		}
		visit(t, ctx, s.origin(host))
	}
	changing := 0
	for _, a := range s.take() {
		switch a.method {
		case "OPTIONS", "GET":
		case "POST":
			if changing++; a.status != 403 || a.from != site || a.carried != carried {
				t.Errorf("%+v, want it refused", a)
			}
		default: // the browser had to ask first
			t.Errorf("%+v arrived", a)
		}
	}
	if changing != 7 {
		t.Errorf("%d requests that change something arrived, want 7: else this shows nothing", changing)
	}
}

// signedIn holds the open page to being signed in as ana.
func signedIn(t *testing.T, ctx context.Context, s *site) {
	t.Helper()
	says(t, ctx, "who is signed in", s.fetch("GET", "/me", "null", asItComes), `"email":"ana@example.com"`)
}

// says holds what a script ends in; a text that is longer has to contain it.
func says(t *testing.T, ctx context.Context, what, source, want string) {
	t.Helper()
	if got := script(t, ctx, source); got != want && (len(want) < 10 || !strings.Contains(got, want)) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}
