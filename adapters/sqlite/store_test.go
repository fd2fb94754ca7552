package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestStore(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store { return fresh(t) })
}

func TestImports(t *testing.T) {
	inFull(t)
	contract.Imports(t, func(t *testing.T) contract.Importing { return fresh(t) })
}

func TestAttempts(t *testing.T) {
	contract.Attempts(t, func(t *testing.T) application.Attempts { return fresh(t) })
}

func TestSharedStores(t *testing.T) {
	contract.SharedStores(t, func(t *testing.T) (a, b application.Store) {
		path := filepath.Join(t.TempDir(), "porteiro.db")
		return ready(t, path), ready(t, path)
	})
}

func TestKeys(t *testing.T) {
	inFull(t)
	contract.Keys(t, func(t *testing.T) application.KeyStore { return fresh(t) })
}

func TestDurable(t *testing.T) {
	inFull(t)
	contract.Durable(t, func(t *testing.T) func() application.Store {
		path := filepath.Join(t.TempDir(), "porteiro.db")
		var before *sqlite.Store
		return func() application.Store {
			if before != nil {
				if err := before.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			before = ready(t, path)
			return before
		}
	})
}

// fresh returns a store on a file of its own.
func fresh(tb testing.TB) *sqlite.Store {
	tb.Helper()
	return ready(tb, filepath.Join(tb.TempDir(), "porteiro.db"))
}

// ready returns a store on the file as a server would have it.
func ready(tb testing.TB, path string) *sqlite.Store {
	tb.Helper()
	s := open(tb, path)
	if _, err := s.Migrate(tb.Context()); err != nil {
		tb.Fatalf("Migrate: %v", err)
	}
	if err := s.Check(tb.Context()); err != nil {
		tb.Fatalf("Check: %v", err)
	}
	return s
}

// patience is how long a write waits for another handle: SQLite hands its lock to whoever asks at the right moment, not
// to whoever waits longest, and a busy machine makes that a matter of seconds.
const patience = time.Minute

func open(tb testing.TB, path string) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), sqlite.Config{Path: path, Timeout: patience})
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return s
}

// inFull leaves out of a short run, which is for the race detector, what it has nothing to say of: other processes, and
// what one caller does after the other.
func inFull(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short run")
	}
}
