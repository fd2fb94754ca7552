//go:build unix

package gateways_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forged are the headers by which a client would be somebody else.
var forged = []string{
	"X-Auth-User: evil", "x-auth-user: evil", "X-AUTH-EMAIL: evil@example.com", "X-Auth-Email: evil@example.com", "X-Auth-Email: again@example.com",
	"X-Auth-Roles: admin", "x-Auth-rOLES: admin", "X-Auth-Session: 1", "X_Auth_User: evil", "x_auth_roles: admin", "X-Auth_User: evil",
	"X_Auth-Roles: admin", "X_AUTH_SESSION: 1", "X-Auth-User:", "X-Auth-Roles:admin",
}

// T089: what the application reads is what porteiro said, whatever the client sends along.
func TestIdentityIsPorteiros(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		for email, roles := range map[string]string{"ana@example.com": "", "root@example.com": "admin"} {
			token := bearer(t, address, email)
			me := send(t, n.address, "GET", "/auth/me", "", token)
			want := map[string][]string{"x-auth-user": {me.text("id")}, "x-auth-email": {email}, "x-auth-session": {me.text("session")}}
			if roles != "" {
				want["x-auth-roles"] = []string{roles}
			}
			for what, headers := range map[string][]string{
				"nothing forged":                  nil,
				"all forged":                      forged,
				"hop by hop":                      {"Connection: X-Auth-User, X-Auth-Roles, x-auth-email, X-Auth-Session"},
				"hop by hop, twice":               {"Connection: close", "Connection: x-auth-user", "X-Auth-User: evil", "X-Auth-Roles: admin"},
				"hop by hop, with the question's": {"Connection: X-Forwarded-For, X-Forwarded-Method, X-Auth-User, X-Auth-Email", "X-Auth-User: evil"},
			} {
				a := send(t, address, "GET", "/a?b=c", "", append([]string{token}, headers...)...)
				g, passed := a.passed()
				if !passed {
					t.Errorf("%s, %s: %d %s", email, what, a.status, a.body)
					continue
				}
				have := g.identity()
				if v, there := have["x-auth-roles"]; there && len(v) == 1 && v[0] == "" && roles == "" {
					delete(have, "x-auth-roles") // an empty one says the same as none
				}
				if d := cmp.Diff(want, have); d != "" {
					t.Errorf("%s, %s: the application reads (-want +got)\n%s", email, what, d)
				}
				if c := strings.ToLower(strings.Join(g.Headers["Connection"], ",")); strings.Contains(c, "x-auth") {
					t.Errorf("%s, %s: the application's own server would drop what Connection names: %q", email, what, c)
				}
			}
		}
		if g.others {
			a := send(t, address, "GET", "/", "", bearer(t, address, "ana@example.com"), "X-Auth-Tenant: evil")
			if g, passed := a.passed(); !passed || g.Headers.Get("X-Auth-Tenant") != "" {
				t.Errorf("X-Auth-Tenant, which porteiro does not know: %d %s", a.status, a.body)
			}
		}
	})
}

// An email may have the characters by which gateways write their variables. They arrive as they are.
func TestIdentityIsNoTemplate(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		for _, email := range []string{"{http.request.host}@example.com", "{env.path}$host${host}%src@example.com", "a'`|~^#@example.com"} {
			n.add(t, email)
			a := send(t, address, "GET", "/", "", bearer(t, address, email))
			if g, passed := a.passed(); !passed || g.Headers.Get("X-Auth-Email") != email {
				t.Errorf("%s: %d %s", email, a.status, a.body)
			}
		}
	})
}

// What a client asks for arrives as it was sent; porteiro sees neither query nor body.
func TestRequestsArriveWhole(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		s, app := newStub(t), newApp(t)
		address := g.start(t, s.address, app.address)
		long := strings.Repeat("0123456789abcdef", 8<<10)
		for _, c := range []struct {
			method, target, body, want string
			headers                    []string
		}{
			{"GET", "/a/b?c=d&e=%20f&role=admin&access_token=x", "", "", nil},
			{"HEAD", "/", "", "", nil},
			{"DELETE", "/x", "", "", nil},
			{"POST", "/p?q=r", "hello=world", "hello=world", []string{"Content-Type: application/x-www-form-urlencoded"}},
			{"PUT", "/p", "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", "abcdefg", []string{"Transfer-Encoding: chunked"}},
			{"PATCH", "/long", long, long, nil},
		} {
			a := send(t, address, c.method, c.target, c.body, append([]string{good, "X-Forwarded-Method: TRACE", "X-Forwarded-Method: GET"}, c.headers...)...)
			if got, passed := a.passed(); c.method != "HEAD" && (!passed || got.Method != c.method || got.URI != c.target || got.Body != c.want) {
				t.Errorf("%s %s: %d, the application got %s %s and %d bytes", c.method, c.target, a.status, got.Method, got.URI, len(got.Body))
			}
			q := s.last()
			send(t, address, c.method, c.target, c.body, c.headers...) // a refusal: nginx asks twice
			if again := s.last(); again.body != 0 || again.query != "" || cmp.Diff(again.forwarded, q.forwarded) != "" {
				t.Errorf("%s %s, refused: porteiro was asked %+v", c.method, c.target, again)
			}
			if a.status != 200 || q.query != "" || q.body != 0 || q.method != "GET" || cmp.Diff(q.forwarded, []string{c.method}) != "" {
				t.Errorf("%s %s: %d, porteiro was asked %+v", c.method, c.target, a.status, q)
			}
		}
	})
}

// Who asks is the client's address as the gateway sees it, and not as the client says it.
func TestAddressIsTheClients(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		token := bearer(t, address, "ana@example.com")
		for _, headers := range [][]string{
			nil, {"X-Forwarded-For: 203.0.113.9"}, {"X-Forwarded-For: 203.0.113.9", "x-forwarded-for: 127.0.0.1"}, {"Connection: X-Forwarded-For", "Forwarded: for=203.0.113.9"},
		} {
			a := sendFrom(t, "127.0.0.2", address, "GET", "/", "", append([]string{token}, headers...)...)
			if _, passed := a.passed(); !passed || n.lastAddress(t) != "127.0.0.2" {
				t.Errorf("%q: %d, and porteiro says that it came from %s", headers, a.status, n.lastAddress(t))
			}
		}
		a := sendFrom(t, "127.0.0.3", address, "POST", "/auth/login", fmt.Sprintf(`{"email":"ana@example.com","password":%q}`, password),
			"Content-Type: application/json", "X-Forwarded-For: 203.0.113.9")
		sessions := send(t, address, "GET", "/auth/sessions", "", "Authorization: Bearer "+a.text("access_token"))
		if !strings.Contains(sessions.body, `"ip":"127.0.0.3"`) || strings.Contains(sessions.body, "203.0.113.9") {
			t.Errorf("a login through the gateway: %d %s", sessions.status, sessions.body)
		}
	})
}
