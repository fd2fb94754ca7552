package postgres_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// connect returns a store on a database as it is.
func connect(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// open returns a store on a database that is ready to serve.
func open(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	s := connect(t, c)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// admin is a way to the database that knows nothing of the store.
func admin(t testing.TB, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// crowded is for a hundred callers at once on a busy machine: the suites are about what is answered, not when.
const crowded = 30 * time.Second

func TestStores(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}

func TestSharedStores(t *testing.T) {
	inFull(t)
	contract.SharedStores(t, func(t *testing.T) (a, b application.Store) {
		url := postgrestest.URL(t)
		return open(t, postgres.Config{URL: url, Timeout: crowded}), open(t, postgres.Config{URL: url, Timeout: crowded})
	})
}

func TestKeys(t *testing.T) {
	inFull(t)
	contract.Keys(t, func(t *testing.T) application.KeyStore {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}

func TestImports(t *testing.T) {
	inFull(t)
	contract.Imports(t, func(t *testing.T) contract.Importing {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}

func TestAttempts(t *testing.T) {
	contract.Attempts(t, func(t *testing.T) application.Attempts {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}

func TestDurable(t *testing.T) {
	inFull(t)
	contract.Durable(t, func(t *testing.T) func() application.Store {
		url := postgrestest.URL(t)
		var last *postgres.Store
		return func() application.Store {
			if last != nil {
				_ = last.Close()
			}
			last = open(t, postgres.Config{URL: url, Timeout: crowded})
			return last
		}
	})
}

// TestStatementsThatAreNotPrepared is the way through a PgBouncer in transaction mode: no statement has a name.
func TestStatementsThatAreNotPrepared(t *testing.T) {
	inFull(t)
	p, url := through(t, postgrestest.URL(t))
	s := open(t, postgres.Config{URL: with(t, url, "binary_parameters", "yes")})
	named := 0
	p.on(func(sent []byte) fate {
		if sent[0] == 'P' && sent[5] != 0 { // Parse: its length, then the name
			named++
		}
		return forward
	})
	people(t, s, 2)
	for name, call := range calls(s) {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !stands(t, s, 1) {
		t.Error("the session is gone")
	}
	p.on(nil)
	if named > 0 {
		t.Errorf("%d statements have a name", named)
	}
}

func databaseOf(t testing.TB, db *sql.DB) (name string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT quote_ident(current_database())").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}
