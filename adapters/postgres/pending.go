package postgres

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/pressly/goose/v3"
)

// Migration is one step of the schema.
type Migration struct{ Name, SQL string }

// Pending returns what Migrate would apply, the first to be applied first. It writes nothing. Its errors are Migrate's:
// another application's database, a database that needs a newer binary.
func (s *Store) Pending(ctx context.Context) ([]Migration, error) {
	ctx, cancel := s.bounded(ctx)
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
	applied := map[int64]bool{}
	if found.version > 0 {
		var numbers []int64
		if err := s.db.SelectContext(ctx, &numbers, `SELECT version_id FROM `+versions+` WHERE is_applied`); err != nil {
			return nil, translate(err)
		}
		for _, n := range numbers {
			applied[n] = true
		}
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var pending []Migration
	for _, file := range files {
		n, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !applied[n] {
			pending = append(pending, Migration{strings.TrimSuffix(path.Base(file), ".sql"), string(text)})
		}
	}
	return pending, nil
}
