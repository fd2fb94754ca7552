//go:build unix

package gateways_test

import (
	"strings"
	"testing"
)

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
			script := deployed(t, "haproxy/porteiro.lua")
			if strings.Count(script, begins) != 1 {
				t.Fatalf("porteiro.lua does not have %q once", begins)
			}
			write(t, folder, "porteiro.lua", strings.Replace(script, begins, begins+"  error('broken')\n", 1))
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
