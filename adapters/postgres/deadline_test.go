package postgres_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

const (
	brief   = 200 * time.Millisecond
	endless = time.Hour // a timeout that nothing of a test waits for
)

// leave returns a context that is cancelled by nothing but the caller's going.
func leave(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(brief, cancel)
	t.Cleanup(func() { timer.Stop(); cancel() })
	return ctx
}

func TestSilentServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it mostly waits: half a minute")
	}
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	for _, c := range []struct {
		name    string
		timeout time.Duration
		context func(testing.TB) context.Context
	}{
		{"every call ends with its deadline", endless, func(t testing.TB) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), brief)
			t.Cleanup(cancel)
			return ctx
		}},
		{"every call ends when its caller goes", endless, leave},
		{"every call ends with the timeout when it has no deadline", 500 * time.Millisecond, testing.TB.Context},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, url := through(t, direct)
			s := connect(t, postgres.Config{URL: url, Timeout: c.timeout})
			for name, call := range calls(s) {
				p.on(nil)
				// On a connection that was there, and on a new one: connecting meets the same silence.
				if _, err := s.Now(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.on(func([]byte) fate { return silence })
				for _, connection := range []string{"an old", "a new"} {
					err := ends(t, name+" on "+connection+" connection", func() error { return call(c.context(t)) })
					failed(t, name+" on "+connection+" connection", err)
				}
			}
			p.on(nil)
			if !stands(t, s, 0) {
				t.Error("the session is gone")
			}
		})
	}
}

// TestSilentCommit meets the silence at the two statements that have no context of their own.
func TestSilentCommit(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	for statement, f := range map[string]func(*domain.Account) error{
		"COMMIT\x00":   nothing,
		"ROLLBACK\x00": func(*domain.Account) error { return context.DeadlineExceeded },
	} {
		p, url := through(t, direct)
		s := connect(t, postgres.Config{URL: url, Timeout: endless})
		p.onFirst(statement, silence)
		ctx, cancel := context.WithTimeout(t.Context(), brief)
		err := ends(t, statement, func() error { return s.Change(ctx, userID(0), f) })
		cancel()
		failed(t, statement, err)
		if err := ends(t, "the next call", func() error { return s.Change(t.Context(), userID(0), nothing) }); err != nil {
			t.Errorf("after a silent %s: %v", statement, err)
		}
	}
}

// TestOpenOfASilentServer has nobody behind the address but a listener.
func TestOpenOfASilentServer(t *testing.T) {
	t.Parallel()
	p, url := through(t, postgrestest.URL(t))
	p.on(func([]byte) fate { return silence })
	for _, c := range []struct {
		config  postgres.Config
		context context.Context
	}{
		{postgres.Config{URL: url, Timeout: endless}, leave(t)},
		{postgres.Config{URL: url, Timeout: brief}, t.Context()},
		{postgres.Config{URL: with(t, url, "connect_timeout", "3600"), Timeout: brief}, t.Context()},
	} {
		err := ends(t, "Open", func() error {
			_, err := postgres.Open(c.context, c.config)
			return err
		})
		failed(t, "Open", err)
	}
}

// TestFirstHostSilent holds that a host which is frozen does not eat the time of the next.
func TestFirstHostSilent(t *testing.T) {
	inFull(t)
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	frozen, url := through(t, direct)
	alive, aliveURL := through(t, direct)
	s := connect(t, postgres.Config{URL: both(t, url, aliveURL), Timeout: endless})
	if dialled, _ := alive.connections(); dialled > 0 {
		t.Fatal("the second host was asked although the first answered")
	}
	frozen.on(func([]byte) fate { return silence })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	frozen.hangUp()
	if err := ends(t, "Change", func() error { return s.Change(ctx, userID(0), logOut) }); err != nil {
		t.Errorf("with the second host alive: %v", err)
	}
	if stands(t, s, 0) {
		t.Error("the logout is not to be seen")
	}
}

