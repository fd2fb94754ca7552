package sqlite

import (
	"context"
	"fmt"
	"slices"
)

// schema is what is in the file.
type schema struct {
	foreign string // a table that bears the name of one of ours and is not; "" when there is none
	version int64  // the newest migration; 0 when there is none
	oldest  int64  // a binary has to know this migration to serve it
}

// look reads the schema without writing a byte.
func (s *Store) look(ctx context.Context) (schema, error) {
	var names []string
	err := s.reader.SelectContext(ctx, &names, `select lower(name) from sqlite_schema where lower(name) in
		('users', 'sessions', 'signing_keys', 'attempts', 'imported', 'clients', 'porteiro_schema', 'porteiro_migrations') order by rowid`)
	if err != nil || len(names) == 0 {
		return schema{}, translate(err)
	}
	if !slices.Contains(names, "porteiro_migrations") {
		if slices.Contains(names, "users") {
			return schema{foreign: "users"}, nil
		}
		return schema{foreign: names[0]}, nil
	}
	var found schema
	err = s.reader.QueryRowContext(ctx, `select (select coalesce(max(version_id), 0) from porteiro_migrations),
		oldest from porteiro_schema`).Scan(&found.version, &found.oldest)
	return found, translate(err)
}

// mine is look, and refuses a database that is another application's.
func (s *Store) mine(ctx context.Context) (schema, error) {
	found, err := s.look(ctx)
	if err != nil {
		return schema{}, fmt.Errorf("sqlite: %s: %w", s.path, err)
	}
	if found.foreign != "" {
		return schema{}, fmt.Errorf("sqlite: %s holds the %s table of another application: give porteiro a database of "+
			"its own; `porteiro import flask` takes over the users of a Flask app", s.path, found.foreign)
	}
	return found, nil
}

// Check answers nil when this binary may serve the database: its schema is as new as the binary, or newer and says that
// this binary can live with it. It writes nothing.
func (s *Store) Check(ctx context.Context) error {
	found, err := s.mine(ctx)
	switch {
	case err != nil:
		return err
	case found.version == 0:
		return fmt.Errorf("sqlite: %s has no schema yet: run porteiro migrate", s.path)
	case found.version < s.knows:
		return fmt.Errorf("sqlite: the schema of %s is %d and this binary needs %d: run porteiro migrate",
			s.path, found.version, s.knows)
	case found.oldest > s.knows:
		return fmt.Errorf("sqlite: %s: this database needs a newer porteiro (its schema is %d, oldest %d; this binary "+
			"knows %d): upgrade the binary", s.path, found.version, found.oldest, s.knows)
	}
	return nil
}
