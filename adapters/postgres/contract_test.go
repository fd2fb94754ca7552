package postgres_test

import (
	"database/sql"
	"testing"

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

func TestStores(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store {
		return open(t, postgres.Config{URL: postgrestest.URL(t)})
	})
}

func TestSharedStores(t *testing.T) {
	contract.SharedStores(t, func(t *testing.T) (a, b application.Store) {
		url := postgrestest.URL(t)
		return open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url})
	})
}

func TestKeys(t *testing.T) {
	contract.Keys(t, func(t *testing.T) application.KeyStore {
		return open(t, postgres.Config{URL: postgrestest.URL(t)})
	})
}

func TestDurable(t *testing.T) {
	contract.Durable(t, func(t *testing.T) func() application.Store {
		url := postgrestest.URL(t)
		var last *postgres.Store
		return func() application.Store {
			if last != nil {
				_ = last.Close()
			}
			last = open(t, postgres.Config{URL: url})
			return last
		}
	})
}

// TestStatementsThatAreNotPrepared is the way through a PgBouncer in transaction mode.
func TestStatementsThatAreNotPrepared(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store {
		return open(t, postgres.Config{URL: with(t, postgrestest.URL(t), "binary_parameters", "yes")})
	})
}

func databaseOf(t testing.TB, db *sql.DB) (name string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT quote_ident(current_database())").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}
