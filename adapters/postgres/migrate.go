package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	// migrationTimeout bounds one statement of a migration, and the wait for another node's.
	migrationTimeout = 5 * time.Minute
	// migrationLock is the number of the advisory lock under which nodes migrate: "porteiro" in ASCII.
	migrationLock int64 = 0x706f72746569726f
)

// Migrate brings the schema up to date and returns the names of the migrations that it applied. Nodes that start at
// once wait for each other. Each migration is one transaction, so what a crash interrupted is begun again next time. A
// newer schema is left alone, and so is another application's database; see [Store.Check].
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, migrationTimeout)
	defer cancel()
	known, err := latest()
	if err != nil {
		return nil, err
	}
	found, err := inspect(ctx, s.db)
	if err != nil {
		return nil, err
	}
	if found.version >= known {
		return nil, found.admits(known)
	}
	if err := s.unpooled(ctx); err != nil {
		return nil, err
	}
	db := s.patient()
	defer func() { _ = db.Close() }()
	applied, err := migrate(ctx, db)
	if err != nil {
		return applied, err
	}
	if found, err = inspect(ctx, s.db); err != nil {
		return applied, err
	}
	return applied, found.admits(known)
}

// patient returns connections of which an exchange may take minutes. They wait no longer for a table's lock than those
// that serve: behind a migration that waits, everybody waits.
func (s *Store) patient() *sqlx.DB {
	cfg := s.cfg.Clone()
	for name := range cfg.Runtime {
		switch strings.ToLower(name) {
		case "statement_timeout", "idle_in_transaction_session_timeout":
			cfg.Runtime[name] = milliseconds(migrationTimeout)
		}
	}
	db := sql.OpenDB(&connector{cfg: cfg, timeout: migrationTimeout, now: s.now})
	db.SetMaxOpenConns(2)
	return sqlx.NewDb(db, "postgres")
}

func migrate(ctx context.Context, db *sqlx.DB) (applied []string, _ error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db.DB, folder, goose.WithTableName(versions),
		goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(turns{}))
	if err != nil {
		return nil, fmt.Errorf("postgres: migrations: %w", err)
	}
	// Each on its own and by its number: Up would look, and make its table, before it takes the lock.
	for _, source := range provider.ListSources() {
		name := strings.TrimSuffix(path.Base(source.Path), ".sql")
		_, err := provider.ApplyVersion(ctx, source.Version, true)
		switch {
		case errors.Is(err, goose.ErrAlreadyApplied):
		case err != nil:
			return applied, unmigrated(name, err)
		default:
			applied = append(applied, name)
		}
	}
	return applied, nil
}

// unmigrated says in one line why a migration did not happen.
func unmigrated(name string, err error) error {
	e := pq.As(err)
	switch {
	case e == nil:
		return fmt.Errorf("postgres: migration %s: %w", name, err)
	case e.Code == pqerror.InsufficientPrivilege:
		return fmt.Errorf("postgres: migration %s: %s (%s): make the user the owner of the database, or GRANT CREATE ON SCHEMA to it", name, e.Message, e.Code)
	case e.Code == pqerror.LockNotAvailable:
		return fmt.Errorf("postgres: migration %s: somebody holds a table that it changes: try again (%s)", name, e.Code)
	}
	return fmt.Errorf("postgres: migration %s: %s (%s)", name, e.Message, e.Code)
}

// turns lets one node migrate at a time. The lock is the session's, so it goes with the connection.
type turns struct{}

var _ lock.SessionLocker = turns{}

// SessionLock is lock.SessionLocker's. It asks again and again rather than wait in the server, where it would run into
// lock_timeout and keep old rows alive.
func (turns) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for waited := false; ; waited = true {
		var ok bool
		err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, migrationLock).Scan(&ok)
		if waited && ctx.Err() != nil || !ok && err == nil && !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("another node is migrating: %w", ctx.Err())
		}
		if err != nil || ok {
			return err
		}
	}
}

// SessionUnlock is lock.SessionLocker's.
func (turns) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, migrationLock)
	return err
}
