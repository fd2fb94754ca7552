package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

const history = "porteiro_migrations" // the table in which goose records what it has applied

// Migrate brings the schema up to what this binary knows and returns the names of the migrations that it applied itself,
// for people. It leaves a newer schema as it is. Any number of processes may migrate at once, and one that is killed
// leaves nothing half done.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	found, err := s.mine(ctx)
	if err != nil {
		return nil, err
	}
	known, err := s.provider(nil)
	if err != nil {
		return nil, fmt.Errorf("sqlite: migrations: %w", err)
	}
	var done []string
	for _, m := range known.ListSources() {
		if m.Version <= found.version {
			continue
		}
		applied, err := s.apply(ctx, m.Version)
		if err != nil {
			return done, fmt.Errorf("sqlite: %s: %s: %w", s.path, path.Base(m.Path), translate(err))
		}
		if applied {
			done = append(done, path.Base(m.Path))
		}
	}
	return done, nil
}

// apply applies one migration; false says that somebody else was faster.
func (s *Store) apply(ctx context.Context, version int64) (bool, error) {
	// One provider for each: it remembers having made its table, also when that was rolled back.
	p, err := s.provider(&transaction{version})
	if err != nil {
		return false, err
	}
	_, err = p.ApplyVersion(ctx, version, true)
	if errors.Is(err, goose.ErrAlreadyApplied) {
		return false, nil
	}
	return err == nil, err
}

func (s *Store) newest() (int64, error) {
	p, err := s.provider(nil)
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	return sources[len(sources)-1].Version, nil
}

func (s *Store) provider(lock *transaction) (*goose.Provider, error) {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithTableName(history), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
	}
	if lock != nil {
		// Isolating the DDL makes goose run everything on the connection as it is, inside the lock's transaction.
		options = append(options, goose.WithSessionLocker(lock), goose.WithIsolateDDL(true))
	}
	return goose.NewProvider(goose.DialectSQLite3, s.writer.DB, files, options...)
}

// transaction is a lock for goose that is SQLite's own: it wraps all that goose does for one migration, its own table
// included, in one immediate transaction. So nobody else can be between the question whether the migration is applied
// and its end, and whoever is killed in it has done nothing.
type transaction struct{ version int64 }

// SessionLock begins the transaction, and waits for that of another process.
func (t *transaction) SessionLock(ctx context.Context, conn *sql.Conn) error {
	return patiently(ctx, func() error {
		_, err := conn.ExecContext(ctx, "begin immediate")
		return err
	})
}

// SessionUnlock commits when goose has recorded the migration, which it does last, and otherwise undoes what it did.
func (t *transaction) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	var recorded bool
	err := conn.QueryRowContext(ctx, "select count(*) > 0 from "+history+" where version_id = ?", t.version).Scan(&recorded)
	if err == nil && recorded {
		if _, err = conn.ExecContext(ctx, "commit"); err == nil {
			return nil
		}
	}
	_, undo := conn.ExecContext(ctx, "rollback")
	if recorded {
		return errors.Join(err, undo)
	}
	return undo // why it was not recorded, goose says itself
}
