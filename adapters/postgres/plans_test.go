package postgres_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestPlans asks the server for the plans of any number, as every connection does, on tables that have grown and whose
// rows lie in no order.
func TestPlans(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: url}), 1)
	db := admin(t, url)
	exec(t, db,
		`INSERT INTO users SELECT gen_random_uuid(), n || '@example.com', password, login_time, NULL, '', '{}', created_at
			FROM users, generate_series(1, 5000) n`,
		`INSERT INTO sessions SELECT gen_random_uuid(), u.id, s.login_time, s.created_at, NULL, '', s.idle_until, s.until, 0,
			s.refreshed_at, s.methods, s.user_agent, s.ip FROM users u, sessions s, generate_series(1, 8) k`,
		`INSERT INTO attempts SELECT 'pair:' || md5(n::text), to_timestamp(n * 7919 % 100000) FROM generate_series(1, 40000) n`,
		`INSERT INTO changes SELECT n::text::xid8, gen_random_uuid() FROM generate_series(1, 100000) n`,
		"ANALYZE users", "ANALYZE sessions", "ANALYZE attempts", "ANALYZE changes", "ANALYZE changes_kept")
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	// What is compiled first is dear on tables of millions; these are some of that.
	for _, set := range []string{"SET plan_cache_mode = force_generic_plan", "SET jit = on", "SET jit_above_cost = 5000"} {
		if _, err := c.ExecContext(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	arguments := map[string]string{
		"standings":      "'{" + string(sessionID(0)) + "}'",
		"standing":       "'" + string(sessionID(0)) + "'",
		"changed":        "'90000:100000:90000,90002'",
		"guarded":        "'90000:100000:90000,90002'",
		"due":            "",
		"trim":           "",
		"walk":           "'00000000-0000-0000-0000-000000000000', 1001",
		"lock_over":      "'{}'",
		"delete_over":    "'{}'",
		"user_sessions":  "'" + string(userID(0)) + "', 100",
		"lock_users":     "'" + string(userID(0)) + "', 500",
		"save_logouts":   "'{}', '{}', '{}'",
		"read_buckets":   "'{a,b,c,d}'",
		"forget_buckets": "now(), 1000",
	}
	for name, statement := range postgres.Statements() {
		if _, err := c.ExecContext(t.Context(), "PREPARE "+name+" AS "+statement.SQL); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		given := ""
		if arguments[name] != "" {
			given = "(" + arguments[name] + ")"
		}
		plan := explain(t, c, fmt.Sprintf("EXPLAIN EXECUTE %s %s", name, given))
		plan = strings.ReplaceAll(plan, "Seq Scan on changes_kept", "a look at its one row")
		plan = strings.ReplaceAll(plan, "Seq Scan on pg_trigger", "a look at a few")
		if !strings.Contains(plan, statement.Index) {
			t.Errorf("%s does not read %s:\n%s", name, statement.Index, plan)
		}
		for _, dear := range []string{"Seq Scan", "Hash", "JIT"} {
			if strings.Contains(plan, dear) {
				t.Errorf("%s is planned with %s:\n%s", name, dear, plan)
			}
		}
	}
}

// TestPlansOfCount asks the server what the function of Count has read, on a table that has grown since anybody looked.
func TestPlansOfCount(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	open(t, postgres.Config{URL: url})
	db := admin(t, planning(t, url))
	exec(t, db, "ANALYZE attempts", "ALTER TABLE attempts SET (autovacuum_enabled = off)",
		`INSERT INTO attempts SELECT 'pair:' || n, to_timestamp(n * 7919 % 100000) FROM generate_series(1, 40000) n`)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const look = `SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'attempts'`
	var whole, index, wholeBefore, before int
	if err := tx.QueryRowContext(t.Context(), look).Scan(&wholeBefore, &before); err != nil {
		t.Fatal(err)
	}
	var there any
	err = tx.QueryRowContext(t.Context(), postgres.CountBuckets, "{pair:7,pair:8,account:a}",
		"{1970-01-01T15:23:53Z,1970-01-01T17:35:52Z,NULL}", "{pair:7}", "{pair:8,account:a}", "{2031-05-04T12:00:00Z,2031-05-04T12:00:00Z}").Scan(&there)
	if err != nil || there != nil {
		t.Fatalf("there is %s, %v", there, err)
	}
	if err := tx.QueryRowContext(t.Context(), look).Scan(&whole, &index); err != nil {
		t.Fatal(err)
	}
	if whole > wholeBefore || index-before < 2 {
		t.Errorf("it has read the whole table %d times, and the index %d times", whole-wholeBefore, index-before)
	}
}

// TestPlansOfStandings: the read of every request has one plan for one session and for hundreds, on empty tables, and on
// tables that have grown by a hundred thousand since anybody looked at them.
func TestPlansOfStandings(t *testing.T) {
	inFull(t)
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url})
	for _, state := range []string{"empty", "stale"} {
		db := admin(t, planning(t, url))
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, statement := range map[string]postgres.Statement{
			"standings": postgres.Statements()["standings"], "standing": postgres.Statements()["standing"],
		} {
			if _, err := c.ExecContext(t.Context(), "PREPARE "+name+" AS "+statement.SQL); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []int{1, 16, 256} {
			ids := make([]string, n)
			for i := range ids {
				ids[i] = string(sessionID(i))
			}
			for name, argument := range map[string]string{"standings": "'{" + strings.Join(ids, ",") + "}'", "standing": "'" + ids[0] + "'"} {
				plan := explain(t, c, fmt.Sprintf("EXPLAIN EXECUTE %s (%s)", name, argument))
				for _, want := range []string{"sessions_pkey", "users_pkey", "Nested Loop"} {
					if !strings.Contains(plan, want) {
						t.Errorf("%s of %d on %s tables is planned without %s:\n%s", name, n, state, want, plan)
					}
				}
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if state == "empty" {
			people(t, s, 1)
			exec(t, db, "ANALYZE users", "ANALYZE sessions", `ALTER TABLE sessions SET (autovacuum_enabled = off)`,
				`INSERT INTO sessions SELECT gen_random_uuid(), u.id, s.login_time, s.created_at, NULL, '', s.idle_until, s.until, 0,
					s.refreshed_at, s.methods, s.user_agent, s.ip FROM users u, sessions s, generate_series(1, 100000) k`)
		}
	}
}

// inFull leaves out of a short run, which is for the race detector, what has nothing that races.
func inFull(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short run")
	}
}

// planning is the URL with what the store's own connections ask for in matters of plans.
func planning(t *testing.T, url string) string {
	t.Helper()
	for _, name := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		url = with(t, url, name, "off")
	}
	return with(t, url, "plan_cache_mode", "force_generic_plan")
}

func explain(t *testing.T, c *sql.Conn, question string) string {
	t.Helper()
	rows, err := c.QueryContext(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
