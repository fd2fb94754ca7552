package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/porteiro/porteiro/application"
)

// Store is a database file. Its methods are safe for concurrent use, and other processes of this machine may use the
// file at the same time.
type Store struct {
	path      string // as it was given, for errors
	knows     int64  // the newest migration in this binary
	reader    *sqlx.DB
	writer    *sqlx.DB // of one connection
	standings atomic.Pointer[sqlx.Stmt]
}

var (
	_ application.Store    = (*Store)(nil)
	_ application.KeyStore = (*Store)(nil)
	_ application.Imports  = (*Store)(nil)
)

// Config says where the database is and how it is used. Zero settings are the defaults.
type Config struct {
	Path    string        // of the file, which is made when it is missing; required
	Pool    int           // connections that read; default one for each processor, at least 4
	Timeout time.Duration // how long a call waits for another process to finish writing; default 2 seconds

	ReadOnly bool // only to look: the file has to be there, and a write is an error
}

// Open returns a store on the file, which it makes, readable for its owner only, when it is missing. What is wrong with
// the path, the file or its directory is one line that says what to do. The schema is left to Migrate and Check.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Pool == 0 {
		c.Pool = max(4, runtime.GOMAXPROCS(0))
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Pool < 0 || c.Timeout < 0 {
		return nil, fmt.Errorf("sqlite: neither a pool of %d connections nor a timeout of %v can be", c.Pool, c.Timeout)
	}
	path, err := place(ctx, c.Path, c.ReadOnly)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	s := &Store{path: c.Path}
	if s.reader, err = pool(location(path, pragmas(c.Timeout, "_query_only", "on")), c.Pool); err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", c.Path, err)
	}
	if c.ReadOnly {
		return s.looking(ctx)
	}
	if s.writer, err = pool(location(path, pragmas(c.Timeout, "_journal_mode", "WAL")), 1); err != nil {
		return nil, fmt.Errorf("sqlite: %s: %w", c.Path, err)
	}
	if s.knows, err = s.newest(); err == nil {
		err = s.settle(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", c.Path, err), s.Close())
	}
	return s, nil
}

// looking is the rest of Open for a store that only looks. Its connections that write are those that may not.
func (s *Store) looking(ctx context.Context) (_ *Store, err error) {
	s.writer = s.reader
	if s.knows, err = s.newest(); err == nil {
		_, err = s.look(ctx) // whether it is a database at all
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", s.path, err), s.Close())
	}
	return s, nil
}

// Close ends every connection. The last process to close the file folds the write-ahead log into it.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// Pools returns what the connections that read and the one that writes are doing.
func (s *Store) Pools() map[string]sql.DBStats {
	return map[string]sql.DBStats{"reader": s.reader.Stats(), "writer": s.writer.Stats()}
}

func pool(dsn string, n int) (*sqlx.DB, error) {
	db, err := sqlx.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// pragmas is what every connection of a pool is opened with. A transaction is immediate: one that begins as a reader
// and then writes fails at once when another one wrote in between, however long busy_timeout is. The file is never made
// here (mode=rw): it would be readable by others.
func pragmas(timeout time.Duration, and ...string) url.Values {
	q := url.Values{
		"mode":          {"rw"},
		"_txlock":       {"immediate"},
		"_busy_timeout": {strconv.FormatInt(max(1, timeout.Milliseconds()), 10)},
		"_foreign_keys": {"on"},
		"_synchronous":  {"FULL"},
		"_defensive":    {"1"},
		"_dqs":          {"0"}, // "x" is a name, never a string
		"_error_rc":     {"1"}, // no message of an earlier error
	}
	for i := 0; i+1 < len(and); i += 2 {
		q.Set(and[i], and[i+1])
	}
	return q
}

// location is an SQLite URI, in which a path may hold any character.
func location(path string, q url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/x
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// settle finds out, before anybody depends on it, whether the file is a database that can be written, and turns on the
// write-ahead log. A file that is another application's is left as it is: Migrate and Check refuse it.
func (s *Store) settle(ctx context.Context) error {
	found, err := s.look(ctx)
	if err != nil || found.foreign != "" {
		return err
	}
	// Of several processes that turn the log on at the same moment, SQLite lets one and tells the others at once that
	// the database is busy, whatever the timeout.
	err = patiently(ctx, func() error { return s.writer.PingContext(ctx) })
	if err != nil {
		return translate(err)
	}
	var mode string
	if err := s.writer.GetContext(ctx, &mode, "pragma journal_mode"); err != nil {
		return translate(err)
	}
	if mode != "wal" {
		return fmt.Errorf("this file system cannot hold a write-ahead log (journal_mode is %s): "+
			"put the database on a local disk", mode)
	}
	// SQLite opens a file that it may not write as if nothing were wrong, and says so at the first write.
	err = s.write(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, "pragma user_version = 1"); err != nil {
			return translate(err)
		}
		return errRollBack
	})
	if errors.Is(err, errRollBack) || busy(err) { // busy: somebody is writing to it
		return nil
	}
	return err
}

var errRollBack = errors.New("roll back")
