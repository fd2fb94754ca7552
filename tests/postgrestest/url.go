package postgrestest

import (
	"os"
	"sync"
	"testing"
)

// shared is the server of this package run. It is a package-level variable because the tests of a package see no
// other place in common; it is filled once, and then it stays.
var shared struct {
	once   sync.Once
	server *server
	err    error
}

// URL lends the test an empty database of its own, and returns its postgres:// URL with everything that a driver
// needs. The database is dropped when the test ends, whatever is still connected to it. The first call of a package
// run finds or starts the server (a second or two by Docker, half a second by local binaries), which the log names;
// each further call takes some 20 ms. Safe for parallel tests.
//
// Without a PostgreSQL the test is skipped, or fails where PORTEIRO_REQUIRE_POSTGRES=1.
func URL(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() {
		ladder := rungs{url: openURL, docker: openDocker, local: openLocal}
		shared.server, shared.err = ladder.climb(wishesOf(os.Getenv))
		if shared.err == nil {
			t.Logf("PostgreSQL by %s", shared.server.rung)
		}
	})
	if shared.err != nil {
		giveUp(t, shared.err)
	}
	return shared.server.lend(t)
}