// TestCallersWhoLeave holds that a crowd of callers who give up costs no connections to tell the server so.
func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	const pool, callers = 4, 100
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url, Pool: pool, Timeout: endless})
	db := admin(t, direct)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "SELECT FROM users FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{}, callers)
	p.on(func(sent []byte) fate {
		if bytes.Contains(sent, []byte("FOR NO KEY UPDATE")) {
			waiting <- struct{}{}
		}
		return forward
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, callers)
	for range callers {
		go func() { done <- s.Change(ctx, userID(0), nothing) }()
	}
	for range pool {
		<-waiting
	}
	cancel()
	for range callers {
		failed(t, "Change", ends(t, "Change", func() error { return <-done }))
	}
	if dialled, cancels := p.connections(); cancels > 0 || dialled > 2*pool {
		t.Errorf("%d callers cost %d connections, %d of them to cancel", callers, dialled, cancels)
	}
	_ = tx.Rollback()
	if err := s.Change(t.Context(), userID(0), nothing); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestStandingsDoNotQueueBehindLogins holds as many transactions as a pool lets begin, with a crowd of others waiting, as a
// storm of logins does.
func TestStandingsDoNotQueueBehindLogins(t *testing.T) {
	t.Parallel()
	url := with(t, postgrestest.URL(t), "idle_in_transaction_session_timeout", "1h")
	const pool, crowd = 8, 100
	s := open(t, postgres.Config{URL: url, Pool: pool, Timeout: endless})
	people(t, s, pool)
	held, release := context.WithCancel(t.Context())
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	holding, released, left := make(chan struct{}, pool), make(chan error, pool), make(chan error, crowd)
	for i := range pool {
		go func() {
			released <- s.Change(held, userID(i), func(*domain.Account) error {
				holding <- struct{}{}
				<-held.Done()
				return held.Err()
			})
		}()
	}
	for range pool - 2 {
		<-holding
	}
	for i := range crowd {
		go func() {
			if i%2 == 0 {
				left <- s.Change(ctx, userID(i%pool), nothing)
				return
			}
			_, err := s.ByEmail(ctx, person(0).Email)
			left <- err
		}()
	}
	for range 20 {
		err := ends(t, "Standings", func() error { _, err := s.Standings(ctx, sessionID(0)); return err })
		if err != nil {
			t.Fatalf("a standing: %v", err)
		}
	}
	cancel() // before there is room for any of them
	for range crowd {
		failed(t, "a call whose context ended", ends(t, "a call", func() error { return <-left }))
	}
	release()
	for range pool {
		failed(t, "a call that fails", ends(t, "a call", func() error { return <-released }))
	}
}

// TestExhaustedPool holds all connections and lets others ask.
func TestExhaustedPool(t *testing.T) {
	t.Parallel()
	url := with(t, postgrestest.URL(t), "idle_in_transaction_session_timeout", "1h")
	people(t, open(t, postgres.Config{URL: url}), 2)
	s := connect(t, postgres.Config{URL: url, Pool: 2, Timeout: 500 * time.Millisecond})
	long, stop := context.WithTimeout(t.Context(), endless)
	defer stop()
	holding, release, held := make(chan struct{}, 2), make(chan struct{}), make(chan error, 2)
	for i := range 2 {
		go func() {
			held <- s.Change(long, userID(i), func(*domain.Account) error {
				holding <- struct{}{}
				<-release
				return nil
			})
		}()
	}
	<-holding
	<-holding
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	done := make(chan error, 200)
	for i := range 200 {
		go func() {
			if i%2 == 0 {
				done <- s.Change(ctx, userID(0), nothing)
				return
			}
			_, err := s.Standings(ctx, sessionID(0))
			done <- err
		}()
	}
	for range 200 {
		failed(t, "a call", ends(t, "a call", func() error { return <-done }))
	}
	_, err := s.Standings(t.Context(), sessionID(0))
	failed(t, "a call without a deadline", err)
	close(release)
	for range 2 {
		if err := ends(t, "a Change that held a connection", func() error { return <-held }); err != nil {
			t.Error(err)
		}
	}
	if !stands(t, s, 1) {
		t.Error("afterwards the session is gone")
	}
}
