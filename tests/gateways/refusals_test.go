//go:build unix

package gateways_test

import (
	"fmt"
	"strings"
	"testing"
)

// refused holds an answer to porteiro's own refusal: status, challenge and problem document.
func (a answer) refused(t *testing.T, what string, status int, code string) {
	t.Helper()
	if a.status != status || a.text("code") != code || a.member["status"] != float64(status) {
		t.Errorf("%s: %d %s; want %d %s", what, a.status, a.body, status, code)
	}
	challenges := a.header.Values("WWW-Authenticate")
	if wanted := code != "cross_site" && code != "unavailable" && status != 400; wanted && (len(challenges) != 1 || !strings.HasPrefix(challenges[0], `Bearer realm="porteiro"`)) {
		t.Errorf("%s: the challenges are %q", what, challenges)
	}
	if media := a.header.Get("Content-Type"); media != "application/problem+json" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: it is %q, %v", what, media, a.header)
	}
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		token := bearer(t, address, "ana@example.com")
		for _, c := range []struct {
			what, method, body string
			headers            []string
			status             int
			code               string
		}{
			{"no token", "GET", "", nil, 401, "token_missing"},
			{"no token, forged headers", "GET", "", forged, 401, "token_missing"},
			{"no token, with a body", "POST", "hello", nil, 401, "token_missing"},
			{"no token, a body in chunks", "PUT", "3\r\nabc\r\n0\r\n\r\n", []string{"Transfer-Encoding: chunked"}, 401, "token_missing"},
			{"no token that is one", "GET", "", []string{"Authorization: Bearer x"}, 401, "token_invalid"},
			{"a bit wrong", "GET", "", []string{token + "x"}, 401, "token_invalid"},
			{"another scheme", "GET", "", []string{"Authorization: Basic YTpi"}, 401, "token_missing"},
			{"a token that Connection takes away", "GET", "", []string{token, "Connection: Authorization"}, 401, "token_missing"},
		} {
			a := send(t, address, c.method, "/x", c.body, c.headers...)
			if _, passed := a.passed(); passed && c.what == "a token that Connection takes away" {
				app.reached.Add(-1) // nginx and HAProxy do not do what it says, and ask with the token
				continue
			}
			a.refused(t, c.what, c.status, c.code)
		}
		app.untouched(t, "refusals")
		if two := send(t, address, "GET", "/x", "", token, token); g.name != "nginx" {
			two.refused(t, "two tokens", 400, "request_invalid")
		} else if two.status != 400 { // it says so itself
			t.Errorf("two tokens: %d %s", two.status, two.body)
		}
		if a := send(t, address, "HEAD", "/x", ""); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("HEAD: %d %v", a.status, a.header)
		}

		if a := send(t, address, "POST", "/auth/logout", "", token); a.status != 200 {
			t.Fatalf("logout: %d %s", a.status, a.body)
		}
		send(t, address, "GET", "/x", "", token).refused(t, "logged out", 401, "token_revoked")
		app.untouched(t, "after the logout")

		language := send(t, address, "GET", "/x", "", "Accept-Language: pt-BR")
		if language.text("detail") == send(t, address, "GET", "/x", "").text("detail") {
			t.Errorf("a refusal in Portuguese reads %s", language.body)
		}
	})
}

