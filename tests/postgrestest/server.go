package postgrestest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
)

// patience bounds each step that should take milliseconds, so that a slow machine passes and a broken one ends.
const patience = 30 * time.Second

// server is a running PostgreSQL on which databases are made for the tests.
type server struct {
	rung  string  // what the log says
	url   url.URL // of a database that is always there
	admin *sql.DB

	// guard is held so that the garbage collector does not close its pipe, which would take the server away.
	guard *watchdog
}

func newServer(rung, rawURL string) (*server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("it is not a URL") // the error of url.Parse repeats the password
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New("it does not begin with postgres://")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	admin, err := connect(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	admin.SetMaxOpenConns(4)
	return &server{rung: rung, url: *u, admin: admin}, nil
}

// connect returns a pool whose server has answered.
func connect(ctx context.Context, address string) (*sql.DB, error) {
	connector, err := pq.NewConnector(address)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// openURL is the rung of a server that somebody else runs.
func openURL(rawURL string) (*server, error) {
	return newServer("PORTEIRO_TEST_POSTGRES_URL", rawURL)
}

// lend creates a database for the test and drops it afterwards. Its template is template0, which nobody can be
// connected to, so parallel tests do not meet error 55006.
func (s *server) lend(t testing.TB) string {
	t.Helper()
	name := "porteiro_test_" + strings.ToLower(rand.Text()[:16])
	if err := s.exec("CREATE DATABASE " + name + " TEMPLATE template0"); err != nil {
		t.Fatalf("create a database for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := s.exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the database of this test: %v", err)
		}
	})
	lent := s.url
	lent.Path = "/" + name
	return lent.String()
}

func (s *server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := s.admin.ExecContext(ctx, statement)
	return err
}
