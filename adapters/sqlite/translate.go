package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/porteiro/porteiro/domain"
)

// translate turns what database/sql and SQLite say into what the ports say, or into what a person can act on.
func translate(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_OK:
		if errors.Is(err, sql.ErrNoRows) {
			return domain.NotFound
		}
		return err
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE: // users.email is the one column with such a constraint
		return domain.EmailTaken
	}
	switch code(err) & 0xff { // the rest of an extended code says which lock, file or call
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("another process keeps the database from being written: %w", err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("this is no SQLite database, give another path: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database is damaged, restore a backup: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("this user needs to read and write the file, and to make files beside it: %w", err)
	}
	return err
}

// code returns SQLite's extended result code, or SQLITE_OK when the error is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return sqlite3.SQLITE_OK
}

func busy(err error) bool { return code(err)&0xff == sqlite3.SQLITE_BUSY }

const (
	patience = time.Minute // for another process that migrates
	pause    = 10 * time.Millisecond
)

// patiently repeats what fails because the database is busy, until the context or its patience ends.
func patiently(ctx context.Context, f func() error) error {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		err := f()
		if !busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-end.C:
			return err
		case <-time.After(pause):
		}
	}
}