// The application may read a path otherwise than the gateway: whoever lacks the role gets at none that may be the place.
func TestRoles(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		ana, root := bearer(t, address, "ana@example.com"), bearer(t, address, "root@example.com")
		for _, path := range []string{"/admin", "/admin/", "/admin/users?x=y", "/admin/x"} {
			send(t, address, "GET", path, "", ana).refused(t, path, 403, "insufficient_role")
			send(t, address, "POST", path, "body", ana).refused(t, path, 403, "insufficient_role")
			send(t, address, "GET", path, "").refused(t, path, 401, "token_missing")
			app.untouched(t, path)
			if got, passed := send(t, address, "GET", path, "", root).passed(); !passed || got.URI != path || got.Headers.Get("X-Auth-Roles") != "admin" {
				t.Errorf("%s: root gets %+v", path, got)
			}
			app.reached.Store(0)
		}
		for _, path := range []string{
			"//admin/x", "/./admin", "/x/../admin/x", "/x/%2e%2e/admin", "/%61dmin/x", "/%41dmin", "/ADMIN", "/admin%2Fx", "/admin;x=y/z",
			"/admin.json", "/admin%20", "/admin?role=x", "/auth/../admin", "/auth/%2e%2e/admin", "/auth//../../admin", "/admin/../admin",
		} {
			a := send(t, address, "GET", path, "", ana)
			if a.status < 400 || a.status >= 500 {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
			app.untouched(t, path)
		}
		for _, path := range []string{"/", "/administrator", "/badmin", "/a?admin"} {
			if _, passed := send(t, address, "GET", path, "", ana).passed(); !passed {
				t.Errorf("%s is for everybody, and ana does not get there", path)
			}
		}
	})
}

// Nobody gets at the gateway's own questions, or at an answer meant for it.
func TestQuestionsAreTheGateways(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		for _, path := range []string{"/_porteiro/anybody", "/_porteiro/admin", "/_porteiro/", "/_porteiro/x", "/porteiro-ask.conf", "/authorize", "/@refused"} {
			a := send(t, address, "GET", path, "")
			if hidden := g.name == "nginx" && strings.HasPrefix(path, "/_porteiro/"); a.status != 404 && (hidden || a.status != 401) {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
		app.untouched(t, "the gateway's own paths")
		if a := send(t, address, "GET", "/auth/authorize", ""); a.status != 401 {
			t.Errorf("/auth/authorize: %d %s", a.status, a.body)
		}
	})
}

// When porteiro does not say yes, whatever it is that it does, nobody gets through.
func TestClosedWithoutAnAnswer(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		s, app := newStub(t), newApp(t)
		address := g.start(t, s.address, app.address)
		away := g.start(t, freeAddress(t), app.address)
		for _, path := range []string{"/x", "/admin/x"} {
			for _, how := range []string{"500", "502", "503", "504", "404", "302", "cut", "late"} {
				t.Run(strings.Trim(path, "/")+" "+how, func(t *testing.T) {
					t.Parallel()
					a := send(t, address, "POST", path, "body", "Authorization: Bearer "+how)
					handedOn := g.name == "caddy" && fmt.Sprint(a.status) == how // it hands on whatever it is that is no yes
					if a.status < 500 && !handedOn {
						t.Errorf("%d %s", a.status, a.body)
					}
				})
			}
			a := send(t, away, "POST", path, "body", good)
			if a.status < 500 {
				t.Errorf("away: %d %s", a.status, a.body)
			}
			if g.name != "caddy" {
				a.refused(t, "away", 503, "unavailable")
			}
		}
		t.Cleanup(func() { app.untouched(t, "a porteiro that does not answer") })
	})
}

// Many questions use few connections.
func TestConnectionsAreKept(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		s, app := newStub(t), newApp(t)
		address := g.start(t, s.address, app.address)
		before := s.connections()
		const requests = 100
		for i := range requests {
			if a := send(t, address, "GET", fmt.Sprintf("/%d", i), "", good); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		if opened := s.connections() - before; opened > requests/5 {
			t.Errorf("%d requests opened %d connections to porteiro", requests, opened)
		}
	})
}

// A porteiro that was away is asked again as soon as it is back, also where a connection to the one before was kept.
func TestComesBack(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		token := bearer(t, address, "ana@example.com")
		if _, passed := send(t, address, "GET", "/x", "", token).passed(); !passed {
			t.Fatal("ana does not pass")
		}
		n.stop()
		app.reached.Store(0)
		if a := send(t, address, "GET", "/x", "", token); a.status < 500 {
			t.Errorf("away: %d %s", a.status, a.body)
		}
		app.untouched(t, "away")
		n.start(t)
		for range 5 {
			if a := send(t, address, "POST", "/x", "body", token); a.status != 200 {
				t.Errorf("back: %d %s", a.status, a.body)
			}
		}
	})
}
