package postgres_test

import (
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// open returns a store on a database that is ready to serve.
func open(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store {
		return open(t, postgres.Config{URL: postgrestest.URL(t)})
	})
}
