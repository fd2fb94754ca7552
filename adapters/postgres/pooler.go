package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ignorable are the settings that a connection asks for and PgBouncer knows nothing of.
func ignorable() []string {
	return []string{
		"plan_cache_mode", "enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit", "statement_timeout", "lock_timeout",
		"idle_in_transaction_session_timeout",
	}
}

// Pooling is how connections are shared by what stands between here and the server.
type Pooling string

// The ways.
const (
	Unpooled         Pooling = ""            // nothing stands there, or a pooler that gives each client a connection of its own
	PoolsTransaction Pooling = "transaction" // another server connection for each transaction
	PoolsStatement   Pooling = "statement"   // another one for each statement: no transactions
)

// Pooled finds out whether a pooler such as PgBouncer shares the server's connections between clients. It asks on two
// connections which process serves them: while the second one is in a transaction, the first one has to find its own
// again.
func (s *Store) Pooled(ctx context.Context) (Pooling, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	db := sql.OpenDB(&connector{cfg: s.cfg, timeout: s.timeout, now: s.now})
	defer func() { _ = db.Close() }()
	first, err := db.Conn(ctx)
	if err != nil {
		return Unpooled, translate(err)
	}
	defer func() { _ = first.Close() }()
	const who = `SELECT pg_backend_pid()`
	var before, other, after int
	if err := first.QueryRowContext(ctx, who).Scan(&before); err != nil {
		return Unpooled, translate(err)
	}
	second, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if gone(err) { // PgBouncer hangs up at BEGIN, and lib/pq keeps its last words to itself
		return PoolsStatement, nil
	}
	if err != nil {
		return Unpooled, translate(err)
	}
	defer func() { _ = second.Rollback() }()
	if err := second.QueryRowContext(ctx, who).Scan(&other); err != nil {
		return Unpooled, translate(err)
	}
	if other == before {
		return PoolsTransaction, nil
	}
	if err := first.QueryRowContext(ctx, who).Scan(&after); err != nil {
		return Unpooled, translate(err)
	}
	if after != before {
		return PoolsTransaction, nil
	}
	return Unpooled, nil
}

// Serviceable answers nil when what stands between here and the server can carry the store, and else says what to do.
func (s *Store) Serviceable(ctx context.Context) error {
	switch p, err := s.Pooled(ctx); {
	case err != nil:
		return err
	case p == PoolsStatement:
		return errors.New("postgres: the connection is lost where a transaction begins, as a pooler does that shares connections by the statement: take pool_mode = session, or transaction")
	case p == PoolsTransaction && !s.cfg.BinaryParameters:
		return errors.New("postgres: a pooler shares connections by the transaction, which loses prepared statements: " +
			"write binary_parameters=yes into the database URL, or take pool_mode = session")
	}
	return nil
}

// unpooled refuses to migrate through a pooler: the lock under which nodes migrate is a connection's.
func (s *Store) unpooled(ctx context.Context) error {
	p, err := s.Pooled(ctx)
	if err == nil && p != Unpooled {
		err = fmt.Errorf("postgres: a pooler shares connections by the %s, which loses the lock under which nodes migrate: "+
			"run porteiro migrate with the URL of PostgreSQL itself, or of a pool with pool_mode = session", p)
	}
	return err
}
