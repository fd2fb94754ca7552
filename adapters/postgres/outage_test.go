package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// warm opens every connection of the pool: as many changes at once, which wait for each other.
func warm(t testing.TB, s *postgres.Store, pool int) {
	t.Helper()
	in, all := make(chan struct{}, 10*pool), make(chan struct{})
	done := make(chan error, pool)
	for i := range pool {
		go func() {
			done <- s.Change(t.Context(), userID(i), func(a *domain.Account) error {
				in <- struct{}{}
				<-all
				a.SetPassword(noon, "hash")
				return nil
			}, sessionID(i))
		}()
	}
	for range pool {
		<-in
	}
	close(all)
	for range pool {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerminatedConnections ends every connection behind the pool's back: nobody is to notice.
func TestTerminatedConnections(t *testing.T) {
	t.Parallel()
	const pool = 4
	direct := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: direct, Pool: pool})
	people(t, s, pool)
	db := admin(t, direct)
	for name, call := range calls(s) {
		warm(t, s, pool)
		exec(t, db, `SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
		for range pool {
			if err := call(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestResetConnections has the first thing that a call sends meet a server that is leaving: nobody is to notice.
func TestResetConnections(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url, Pool: 1})
	for name, call := range calls(s) {
		if _, err := s.Now(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent := p.onFirst("", resets)
		if err := call(t.Context()); err != nil || sent() < 2 {
			t.Errorf("%s: %v, after %d messages", name, err, sent())
		}
		p.on(nil)
	}
}

// TestTerminatedTransaction loses the connection between the lock and the write.
func TestTerminatedTransaction(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: direct})
	people(t, s, 1)
	db := admin(t, direct)
	err := s.Change(t.Context(), userID(0), func(a *domain.Account) error {
		exec(t, db, `SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`)
		return logOut(a)
	})
	failed(t, "Change", err)
	if !stands(t, s, 0) {
		t.Error("half a change was saved")
	}
}

// TestServerDown takes the server away in each way that there is, and gives it back.
func TestServerDown(t *testing.T) {
	inFull(t)
	t.Parallel()
	server := postgrestest.Private(t)
	s := open(t, postgres.Config{URL: server.URL(), Timeout: 2 * time.Second})
	people(t, s, 1)
	for round, way := range []struct {
		name       string
		away, back func()
	}{
		{"frozen", server.Pause, server.Resume},
		{"killed", server.Kill, server.Start},
		{"stopped", server.Stop, server.Start},
	} {
		acknowledged := round + 1
		if err := s.Change(t.Context(), userID(0), signIn(acknowledged)); err != nil {
			t.Fatalf("before the server was %s: %v", way.name, err)
		}
		way.away()
		for name, call := range calls(s) {
			ctx, cancel := context.WithTimeout(t.Context(), brief)
			failed(t, name, ends(t, name, func() error { return call(ctx) }))
			cancel()
		}
		way.back()
		for name, call := range calls(s) {
			if err := ends(t, name, func() error { return call(t.Context()) }); err != nil {
				t.Errorf("%s after the server was %s: %v", name, way.name, err)
			}
		}
		if !stands(t, s, acknowledged) {
			t.Errorf("an acknowledged login is lost since the server was %s", way.name)
		}
	}
}

// TestNoConnectionLeft uses a role that may have two connections, from a pool that wants more.
func TestNoConnectionLeft(t *testing.T) {
	t.Parallel()
	server := postgrestest.Private(t)
	people(t, open(t, postgres.Config{URL: server.URL()}), 4)
	exec(t, admin(t, server.URL()), "CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 2",
		"GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow")
	s := connect(t, postgres.Config{URL: as(t, server.URL(), "narrow", "narrow"), Pool: 4})
	in, release, done := make(chan struct{}, 4), make(chan struct{}), make(chan error, 4)
	for i := range 2 {
		go func() {
			done <- s.Change(t.Context(), userID(i), func(*domain.Account) error { in <- struct{}{}; <-release; return nil })
		}()
		<-in
	}
	failed(t, "Change", s.Change(t.Context(), userID(2), nothing))
	_, err := s.Standings(t.Context(), sessionID(3))
	failed(t, "Standings", err)
	close(release)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if !stands(t, s, 3) {
		t.Error("afterwards the session is gone")
	}
}
