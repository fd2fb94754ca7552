package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestMemoryOutlivesConnections: they are renewed all the time, and the server says of itself whether it is the same.
func TestMemoryOutlivesConnections(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	s, db := open(t, postgres.Config{URL: url}), admin(t, url)
	people(t, s, 1)
	stands(t, s, 0)
	without(t, db, "UPDATE users SET disabled_at = now()")
	for range 2 {
		s.Renew()
		if !stands(t, s, 0) {
			t.Fatal("it was read again")
		}
	}
	exec(t, db, "UPDATE users SET roles = '{admin}'")
	s.Renew()
	if stands(t, s, 0) {
		t.Error("it was not read again when it had changed")
	}
}

// TestMemoryOfOneServer: nothing that was read of one server comes beside what was read of another one.
func TestMemoryOfOneServer(t *testing.T) {
	inFull(t)
	t.Parallel()
	s := open(t, postgres.Config{URL: postgrestest.URL(t)})
	people(t, s, 3)
	stands(t, s, 0)
	stands(t, s, 1)
	s.SetServer("another one")
	stands(t, s, 2)
	if sessions, _ := s.Remembered(); sessions != 1 {
		t.Errorf("%d sessions are remembered of a server that was asked for one", sessions)
	}
}

// TestMemoryOfACopy: a copy of the database takes its place, with the same log in it.
func TestMemoryOfACopy(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	s, db := open(t, postgres.Config{URL: url}), admin(t, url)
	people(t, s, 1)
	var name string
	if err := db.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	elsewhere := admin(t, strings.Replace(url, "/"+name, "/postgres", 1))
	others := "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = '" + name + "'"
	t.Cleanup(func() {
		_, _ = elsewhere.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+"_before WITH (FORCE)")
	})
	exec(t, elsewhere, others, "CREATE DATABASE "+name+"_copy TEMPLATE "+name)
	for range 2 { // read, and then remembered
		if !stands(t, s, 0) {
			t.Fatal("it does not stand")
		}
	}
	s.Renew() // so that no connection breaks while it is used
	without(t, admin(t, strings.Replace(url, "/"+name, "/"+name+"_copy", 1)), "UPDATE users SET disabled_at = now()")
	exec(t, elsewhere, others, "ALTER DATABASE "+name+" RENAME TO "+name+"_before",
		strings.Replace(others, name, name+"_copy", 1), "ALTER DATABASE "+name+"_copy RENAME TO "+name)
	if stands(t, s, 0) {
		t.Error("what was remembered of the one before was believed")
	}
}

// TestMemoryAfterACrash: a backend that dies takes the others along, and what nobody had written of transactions is given to
// others, while the server goes on under its number. The memory of before ends also when a new run has begun meanwhile.
func TestMemoryAfterACrash(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n = 2
	url := postgrestest.Private(t, "fsync=off").URL() // what it would wait for outlives a process anyway
	s, plain, db := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	for _, begins := range []bool{false, true} {
		same(t, "the start", s, plain, n)
		if sessions, _ := s.Remembered(); sessions != n {
			t.Fatalf("it remembers %d sessions", sessions)
		}
		without(t, db, "UPDATE users SET roles = roles || '{more}'")
		s.Renew() // so that no connection breaks while it is used
		crash(t, db)
		if begins {
			purge(t, plain)
			var next int
			if err := db.QueryRowContext(t.Context(), "SELECT pg_snapshot_xmax(pg_current_snapshot())::text").Scan(&next); err != nil {
				t.Fatal(err)
			}
			s.SetSnapshot(fmt.Sprintf("%d:%[1]d:", next)) // as far as it had come before so many numbers were lost
		}
		same(t, "the crash", s, plain, n)
		purge(t, plain)
		s.Rested()
	}
	same(t, "the start", s, plain, n)
	if sessions, _ := s.Remembered(); sessions != n {
		t.Errorf("nothing is remembered any more")
	}
}

// crash has a backend kill itself, and returns when the server has started anew.
func crash(t *testing.T, db *sql.DB) {
	t.Helper()
	c, err := db.Conn(t.Context()) // a pool would say it again
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ExecContext(t.Context(), `DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'kill -9 ' || pg_backend_pid()); END $$`)
	failed(t, "a backend that kills itself", err)
	_ = c.Close()
	for end := time.Now().Add(patience); db.PingContext(t.Context()) != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the server does not come back")
		}
	}
}

