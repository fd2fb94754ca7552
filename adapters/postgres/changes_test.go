package postgres_test

import (
	"database/sql"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// without runs a statement that the log does not hear of: whoever believes the log goes on with what was before.
func without(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	exec(t, db, "BEGIN; "+statement+"; DELETE FROM changes WHERE xid = pg_current_xact_id(); COMMIT")
}

// endConnections ends the stores' connections.
const endConnections = "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE application_name = 'porteiro' AND datname = current_database()"

// same asks for the standings of n sessions with a memory and without one, one by one and all at once: what asks for one
// that is unknown reads.
func same(t *testing.T, after string, with, without *postgres.Store, n int) {
	t.Helper()
	var ids []domain.SessionID
	compare := func(ids ...domain.SessionID) {
		t.Helper()
		got, err := with.Standings(t.Context(), ids...)
		if err != nil {
			t.Fatalf("after %s: %v", after, err)
		}
		want, err := without.Standings(t.Context(), ids...)
		if err != nil {
			t.Fatalf("after %s: %v", after, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("after %s the memory says\n\t%v\ninstead of\n\t%v", after, got, want)
		}
	}
	for i := range n {
		ids = append(ids, sessionID(i))
		compare(ids[i])
	}
	compare(ids...)
}

// TestMemoryAnswers: what has not changed is not read again.
func TestMemoryAnswers(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	s, db := open(t, postgres.Config{URL: url, Pool: 1}), admin(t, url)
	people(t, s, 2)
	for range 2 {
		if !stands(t, s, 0) || !stands(t, s, 1) {
			t.Fatal("they do not stand")
		}
	}
	without(t, db, "UPDATE users SET disabled_at = now()")
	if !stands(t, s, 0) || !stands(t, s, 1) {
		t.Error("they were read again")
	}
	exec(t, db, "UPDATE users SET roles = '{admin}' WHERE id = '"+string(userID(0))+"'")
	if stands(t, s, 0) || !stands(t, s, 1) {
		t.Error("the one that changed was not read again, or the other one was")
	}
}

// TestMemoryFollows makes every kind of change there is, by a store and by hand, and compares the memory with the tables.
func TestMemoryFollows(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n = 4
	url := postgrestest.URL(t)
	s, plain, db := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	same(t, "the start", s, plain, n)
	user, session := "'"+string(userID(1))+"'", "'"+string(sessionID(1))+"'"
	for _, statement := range []string{
		"UPDATE users SET email = 'other@example.com' WHERE id = " + user,
		"UPDATE users SET roles = '{admin}' WHERE id = " + user,
		"UPDATE users SET logout_time = now() WHERE id = " + user,
		"UPDATE users SET logout_time = NULL WHERE id = " + user,
		"UPDATE users SET disabled_at = now()",
		"UPDATE users SET disabled_at = NULL",
		"UPDATE sessions SET idle_until = idle_until + interval '1 hour' WHERE id = " + session,
		"UPDATE sessions SET until = NULL WHERE id = " + session,
		"UPDATE sessions SET login_time = login_time + interval '1 us' WHERE id = " + session,
		"UPDATE sessions SET ended_at = now() WHERE id = " + session,
		"UPDATE sessions SET user_id = '" + string(userID(2)) + "' WHERE id = " + session,
		"UPDATE sessions SET id = '" + string(sessionID(77)) + "' WHERE id = " + session,
		"UPDATE sessions SET id = " + session + " WHERE id = '" + string(sessionID(77)) + "'",
		"DELETE FROM sessions WHERE id = " + session,
		"DELETE FROM users WHERE id = " + user,
		"BEGIN; SET LOCAL session_replication_role = replica; UPDATE users SET roles = '{replicated}'; COMMIT",
		"BEGIN; SET LOCAL search_path = pg_catalog; UPDATE public.users SET roles = '{elsewhere}'; COMMIT",
		"BEGIN; CREATE TEMPORARY TABLE changes (xid xid8, user_id uuid) ON COMMIT DROP; UPDATE users SET roles = '{hidden}'; COMMIT",
		"TRUNCATE sessions",
		"INSERT INTO sessions SELECT '" + string(sessionID(0)) + "', id, now(), now(), NULL, '', now(), now(), 0, now(), '{}', '', '' FROM users LIMIT 1",
		"TRUNCATE users CASCADE",
	} {
		exec(t, db, statement)
		same(t, statement, s, plain, n)
	}
}

// TestMemoryOfLongTransactions: what counts is when a change is seen, not when its transaction began.
func TestMemoryOfLongTransactions(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n = 6
	url := postgrestest.URL(t)
	s, plain, db := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	same(t, "the start", s, plain, n)
	long := make([]*sql.Tx, 3)
	for i := range long {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "UPDATE users SET roles = '{long}' WHERE id = $1", string(userID(i))); err != nil {
			t.Fatal(err)
		}
		long[i] = tx
		same(t, "a change that nobody sees", s, plain, n)
	}
	for i, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback, (*sql.Tx).Commit} {
		for range 2 {
			exec(t, db, "UPDATE users SET roles = roles || '{more}' WHERE id = '"+string(userID(5))+"'")
			same(t, "a short one beside it", s, plain, n)
		}
		if err := end(long[i]); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("the end of long transaction %d", i), s, plain, n)
	}
}

