package e2e_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

const wrong = `{"email":"ana@example.com","password":"wrong"}`

// T045: nodes count attempts together, and a restart forgets none.
func TestLimitsAreShared(t *testing.T) {
	for name, location := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			at := location(t)
			one := serve(t, at, "--login-limit", "4/1h")
			one.ask("POST", "/register", "", credentials)
			two := serve(t, at, "--login-limit", "4/1h")
			for _, n := range []*node{one, two, one} {
				n.expect("an attempt", n.ask("POST", "/login", "", wrong), 401, "code", "invalid_credentials")
			}
			one.stop()
			one.start()
			one.expect("the last attempt", one.ask("POST", "/login", "", wrong), 401, "code", "invalid_credentials")
			for _, n := range []*node{one, two} {
				a := n.ask("POST", "/login", "", credentials)
				n.expect("one more, though right", a, 429, "code", "too_many_attempts")
				if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 15*60 {
					t.Errorf("Retry-After is %q, want a quarter of an hour at most", a.header.Get("Retry-After"))
				}
			}
		})
	}
}

func TestLimitsAreFlags(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--login-limit", "off", "--address-limit", "12/1h", "--register-limit", "1/1h")
	n.expect("register", n.ask("POST", "/register", "", credentials), 201, "email", "ana@example.com")
	n.expect("register again", n.ask("POST", "/register", "", `{"email":"bea@example.com","password":"correct horse battery"}`), 429, "code", "too_many_attempts")
	for range 12 { // two more than there would be by default
		n.expect("an attempt", n.ask("POST", "/login", "", wrong), 401, "code", "invalid_credentials")
	}
	n.expect("from this address", n.ask("POST", "/login", "", `{"email":"bea@example.com","password":"x"}`), 429, "code", "too_many_attempts")
}
