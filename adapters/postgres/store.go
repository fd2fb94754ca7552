package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/porteiro/porteiro/application"
)

// Store is users, sessions, keys and attempts in one database. It is safe for concurrent use.
type Store struct {
	db      *sqlx.DB
	cfg     pq.Config
	pool    int
	queue   queue
	timeout time.Duration
	now     func() time.Time
	memory  memory
	lanes   lanes
	guesses guesses
}

var (
	_ application.Store    = (*Store)(nil)
	_ application.KeyStore = (*Store)(nil)
	_ application.Imports  = (*Store)(nil)
)

const (
	// lifetime lets a node follow when the address in the URL has moved to another server, idle connections too.
	lifetime = 15 * time.Minute
	idleTime = 5 * time.Minute
	// patience is how many exchanges a call without a deadline may take, waiting for a connection included.
	patience = 5
	// spare is how many connections of a pool that has some to spare are kept for standings: who asks whether somebody may
	// pass does not queue behind a storm of logins.
	spare = 2
	// runs bounds how often a transaction that lost against another one is run.
	runs = 8
)

// Open connects and asks whether the server answers; it looks at no table (see [Store.Migrate] and [Store.Check]). Its
// errors are one line that says what to do, without the password.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Pool < 0 || c.Timeout < 0 {
		return nil, errors.New("postgres: Pool and Timeout are not negative")
	}
	if c.Pool == 0 {
		c.Pool = defaultPool
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Remember == 0 {
		c.Remember = defaultRemember
	}
	cfg, err := c.settings()
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, pool: c.Pool, timeout: c.Timeout, now: time.Now, memory: memory{most: max(c.Remember, 0), now: time.Now}}
	by := &connector{cfg: cfg, timeout: c.Timeout, now: func() time.Time { return s.now() }}
	if !cfg.BinaryParameters {
		by.stale = new(atomic.Int64)
	}
	if c.Pool >= 4*spare {
		s.queue.free = make(chan struct{}, c.Pool-spare)
	}
	db := sql.OpenDB(by)
	db.SetMaxOpenConns(c.Pool)
	db.SetMaxIdleConns(c.Pool)
	db.SetConnMaxLifetime(lifetime)
	db.SetConnMaxIdleTime(idleTime)
	s.db = sqlx.NewDb(db, "postgres")
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, unreachable(cfg, err)
	}
	return s, nil
}

// Close waits for the running calls and closes the connections. A call after it is an error.
func (s *Store) Close() error { return translate(s.db.Close()) }

// Now returns the server's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var t instant
	err := s.db.GetContext(ctx, &t, `SELECT clock_timestamp()`)
	return t.Time, translate(err)
}

// bounded gives a call a deadline when it has none, for the wait for a connection has no timeout of its own.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, patience*s.timeout)
}

// errUnknown says that nobody can say whether the change happened.
var errUnknown = errors.New("postgres: the outcome of the commit is unknown")

// write runs the body in a transaction, and again, on what new locks show, when it lost against another transaction
// (40001, 40P01), a purge or a Forget, or its prepared statements went stale. After COMMIT was sent nothing is repeated. An error of the
// body comes back as it is.
func (s *Store) write(ctx context.Context, body func(context.Context, *sqlx.Tx) error) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	for run := 1; ; run++ {
		again, err := s.once(ctx, body)
		if err == nil || !again || run == runs {
			return err
		}
		if !pause(ctx, rand.N(time.Millisecond<<run)) {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, body func(context.Context, *sqlx.Tx) error) (again bool, _ error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return lost(err), err
	}
	defer func() { _ = tx.Rollback() }() // nothing after Commit; also when the body panics
	if err := body(ctx, tx); err != nil {
		return lost(err), err
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("%w: %w", errUnknown, translate(err))
	}
	return false, nil
}

// lost reports whether a transaction that did not get to COMMIT is worth another try.
func lost(err error) bool {
	return errors.Is(err, errPurged) || errors.Is(err, errForgotten) || wentStale(err) || pq.As(err, pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected) != nil
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// gone reports whether the connection broke while it was used, or before.
func gone(err error) bool { return errors.Is(err, driver.ErrBadConn) }
