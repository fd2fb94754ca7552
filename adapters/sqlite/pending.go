package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
)

// Migration is one step of the schema.
type Migration struct{ Name, SQL string }

// Known returns every migration that this binary knows, the first one first.
func Known() ([]Migration, error) { return after(0) }

// Pending returns what Migrate would apply, the first to be applied first. It writes nothing. Its errors are Migrate's.
func (s *Store) Pending(ctx context.Context) ([]Migration, error) {
	found, err := s.mine(ctx)
	if err != nil {
		return nil, err
	}
	return after(found.version)
}

func after(version int64) ([]Migration, error) {
	files, err := fs.Glob(embedded, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("sqlite: migrations: %w", err)
	}
	var pending []Migration
	for _, file := range files {
		n, err := goose.NumericComponent(file)
		if err != nil {
			return nil, fmt.Errorf("sqlite: migrations: %w", err)
		}
		text, err := embedded.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("sqlite: migrations: %w", err)
		}
		if n > version {
			pending = append(pending, Migration{path.Base(file), string(text)})
		}
	}
	return pending, nil
}
