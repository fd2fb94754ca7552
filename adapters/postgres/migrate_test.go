package postgres_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

var all = []string{"00001_users_sessions_keys", "00002_attempts", "00003_changes", "00004_imported", "00005_clients", "00006_changes_run", "00007_count"}

func TestMigrateSaysWhatItDid(t *testing.T) {
	inFull(t)
	s := connect(t, postgres.Config{URL: postgrestest.URL(t)})
	refuses(t, "Check of an empty database", s.Check(t.Context()), "run porteiro migrate")
	for _, want := range [][]string{all, nil} {
		applied, err := s.Migrate(t.Context())
		if err != nil || !slices.Equal(applied, want) {
			t.Errorf("applied %q instead of %q, %v", applied, want, err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestNodesThatStartAtOnce(t *testing.T) {
	inFull(t)
	const nodes = 8
	url := postgrestest.URL(t)
	type outcome struct {
		applied []string
		err     error
	}
	start, done := make(chan struct{}), make(chan outcome, nodes)
	for range nodes {
		s := connect(t, postgres.Config{URL: url})
		go func() {
			<-start
			applied, err := s.Migrate(t.Context())
			if err == nil {
				err = s.Check(t.Context())
			}
			done <- outcome{applied, err}
		}()
	}
	close(start)
	var applied []string
	for range nodes {
		o := <-done
		if o.err != nil {
			t.Error(o.err)
		}
		applied = append(applied, o.applied...)
	}
	slices.Sort(applied)
	if !slices.Equal(applied, all) {
		t.Errorf("together they applied %q", applied)
	}
}

// TestInterruptedMigration cuts the node off at each step, as kill -9 would.
func TestInterruptedMigration(t *testing.T) {
	inFull(t)
	t.Parallel()
	for _, step := range []string{
		"pg_try_advisory_lock", "CREATE TABLE porteiro_migrations", "INSERT INTO porteiro_migrations",
		"CREATE TABLE users", "CREATE TABLE porteiro_schema", "COMMIT\x00",
		"CREATE TABLE attempts", "CREATE TABLE clients",
	} {
		for _, f := range []fate{cut, cutNext} {
			direct := postgrestest.URL(t)
			p, url := through(t, direct)
			s := connect(t, postgres.Config{URL: url, Timeout: crowded})
			reached := p.onFirst(step, f)
			_, err := s.Migrate(t.Context())
			if reached() == 0 || err == nil && step != "pg_try_advisory_lock" { // asked outside a transaction, so again
				t.Fatalf("%s: reached %d times, %v", step, reached(), err)
			}
			if _, err := connect(t, postgres.Config{URL: direct, Timeout: crowded}).Migrate(t.Context()); err != nil {
				t.Errorf("after an interruption at %s: %v", step, err)
			}
			p.on(nil)
			people(t, s, 1)
		}
	}
}

// TestForeignDatabase has the tables of the Flask app, and of others.
func TestForeignDatabase(t *testing.T) {
	inFull(t)
	for _, tables := range [][]string{
		{"CREATE TABLE users (id serial PRIMARY KEY, email varchar(256) NOT NULL UNIQUE, password varchar(256) NOT NULL, login_time timestamp, logout_time timestamp)"},
		{"CREATE TABLE sessions (sid text)"},
		{"CREATE TABLE attempts (id serial PRIMARY KEY, login text)"},
		{"CREATE TABLE clients (id serial PRIMARY KEY, name text)"},
		{"CREATE VIEW users AS SELECT 1 AS id", "CREATE TABLE porteiro_migrations (id int)"},
	} {
		url := postgrestest.URL(t)
		db := admin(t, url)
		exec(t, db, tables...)
		const census = `SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace`
		var before, after int
		if err := db.QueryRowContext(t.Context(), census).Scan(&before); err != nil {
			t.Fatal(err)
		}
		s := connect(t, postgres.Config{URL: url})
		applied, err := s.Migrate(t.Context())
		refuses(t, "Migrate", err, "table of another application", "`porteiro import flask`")
		refuses(t, "Check", s.Check(t.Context()), "table of another application", "`porteiro import flask`")
		if err := db.QueryRowContext(t.Context(), census).Scan(&after); err != nil {
			t.Fatal(err)
		}
		if before != after || len(applied) > 0 {
			t.Errorf("something was written: %d relations became %d", before, after)
		}
	}
}

// TestSchemaOfItsOwn puts the tables beside another application's, where search_path says so.
func TestSchemaOfItsOwn(t *testing.T) {
	inFull(t)
	url := postgrestest.URL(t)
	exec(t, admin(t, url), "CREATE TABLE users (id serial PRIMARY KEY)", "CREATE SCHEMA porteiro")
	people(t, open(t, postgres.Config{URL: with(t, url, "search_path", "porteiro,public")}), 1)

	nowhere := connect(t, postgres.Config{URL: with(t, url, "search_path", "nowhere")})
	_, err := nowhere.Migrate(t.Context())
	refuses(t, "Migrate", err, "CREATE SCHEMA")
}

// TestFormerSchema upgrades the database of the binary before, which goes on serving it.
func TestFormerSchema(t *testing.T) {
	inFull(t)
	url := postgrestest.URL(t)
	former := open(t, postgres.Config{URL: url})
	people(t, former, 1)
	db := admin(t, url)
	exec(t, db, "DROP FUNCTION porteiro_changed CASCADE", "DROP FUNCTION porteiro_count", "DROP TABLE changes, changes_kept, imported, clients", "ALTER TABLE sessions DROP COLUMN keep_until",
		"DELETE FROM porteiro_migrations WHERE version_id > 2")
	s := connect(t, postgres.Config{URL: url})
	refuses(t, "Check", s.Check(t.Context()), "schema is 2 and this porteiro needs 7: run porteiro migrate")
	if applied, err := s.Migrate(t.Context()); err != nil || !slices.Equal(applied, all[2:]) {
		t.Fatalf("applied %q, %v", applied, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if !stands(t, s, 0) || !stands(t, former, 0) {
		t.Error("the session is gone")
	}
	var oldest int
	if err := db.QueryRowContext(t.Context(), "SELECT oldest FROM porteiro_schema").Scan(&oldest); err != nil || oldest != 1 {
		t.Errorf("the oldest binary that may serve it is that of migration %d, %v", oldest, err)
	}
}

func TestNewerSchema(t *testing.T) {
	inFull(t)
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url})
	people(t, s, 1)
	db := admin(t, url)
	exec(t, db, "INSERT INTO porteiro_migrations (version_id, is_applied) VALUES (9, true)", "ALTER TABLE users ADD COLUMN more text")
	if applied, err := s.Migrate(t.Context()); err != nil || applied != nil {
		t.Errorf("a newer schema that admits this binary: %q, %v", applied, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if !stands(t, s, 0) {
		t.Error("the session is gone")
	}
	exec(t, db, "UPDATE porteiro_schema SET oldest = 8")
	const want = "this database needs a newer porteiro (its schema is 9, oldest 8; this binary knows 7): upgrade the binary"
	refuses(t, "Check", s.Check(t.Context()), want)
	_, err := s.Migrate(t.Context())
	refuses(t, "Migrate", err, want)
}

// TestMigrationUnderLoad changes the type of what is read while prepared statements read it.
func TestMigrationUnderLoad(t *testing.T) {
	inFull(t)
	const pool = 4
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url, Pool: pool})
	people(t, s, pool)
	warm(t, s, pool)
	every := func() {
		t.Helper()
		for name, call := range calls(s) {
			if err := call(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	every()
	exec(t, admin(t, url), "ALTER TABLE users ALTER COLUMN password TYPE varchar(500), ALTER COLUMN logout_reason TYPE varchar(100)",
		"ALTER TABLE sessions ALTER COLUMN refresh_count TYPE numeric, ALTER COLUMN ip TYPE varchar(100)",
		"ALTER TABLE attempts ALTER COLUMN bucket TYPE varchar(64)",
		"ALTER TABLE clients ALTER COLUMN id TYPE varchar(64)",
		"ALTER TABLE signing_keys ALTER COLUMN algorithm TYPE varchar(100)")
	warm(t, s, pool) // on all connections at once
	every()
}

// TestWaitingForAnotherNode ends with its context.
func TestWaitingForAnotherNode(t *testing.T) {
	inFull(t)
	direct := postgrestest.URL(t)
	lock, err := admin(t, direct).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if _, err := lock.ExecContext(t.Context(), "SELECT pg_advisory_lock(x'706f72746569726f'::bigint)"); err != nil {
		t.Fatal(err)
	}
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url})
	asked := make(chan struct{}, 1000)
	p.on(func(sent []byte) fate {
		if bytes.Contains(sent, []byte("pg_try_advisory_lock")) {
			asked <- struct{}{}
		}
		return forward
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Migrate(ctx)
		done <- err
	}()
	<-asked
	<-asked
	cancel()
	refuses(t, "Migrate", ends(t, "Migrate", func() error { return <-done }), "another node is migrating")
	_ = lock.Close()
}

// refuses wants one line that says all of it.
func refuses(t testing.TB, what string, err error, says ...string) {
	t.Helper()
	failed(t, what, err)
	for _, want := range says {
		if err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s does not say %q: %v", what, want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("%s says more than one line: %q", what, err)
	}
}
