package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versions is the table that says which migrations were applied, and when.
const versions = "porteiro_migrations"

// schema is what a database holds.
type schema struct {
	version int64 // of the last migration applied, 0 when there is none
	oldest  int64 // the oldest binary that may serve it
}

const (
	// ours shows which names of ours are taken where a new table would go.
	ours = `SELECT relname FROM pg_catalog.pg_class WHERE relnamespace = current_schema()::regnamespace
		AND relname IN ('users', 'sessions', 'signing_keys', 'attempts', 'changes', 'changes_kept', 'imported', 'clients', 'porteiro_schema', '` + versions + `') ORDER BY relname DESC`

	standing = `SELECT (SELECT coalesce(max(version_id), 0) FROM ` + versions + ` WHERE is_applied), (SELECT oldest FROM porteiro_schema)`
)

// Check answers nil when this binary may serve the database: its schema is this binary's, or a newer one that says so.
// It writes nothing.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	known, err := latest()
	if err != nil {
		return err
	}
	found, err := inspect(ctx, s.db)
	if err != nil {
		return err
	}
	if found.version < known {
		return fmt.Errorf("postgres: the database's schema is %d and this porteiro needs %d: run porteiro migrate", found.version, known)
	}
	return found.admits(known)
}

// admits says whether a binary that knows migrations up to the given one may serve the schema.
func (f schema) admits(known int64) error {
	if f.oldest > known {
		return fmt.Errorf("postgres: this database needs a newer porteiro (its schema is %d, oldest %d; this binary knows %d): upgrade the binary",
			f.version, f.oldest, known)
	}
	return nil
}

// inspect reads what a database holds. Tables of ours that somebody else made are an error: this is another
// application's database.
func inspect(ctx context.Context, db *sqlx.DB) (schema, error) {
	var place *string
	if err := db.GetContext(ctx, &place, `SELECT current_schema()`); err != nil {
		return schema{}, translate(err)
	}
	if place == nil {
		return schema{}, errors.New("postgres: the database has no schema to put tables into: CREATE SCHEMA public, or name one by search_path in the URL")
	}
	var names []string
	if err := db.SelectContext(ctx, &names, ours); err != nil {
		return schema{}, translate(err)
	}
	if !slices.Contains(names, "porteiro_schema") {
		foreign := slices.DeleteFunc(names, func(n string) bool { return n == versions })
		if len(foreign) > 0 {
			return schema{}, fmt.Errorf("postgres: the database holds the %s table of another application: "+
				"give porteiro a database of its own; `porteiro import flask` takes over the users of a Flask app", foreign[0])
		}
		return schema{}, nil
	}
	var found schema
	if err := db.QueryRowContext(ctx, standing).Scan(&found.version, &found.oldest); err != nil {
		return schema{}, translate(err)
	}
	return found, nil
}

// latest returns the number of the last migration that this binary knows.
func latest() (int64, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}
