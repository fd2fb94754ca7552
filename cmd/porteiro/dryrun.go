package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/adapters/sqlite"
)

// step is a migration of either store.
type step struct{ Name, SQL string }

// rehearse prints what migrate would do with its SQL, and changes nothing.
func rehearse(ctx context.Context, w io.Writer, location string, d database) error {
	pending, err := d.pending(ctx, location)
	if err != nil {
		return err
	}
	for _, p := range pending {
		fmt.Fprintf(w, "would apply %s:\n\n%s\n", p.Name, indented(p.SQL))
	}
	if len(pending) == 0 {
		fmt.Fprintln(w, "the schema is up to date")
	}
	return nil
}

func indented(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(sql) + "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// pending looks without making a file, and asks Check too of a schema that is up to date: one that needs a newer binary
// is refused here as by migrate.
func (d database) pending(ctx context.Context, location string) ([]step, error) {
	if path, found := sqlitePath(location); found {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			known, err := sqlite.Known()
			return steps(known), err
		}
	}
	s, err := inspectOnly(ctx, location, d.pool, 5*time.Second)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	pending, err := pendingIn(ctx, s)
	if err != nil {
		return nil, err
	}
	if len(pending) == 0 {
		return nil, s.Check(ctx)
	}
	return pending, nil
}

// pendingIn is what migrate would apply to an open store.
func pendingIn(ctx context.Context, s store) ([]step, error) {
	switch s := s.(type) {
	case *sqlite.Store:
		found, err := s.Pending(ctx)
		return steps(found), err
	case *postgres.Store:
		found, err := s.Pending(ctx)
		return steps(found), err
	}
	return nil, nil
}

func steps[M sqlite.Migration | postgres.Migration](all []M) []step {
	out := make([]step, len(all))
	for i, m := range all {
		out[i] = step(m)
	}
	return out
}
