//go:build unix

package gateways_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const password = "correct horse battery"

// node is the built porteiro, with two users: ana, and root with the role admin.
type node struct {
	*process
	address, database string
	args              []string
}

// serve starts one below /auth, which believes those who ask from 127.0.0.1.
func serve(t *testing.T, more ...string) *node {
	t.Helper()
	n := &node{address: freeAddress(t), database: "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")}
	n.args = append([]string{
		binary, "serve", "--listen", n.address, "--database-url", n.database, "--base-path", "/auth", "--trusted-proxy", "127.0.0.1",
		"--drain-delay", "0s", "--log-format", "json", "--log-level", "debug", "--login-limit", "off", "--address-limit", "off",
	}, more...)
	n.start(t)
	n.add(t, "ana@example.com")
	n.add(t, "root@example.com", "--role", "admin")
	return n
}

// start starts it, or starts it again.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.process = run(t, t.TempDir(), nil, n.args...)
	n.listens(n.address)
}

// add adds a user from the command line.
func (n *node) add(t *testing.T, email string, more ...string) {
	t.Helper()
	c := exec.Command(binary, append([]string{"user", "add", email, "--database-url", n.database}, more...)...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PORTEIRO_") {
			c.Env = append(c.Env, e)
		}
	}
	c.Stdin = strings.NewReader(password + "\n")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("user add %s: %v: %s", email, err, out)
	}
}

// login signs in through an address, which may be a gateway's.
func login(t *testing.T, address, email string, headers ...string) answer {
	t.Helper()
	a := send(t, address, "POST", "/auth/login", `{"email":"`+email+`","password":"`+password+`"}`,
		append([]string{"Content-Type: application/json"}, headers...)...)
	if a.status != 200 {
		t.Fatalf("login of %s: %d %s", email, a.status, a.body)
	}
	return a
}

// bearer signs in, and returns the header that says so.
func bearer(t *testing.T, address, email string) string {
	t.Helper()
	return "Authorization: Bearer " + login(t, address, email).text("access_token")
}

// lastAddress is where porteiro thinks that the last question came from.
func (n *node) lastAddress(t *testing.T) string {
	t.Helper()
	ip := ""
	for line := range strings.Lines(n.said()) {
		var record struct{ Msg, Event, IP string }
		if json.Unmarshal([]byte(line), &record) == nil && record.Msg == "event" && record.Event == "authorize" {
			ip = record.IP
		}
	}
	return ip
}
