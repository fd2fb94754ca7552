package postgrestest_test

import (
	"database/sql"
	"testing"

	_ "github.com/lib/pq"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

func query(t *testing.T, address, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var answer string
	if err := db.QueryRowContext(t.Context(), statement).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestURL(t *testing.T) {
	t.Log(query(t, postgrestest.URL(t), "select current_database()||version()"))
	for range 10 {
		t.Run("x", func(t *testing.T) { postgrestest.URL(t) })
	}
}

func TestPrivate(t *testing.T) {
	s := postgrestest.Private(t)
	t.Log(query(t, s.URL(), "select 1"))
	s.Stop()
	s.Start()
	s.Kill()
	s.Start()
	t.Log(query(t, s.URL(), "select 1"))
	s.Pause()
	s.Resume()
	t.Log(query(t, s.URL(), "select 1"))
	s.Pause()
}