// TestMemoryBehindALock: somebody keeps the log to themselves, for long. The sessions can be read all the same, and only one
// question waits for it.
func TestMemoryBehindALock(t *testing.T) {
	inFull(t)
	t.Parallel()
	for _, table := range []string{"changes", "changes_kept"} {
		direct := postgrestest.URL(t)
		p, url := through(t, direct)
		s, db := open(t, postgres.Config{URL: url, Pool: 1, Timeout: time.Second}), admin(t, direct)
		people(t, s, 1)
		for range 2 { // the second is of the memory
			if !stands(t, s, 0) {
				t.Fatal("it does not stand")
			}
		}
		without(t, db, "UPDATE users SET disabled_at = now()")
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "LOCK TABLE "+table); err != nil {
			t.Fatal(err)
		}
		waits := p.count(regexp.MustCompile(`[0-9]+:[0-9]+:|pg_current_snapshot`))
		for range 3 {
			if stands(t, s, 0) {
				t.Errorf("while %s was locked, the memory answered", table)
			}
		}
		if n := waits(); n != 1 {
			t.Errorf("while %s was locked, the log was asked %d times", table, n)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		s.Rested()
		for range 2 {
			stands(t, s, 0)
		}
		if sessions, _ := s.Remembered(); sessions != 1 {
			t.Errorf("after the lock %d sessions are remembered", sessions)
		}
	}
}

// filled remembers n sessions of as many users.
func filled(n int) *postgres.Memory {
	m := postgres.NewMemory(n)
	for i := range n {
		u := person(i)
		m.Keep(domain.Standing{Session: sessionID(i), User: u.ID, Email: u.Email, LoginTime: noon, IdleUntil: noon, Until: noon})
	}
	return m
}

// TestMemoryGivesBack: what is recalled is what was read, whatever it is.
func TestMemoryGivesBack(t *testing.T) {
	t.Parallel()
	m := postgres.NewMemory(100)
	for i, change := range []func(*domain.Standing){
		func(*domain.Standing) {},
		func(s *domain.Standing) { s.Ended = true },
		func(s *domain.Standing) { s.Disabled = true },
		func(s *domain.Standing) { s.LogoutTime = noon.Add(domain.Tick) },
		func(s *domain.Standing) { s.LoginTime, s.Ended = time.Time{}, true },
		func(s *domain.Standing) { s.LoginTime = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC) },
		func(s *domain.Standing) { s.Roles = []domain.Role{"admin"} },
		func(s *domain.Standing) { s.Roles = []domain.Role{"admin", "billing:read", "a.b-c_d"} },
		func(s *domain.Standing) { s.Roles = []domain.Role{""} }, // an operator's, as are the next
		func(s *domain.Standing) { s.Roles = []domain.Role{"", "x admin", "y,admin", ""} },
		func(s *domain.Standing) { s.Email = "ana admin@example.com" },
		func(s *domain.Standing) { s.Email, s.Roles = "", []domain.Role{"admin"} },
		func(s *domain.Standing) { s.User = "fedcba98-7654-4321-8fed-cba987654321" },
	} {
		u := person(i)
		want := domain.Standing{
			Session: sessionID(i), User: u.ID, Email: u.Email,
			LoginTime: noon, IdleUntil: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour),
		}
		change(&want)
		m.Keep(want)
		if got, there := m.Recall(want.Session); !there || !reflect.DeepEqual(got, want) {
			t.Errorf("%d: it recalls\n\t%+v\ninstead of\n\t%+v", i, got, want)
		}
	}
}

// TestMemoryIsSmall holds what Config says of it.
func TestMemoryIsSmall(t *testing.T) {
	inFull(t)
	const n, each = 100_000, 185
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := filled(n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := (after.HeapAlloc - before.HeapAlloc) / n; got > each {
		t.Errorf("a session takes %d bytes", got)
	} else {
		t.Logf("a session takes %d bytes", got)
	}
	if st, there := m.Recall(sessionID(7)); !there || st.User != userID(7) || st.Session != sessionID(7) {
		t.Errorf("%v, %v", st, there)
	}
}

// BenchmarkRecall finds one of 100,000.
func BenchmarkRecall(b *testing.B) {
	const n = 100_000
	m := filled(n)
	ids := make([]domain.SessionID, 1024)
	for i := range ids {
		ids[i] = sessionID(i * 97)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, there := m.Recall(ids[i%1024]); !there {
			b.Fatal("it is forgotten")
		}
	}
}
