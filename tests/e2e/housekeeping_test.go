package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A node that serves removes what is over for longer than the retention, and nothing else.
func TestServeTidiesUp(t *testing.T) {
	location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	n := serve(t, location, "--retention", "1s", "--leeway", "0s")
	n.ask("POST", "/register", "", credentials)
	over, _ := n.login()
	stands, _ := n.login()
	n.ask("POST", "/logout?scope=local", over, "")
	explain := func(token string) string {
		out, _, _ := porteiro(t, token, "token", "explain", "--database-url", location)
		return out
	}
	for range 20 { // a node's first step comes soon, and may be too early for what has just ended
		n.stop()
		n.start()
		for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); { // to explain is a process, and takes its time
			if strings.Contains(explain(over), "its session is unknown") {
				n.passes("the session that stands", stands)
				return
			}
		}
	}
	t.Errorf("the session is still there: %s", explain(over))
}
