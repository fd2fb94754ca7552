//go:build unix

package gateways_test

import "testing"

// HAProxy goes on with a request when a script of its own fails. The configuration does not.
func TestClosedWhenTheScriptFails(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		if g.name != "haproxy" {
			t.Skip("it runs no script")
		}
		s, app := newStub(t), newApp(t)
		g.write = func(t *testing.T, folder string, a addresses) (command, env []string) {
			command, env = writeHAProxy(t, folder, a)
			const begins = "  local asked = url\n"
			write(t, folder, "porteiro.lua", changed(t, "haproxy/porteiro.lua", begins, begins+"  error('broken')\n"))
			return command, env
		}
		address := g.start(t, s.address, app.address)
		for _, path := range []string{"/x", "/admin"} {
			if a := send(t, address, "GET", path, "", good); a.status != 503 {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
		app.untouched(t, "a script that fails")
	})
}