// TestMemoryForgets: a log that does not go back far enough, another table and a trigger that is off, or was, are no reason
// to believe what is remembered.
func TestMemoryForgets(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n = 3
	url := postgrestest.URL(t)
	s, plain, db := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	const (
		change = "UPDATE users SET roles = roles || '{more}'"
		off    = "ALTER TABLE users DISABLE TRIGGER porteiro_changed_user"
		on     = "ALTER TABLE users ENABLE ALWAYS TRIGGER porteiro_changed_user, ENABLE ALWAYS TRIGGER porteiro_deleted_user, " +
			"ENABLE ALWAYS TRIGGER porteiro_emptied_users"
	)
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"the log has gone on", func() {
			exec(t, db, change, "UPDATE changes_kept SET since = pg_current_xact_id(), next = pg_current_xact_id()", "DELETE FROM changes")
		}},
		{"the log was emptied", func() { exec(t, db, change, "TRUNCATE changes") }},
		{"the snapshot is a standby's", func() {
			without(t, db, change)
			var next int
			if err := db.QueryRowContext(t.Context(), "SELECT pg_snapshot_xmax(pg_current_snapshot())::text").Scan(&next); err != nil {
				t.Fatal(err)
			}
			s.SetSnapshot(fmt.Sprintf("%d:%d:", next-1, next))
		}},
		{"more has changed than anybody wants to hear", func() {
			without(t, db, change)
			exec(t, db, "INSERT INTO changes SELECT pg_current_xact_id(), gen_random_uuid() FROM generate_series(1, 20000)")
		}},
		{"the log is away", func() { exec(t, db, change, "DELETE FROM changes_kept", "DELETE FROM changes") }},
		{"a trigger is off", func() { exec(t, db, off, change) }},
		{"a trigger was off", func() { exec(t, db, off, change, on) }},
		{"a trigger was off in one transaction", func() { exec(t, db, "BEGIN; "+off+"; "+change+"; "+on+"; COMMIT") }},
		{"all triggers were off, and do not fire always any more", func() {
			exec(t, db, "ALTER TABLE users DISABLE TRIGGER ALL", change, "ALTER TABLE users ENABLE TRIGGER ALL")
		}},
		{"a trigger was off on a new connection", func() { exec(t, db, off, change, on, endConnections) }},
		{"a database that was set back", func() {
			without(t, db, change)
			s.SetSnapshot("9000000:9000000:")
		}},
		{"another server", func() {
			without(t, db, change)
			s.SetServer("another one")
		}},
		{"a trigger is away", func() { exec(t, db, "DROP TRIGGER porteiro_changed_user ON users", change) }},
	} {
		exec(t, db, "INSERT INTO changes_kept SELECT '3', '3', now() ON CONFLICT DO NOTHING", on)
		s.Rested()
		same(t, "before "+c.name, s, plain, n)
		if sessions, _ := s.Remembered(); sessions != n {
			t.Fatalf("before %s it remembers %d sessions", c.name, sessions)
		}
		c.do()
		s.Glance()
		same(t, c.name, s, plain, n)
	}
}

// purge has a store look after the log.
func purge(t *testing.T, s *postgres.Store) {
	t.Helper()
	if _, _, err := s.Purge(t.Context(), noon, "", 10); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryIsBounded keeps no more than it may, and is right with less room than is asked for.
func TestMemoryIsBounded(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n, most = 12, 5
	url := postgrestest.URL(t)
	s, plain, db := open(t, postgres.Config{URL: url, Remember: most}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	for i := range 40 {
		ids := []domain.SessionID{sessionID(i % n), sessionID(i * 7 % n)}
		if _, err := s.Standings(t.Context(), ids...); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			exec(t, db, fmt.Sprintf("UPDATE users SET roles = '{r%d}' WHERE id = '%s'", i, userID(i%n)))
		}
		same(t, "a change", s, plain, n)
		sessions, users := s.Remembered()
		if sessions > most || users > most {
			t.Fatalf("it keeps %d sessions and %d users", sessions, users)
		}
	}
}

// TestLogIsShort: purging removes what nobody asks for any more, and nothing that somebody may.
func TestLogIsShort(t *testing.T) {
	inFull(t)
	t.Parallel()
	const n = 3
	url := postgrestest.URL(t)
	s, plain, db := open(t, postgres.Config{URL: url}), open(t, postgres.Config{URL: url, Remember: -1}), admin(t, url)
	people(t, plain, n)
	rows := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM changes").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	same(t, "the start", s, plain, n)
	exec(t, db, "UPDATE users SET roles = '{a}'", "INSERT INTO changes SELECT pg_current_xact_id(), NULL FROM generate_series(1, 25000)")
	old := "UPDATE changes_kept SET decided_at = now() - interval '11 minutes'"
	for _, before := range []string{"SELECT 1", old, "SELECT 1"} { // the second decides what goes next
		exec(t, db, before)
		if purge(t, plain); rows() != 25000+n {
			t.Errorf("after %s the log has %d rows", before, rows())
		}
	}
	for end := time.Now().Add(patience); rows() > 0; purge(t, plain) { // other transactions of this server may hold it up
		if exec(t, db, old); time.Now().After(end) {
			t.Fatalf("the log has %d rows", rows())
		}
	}
	same(t, "the log was cut", s, plain, n)
}
