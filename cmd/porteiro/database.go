package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/application"
)

// store is what the command needs of an adapter beside its ports.
type store interface {
	application.Store
	application.KeyStore
	application.Attempts
	Pools() map[string]sql.DBStats
	Migrate(context.Context) ([]string, error)
	Check(context.Context) error
	Close() error
}

// sqlitePath is the file of a location that is one.
func sqlitePath(location string) (path string, found bool) {
	rest, found := strings.CutPrefix(location, "sqlite:")
	return strings.TrimPrefix(rest, "//"), found
}

// inspectOnly opens the store that the URL names to look at it, and changes nothing of it.
func inspectOnly(ctx context.Context, location string, pool int, timeout time.Duration) (store, error) {
	path, found := sqlitePath(location)
	if !found || path == "" {
		return open(ctx, location, pool, timeout, true)
	}
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path, Pool: pool, Timeout: timeout, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// serviceable answers nil when what stands between here and the database can carry the store.
func serviceable(ctx context.Context, s store) error {
	if behind, ok := s.(interface {
		Serviceable(context.Context) error
	}); ok {
		return behind.Serviceable(ctx)
	}
	return nil
}

// database is where users and sessions are kept.
type database struct {
	url, file string
	pool      int
}

func (d *database) flags(f *pflag.FlagSet) {
	f.StringVar(&d.url, "database-url", "sqlite:porteiro.db", "where users and sessions are kept: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")
	f.StringVar(&d.file, "database-url-file", "", "a file that holds the database URL, in place of --database-url")
	f.IntVar(&d.pool, "database-pool", 16, "connections to the database at most")
}

// location returns the URL, from the file if one is named.
func (d *database) location(changed func(string) bool) (string, error) {
	if d.pool < 1 {
		return "", usagef("--database-pool is a number of connections, 1 or more")
	}
	if d.file == "" {
		return d.url, nil
	}
	if changed("database-url") {
		return "", usagef("--database-url and --database-url-file are both given: leave one out")
	}
	b, err := os.ReadFile(d.file)
	if err != nil {
		return "", fmt.Errorf("--database-url-file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// open opens the store that the URL names. timeout bounds one exchange with it. A file that must be there and is not is
// an error: a mistyped path should not answer that it knows no users.
func open(ctx context.Context, location string, pool int, timeout time.Duration, mustExist bool) (store, error) {
	scheme, rest, _ := strings.Cut(location, ":")
	switch scheme {
	case "sqlite":
		path := strings.TrimPrefix(rest, "//")
		if path == "" {
			return nil, usagef("--database-url sqlite: names no file: write sqlite:PATH, such as sqlite:porteiro.db")
		}
		if mustExist {
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("there is no database at %s: porteiro serve or porteiro migrate makes it", path)
			}
		}
		s, err := sqlite.Open(ctx, sqlite.Config{Path: path, Pool: pool, Timeout: timeout})
		if err != nil {
			return nil, err
		}
		return s, nil
	case "postgres", "postgresql":
		s, err := postgres.Open(ctx, postgres.Config{URL: location, Pool: pool, Timeout: timeout})
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	return nil, usagef("--database-url is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME: those two are possible")
}
