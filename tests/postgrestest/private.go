package postgrestest

import (
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"os"
	"strconv"
	"testing"
)

// Server is a PostgreSQL that one test has to itself, to stop, freeze and kill. It is durable: fsync and the rest are
// at PostgreSQL's defaults. It listens on 127.0.0.1 alone, at a port that it keeps, and wants a password (scram).
//
// Its methods fail the test where they cannot do what they promise. Not safe for concurrent use.
type Server struct {
	t       testing.TB
	cluster *cluster
}

// Private starts a server for this test, in half a second, and removes it when the test ends. The settings are of
// postgresql.conf: "max_connections=10". It uses the binaries of this machine whatever serves [URL], so without them
// the test is skipped, or fails where PORTEIRO_REQUIRE_POSTGRES=1.
func Private(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin, err := newFinder().find()
	if err != nil {
		giveUp(t, absent(wishesOf(os.Getenv), err))
	}
	password := rand.Text()
	c, err := newCluster(bin, disk, password)
	if err != nil {
		t.Fatalf("a server for this test: %v", err)
	}
	t.Cleanup(c.remove)
	port, err := freePort()
	if err != nil {
		t.Fatalf("a server for this test: %v", err)
	}
	c.args = flags(append([]string{
		"listen_addresses=127.0.0.1",
		"port=" + port,
		"unix_socket_directories=",
	}, settings...)...)
	c.url = fmt.Sprintf("postgres://%s:%s@127.0.0.1:%s/postgres?sslmode=disable", superuser, password, port)
	s := &Server{t, c}
	s.Start()
	return s
}

// URL returns the postgres:// URL of the server's superuser, with the password, and of a database that is empty at
// first. It stays the same over Stop and Start.
func (s *Server) URL() string { return s.cluster.url }

// URLWithPassword is URL with another password.
func (s *Server) URLWithPassword(password string) string {
	u, err := url.Parse(s.cluster.url)
	if err != nil {
		s.t.Fatal(err)
	}
	u.User = url.UserPassword(superuser, password)
	return u.String()
}

// Stop shuts the server down in good order: it ends the connections (57P01) and writes everything. Then connecting is
// refused. It does nothing to a server that does not run.
func (s *Server) Stop() { s.t.Helper(); s.must("stop", s.cluster.stop) }

// Kill ends the server and its backends by SIGKILL: what was committed comes back with Start, and no more. It does
// nothing to a server that does not run.
func (s *Server) Kill() { s.t.Helper(); s.must("kill", s.cluster.kill) }

// Start starts the server again and returns when it answers. It does nothing to a server that runs.
func (s *Server) Start() { s.t.Helper(); s.must("start", s.cluster.start) }

// Pause freezes the server and its backends (SIGSTOP): connecting succeeds, for the kernel does that, and then nothing
// is answered, on old connections neither. It does nothing to a server that does not run or is frozen.
func (s *Server) Pause() { s.t.Helper(); s.must("pause", s.cluster.pause) }

// Resume lets a frozen server go on where it was. It does nothing to any other.
func (s *Server) Resume() { s.t.Helper(); s.must("resume", s.cluster.resume) }

func (s *Server) must(what string, do func() error) {
	s.t.Helper()
	if err := do(); err != nil {
		s.t.Fatalf("%s the server of this test: %v", what, err)
	}
}

// freePort is below what kernels give to outgoing connections: nobody takes it while the server is stopped, a client
// that dials it again and again least of all.
func freePort() (string, error) {
	for range 100 {
		port := strconv.Itoa(20000 + mathrand.IntN(10000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return "", errors.New("no free port on 127.0.0.1")
}
