package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"syscall"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// lib is what lib/pq's connection can do.
type lib interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// connection is lib/pq's, with every call bounded by the wire. lib/pq gets a context that cannot be cancelled. A
// statement with arguments is prepared once: the store has a dozen of them, and none is made up while it runs.
type connection struct {
	lib
	wire       *wire
	statements map[string]driver.Stmt // nil: none are kept
	stale      *atomic.Int64          // counts, for all connections, when statements went stale
	seen       int64                  // what stale was when statements was begun
	doomed     bool                   // to be closed, not used again
	warning    *pq.Error              // the last one
	server     string                 // see [server]; as of the last look at the log
}

var _ lib = (*connection)(nil)

// newConnection wraps a connection that is new. With a counter it keeps prepared statements.
func newConnection(inner lib, w *wire, stale *atomic.Int64) *connection {
	c := &connection{lib: inner, wire: w, stale: stale}
	if stale != nil {
		c.statements = make(map[string]driver.Stmt)
		c.seen = stale.Load()
	}
	pq.SetNoticeHandler(inner, func(n *pq.Error) {
		if n.Code.Class() != "00" { // 00 is for information
			c.warning = n
		}
	})
	return c
}

// QueryContext is driver.QueryerContext's. The rows are read within the call's deadline too.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.wire.during(ctx)()
	ctx = context.WithoutCancel(ctx)
	if c.statements == nil || len(args) == 0 {
		rows, err := c.lib.QueryContext(ctx, query, args)
		return rows, c.judge(err)
	}
	s, err := c.prepared(query)
	if err != nil {
		return nil, c.judge(err)
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	return rows, c.judge(err)
}

// ExecContext is driver.ExecerContext's.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.wire.during(ctx)()
	ctx = context.WithoutCancel(ctx)
	if c.statements == nil || len(args) == 0 {
		result, err := c.lib.ExecContext(ctx, query, args)
		return result, c.judge(err)
	}
	s, err := c.prepared(query)
	if err != nil {
		return nil, c.judge(err)
	}
	result, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	return result, c.judge(err)
}

// prepared prepares a statement once, and all of them anew after one of them went stale on any connection: what
// changed under it changed under the others.
func (c *connection) prepared(query string) (driver.Stmt, error) {
	if now := c.stale.Load(); now != c.seen {
		clear(c.statements)
		c.seen = now
	}
	if s, found := c.statements[query]; found {
		return s, nil
	}
	s, err := c.lib.Prepare(query)
	if err != nil {
		return nil, err
	}
	c.statements[query] = s
	return s, nil
}

// Prepare is driver.Conn's, and refused: a statement that database/sql holds would run past the wire's deadlines.
func (c *connection) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("postgres: statements are prepared by the connection itself")
}

// Ping is driver.Pinger's.
func (c *connection) Ping(ctx context.Context) error {
	defer c.wire.during(ctx)()
	return c.judge(c.lib.Ping(context.WithoutCancel(ctx)))
}

// BeginTx is driver.ConnBeginTx's. The context bounds COMMIT and ROLLBACK too.
func (c *connection) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	defer c.wire.during(ctx)()
	tx, err := c.lib.BeginTx(context.WithoutCancel(ctx), opts)
	if err != nil {
		c.doomed = true // what a standby answers to READ WRITE is 0A000
		return nil, reset(err)
	}
	return &transaction{c, tx, ctx}, nil
}

// judge remembers what an error means for the calls to come: a server that turned read-only is of no use any more
// although it works, and a statement that went stale (a migration changed what it reads, or a pooler dropped it) is to
// be prepared anew.
func (c *connection) judge(err error) error {
	switch {
	case pq.As(err, pqerror.ReadOnlySQLTransaction) != nil:
		c.doomed = true
	case c.stale != nil && wentStale(err):
		c.stale.CompareAndSwap(c.seen, c.seen+1)
	}
	return reset(err)
}

// reset makes a broken connection of one that was reset, as lib/pq does of one that was closed: a server that ends a
// connection without reading what is on its way there does the one or the other. What changes nothing is then asked again.
func reset(err error) error {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return driver.ErrBadConn
	}
	return err
}

// wentStale reports an error of a prepared statement that has not begun to run.
func wentStale(err error) bool {
	return pq.As(err, pqerror.FeatureNotSupported, pqerror.InvalidSQLStatementName) != nil
}

// sentOnce marks the context of what is not to be sent again when its connection turns out to be gone.
type sentOnce struct{}

// ResetSession is driver.SessionResetter's. Before what is sent once, a connection that has rested is asked whether it is
// still there, as BEGIN asks before a transaction.
func (c *connection) ResetSession(ctx context.Context) error {
	if !c.IsValid() || ctx.Value(sentOnce{}) != nil && c.wire.rested() && c.Ping(ctx) != nil {
		return driver.ErrBadConn
	}
	return c.lib.ResetSession(ctx)
}

// IsValid is driver.Validator's.
func (c *connection) IsValid() bool { return !c.doomed && !c.wire.broken() && c.lib.IsValid() }

// Close is driver.Conn's.
func (c *connection) Close() error {
	c.wire.until(c.wire.now().Add(grace))
	return c.lib.Close()
}

// transaction bounds COMMIT and ROLLBACK, which have no context of their own.
type transaction struct {
	c   *connection
	tx  driver.Tx
	ctx context.Context
}

// Commit is driver.Tx's. A warning with it is an error, because lib/pq would say nil: the wait for a synchronous
// standby was cancelled, and only this server has what was written.
func (t *transaction) Commit() error {
	defer t.c.wire.during(t.ctx)()
	t.c.warning = nil
	if err := t.tx.Commit(); err != nil {
		return t.c.judge(err)
	}
	if t.c.warning != nil {
		t.c.doomed = true
		return t.c.warning
	}
	return nil
}

// Rollback is driver.Tx's. It has the grace when the transaction's context is over.
func (t *transaction) Rollback() error {
	if t.ctx.Err() != nil {
		t.c.wire.until(t.c.wire.now().Add(grace))
	} else {
		defer t.c.wire.during(t.ctx)()
	}
	return t.c.judge(t.tx.Rollback())
}
