package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/sqlite"
)

func TestMigrateSaysWhatItDid(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "porteiro.db"))
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "run porteiro migrate") {
		t.Errorf("Check of an empty file: %v", err)
	}
	done, err := s.Migrate(t.Context())
	if diff := cmp.Diff([]string{"00001_users_sessions_signing_keys.sql", "00002_attempts.sql", "00003_imported.sql", "00004_clients.sql"}, done); err != nil || diff != "" {
		t.Errorf("Migrate: %v\n%s", err, diff)
	}
	if done, err = s.Migrate(t.Context()); err != nil || len(done) > 0 {
		t.Errorf("Migrate once more: %q, %v", done, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestStoresThatMigrateAtOnceAllComeUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.db")
	const n = 8
	errs, applied := make([]error, n), make([]int, n)
	var all sync.WaitGroup
	together := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-together
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			if err != nil {
				errs[i] = err
				return
			}
			defer s.Close()
			done, err := s.Migrate(t.Context())
			if applied[i] = len(done); err == nil {
				err = s.Check(t.Context())
			}
			errs[i] = err
		})
	}
	close(together)
	all.Wait()
	sum := 0
	for i := range n {
		sum += applied[i]
		if errs[i] != nil {
			t.Errorf("one of them: %v", errs[i])
		}
	}
	if sum != 4 {
		t.Errorf("four migrations were applied %d times", sum)
	}
}

func TestProcessesThatMigrateAtOnceAllComeUp(t *testing.T) {
	inFull(t)
	path := filepath.Join(t.TempDir(), "porteiro.db")
	var processes []*process
	for range 4 {
		processes = append(processes, start(t, "migrate", path))
	}
	for _, p := range processes {
		p.expect("ready")
	}
	for _, p := range processes {
		p.goOn()
	}
	sum := 0
	for _, p := range processes {
		p.expect("open")
		applied, err := strconv.Atoi(strings.TrimPrefix(p.line(), "applied "))
		if err != nil {
			t.Error(err)
		}
		sum += applied
		p.ended()
	}
	if sum != 4 {
		t.Errorf("four migrations were applied %d times", sum)
	}
}

func TestAProcessThatIsKilledMigratingLeavesNothingHalfDone(t *testing.T) {
	inFull(t)
	for range 5 {
		path := filepath.Join(t.TempDir(), "porteiro.db")
		p := start(t, "migrate", path)
		p.expect("ready")
		p.goOn()
		p.expect("open")
		p.kill()
		p.rest()
		p.wait()
		addAna(t, ready(t, path))
	}
}

func TestAMigrationThatFailsLeavesNothingHalfDone(t *testing.T) {
	inFull(t)
	path := filepath.Join(t.TempDir(), "porteiro.db")
	db := raw(t, path, `create table other (x)`, `create index sessions_user_id on other (x)`) // in the way of the fifth statement
	s := open(t, path)
	if done, err := s.Migrate(t.Context()); err == nil || len(done) > 0 {
		t.Fatalf("Migrate: %q, %v", done, err)
	}
	if diff := cmp.Diff([]string{"other"}, tables(t, db)); diff != "" {
		t.Errorf("afterwards there are the tables\n%s", diff)
	}
	if _, err := db.Exec(`drop index sessions_user_id`); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Migrate(t.Context()); err != nil || len(done) != 4 {
		t.Fatalf("Migrate once nothing is in the way: %q, %v", done, err)
	}
	addAna(t, s)
}

func TestCheckHoldsTheSchemaAgainstTheBinary(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		says   string // "" is nil
	}{
		"as new":                       {nil, ""},
		"newer, and it may":            {[]string{`insert into porteiro_migrations (version_id, is_applied) values (7, 1)`}, ""},
		"newer, and it may not":        {[]string{`insert into porteiro_migrations (version_id, is_applied) values (7, 1)`, `update porteiro_schema set oldest = 6`}, "this database needs a newer porteiro (its schema is 7, oldest 6; this binary knows 4): upgrade the binary"},
		"newer, and it just about may": {[]string{`insert into porteiro_migrations (version_id, is_applied) values (7, 1)`, `update porteiro_schema set oldest = 1`}, ""},
		"behind":                       {[]string{`delete from porteiro_migrations where version_id > 0`}, "run porteiro migrate"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "porteiro.db")
			s := ready(t, path)
			raw(t, path, c.change...)
			err := s.Check(t.Context())
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("Check: %v, want %q", err, c.says)
			}
			if name == "behind" {
				return
			}
			if done, err := s.Migrate(t.Context()); err != nil || len(done) > 0 {
				t.Errorf("Migrate of a schema that is as new: %q, %v", done, err)
			}
		})
	}
}

func TestTheDatabaseOfTheFormerBinaryIsUpgraded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.db")
	former := ready(t, path)
	db := raw(t, path, `drop table attempts`, `drop table imported`, `drop table clients`, `alter table sessions drop column keep_until`,
		`delete from porteiro_migrations where version_id > 1`)
	s := open(t, path)
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "is 1 and this binary needs 4: run porteiro migrate") {
		t.Errorf("Check: %v", err)
	}
	done, err := s.Migrate(t.Context())
	if diff := cmp.Diff([]string{"00002_attempts.sql", "00003_imported.sql", "00004_clients.sql"}, done); err != nil || diff != "" {
		t.Errorf("Migrate: %v\n%s", err, diff)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	addAna(t, former) // it goes on serving
	var oldest int
	if err := db.QueryRow(`select oldest from porteiro_schema`).Scan(&oldest); err != nil || oldest != 1 {
		t.Errorf("the oldest binary that may serve it is that of migration %d, %v", oldest, err)
	}
}

func TestAnotherApplicationsDatabaseIsLeftAsItIs(t *testing.T) {
	for table, statements := range map[string][]string{
		"users": {`create table users (id integer not null primary key, email varchar(256) not null unique, password varchar(256))`,
			`insert into users values (1, 'ana@example.com', 'pbkdf2:sha256:1$x$y')`},
		"sessions": {`create table Sessions (id integer primary key, data blob, expiry datetime)`},
		"clients":  {`create table clients (id integer primary key, name text)`},
		"attempts": {`create table attempts (id integer primary key, login text)`},
	} {
		t.Run(table, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.db")
			if err := raw(t, path, statements...).Close(); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, path)
			_, migrate := s.Migrate(t.Context())
			for what, err := range map[string]error{"Migrate": migrate, "Check": s.Check(t.Context())} {
				want := "sqlite: " + path + " holds the " + table + " table of another application: give porteiro a database of its own; " +
					"`porteiro import flask` takes over the users of a Flask app"
				if err == nil || err.Error() != want {
					t.Errorf("%s: %v\nwant %s", what, err, want)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(before) != string(after) {
				t.Error("the file was written to")
			}
		})
	}
}

// raw is somebody else's connection to the file, after it did the statements.
func raw(t *testing.T, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

func tables(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query(`select name from sqlite_schema where type = 'table' order by name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}
