package postgres_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// What nodes send that know migrations up to 00006: they lock, read and save.
const (
	formerLock = `SELECT pg_advisory_xact_lock(n) FROM
		(SELECT DISTINCT hashtextextended(b COLLATE "C", 0) AS n FROM unnest($1::text[]) b ORDER BY n) numbers`
	formerRead = `SELECT bucket, empty_at FROM attempts WHERE bucket = ANY($1)`
	formerSave = `WITH emptied AS (DELETE FROM attempts WHERE bucket = ANY($1))
		INSERT INTO attempts (bucket, empty_at) SELECT * FROM unnest($2::text[], $3::timestamptz[])
		ON CONFLICT (bucket) DO UPDATE SET empty_at = excluded.empty_at`
)

// TestCountBesideFormerNodes loses no try of either.
func TestCountBesideFormerNodes(t *testing.T) {
	t.Parallel()
	url, a, _ := nodes(t)
	db := admin(t, url)
	former := func(ctx context.Context, bucket string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.ExecContext(ctx, formerLock, pq.StringArray{bucket}); err != nil {
			return err
		}
		empty := []time.Time{noon}
		rows, err := tx.QueryContext(ctx, formerRead, pq.StringArray{bucket})
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(&bucket, &empty[0]); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		empty = tryIt(empty)
		if _, err := tx.ExecContext(ctx, formerSave, pq.StringArray{}, pq.StringArray{bucket}, pq.StringArray{string(pq.FormatTimestamp(empty[0]))}); err != nil {
			return err
		}
		return tx.Commit()
	}
	const tries = 80
	crowd(tries, func(i int) {
		if i%2 == 0 {
			charge(t, a, 2*tries, "account:a")
		} else if err := former(t.Context(), "account:a"); err != nil {
			t.Error(err)
		}
	})
	if got := emptyAt(t, a, "account:a"); !got.Equal(noon.Add(tries * time.Hour)) {
		t.Errorf("%d tries were counted as %v", tries, got)
	}
}

// TestCountWhereSnapshotsLast has a database whose statements all see what was there before a transaction's first one: what
// was committed while the locks were waited for would not be seen, and what is not to change would not be compared with it.
func TestCountWhereSnapshotsLast(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"default_transaction_isolation = 'repeatable read'", "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on"} {
		url := postgrestest.URL(t)
		open(t, postgres.Config{URL: url})
		db := admin(t, url)
		exec(t, db, "ALTER DATABASE "+databaseOf(t, db)+" SET "+mode)
		holder := holding(t, with(t, url, "default_transaction_read_only", "off"), "a")
		if _, err := holder.ExecContext(t.Context(), "INSERT INTO attempts VALUES ('a', $1)", noon); err != nil {
			t.Fatal(err)
		}
		s := connect(t, postgres.Config{URL: url, Timeout: crowded})
		done := make(chan error, 1)
		go func() {
			done <- s.Count(t.Context(), []string{"a", "b"}, func(empty []time.Time) []time.Time {
				if empty[0].IsZero() {
					return []time.Time{{}, noon}
				}
				return []time.Time{empty[0], noon.Add(time.Hour)}
			})
		}()
		waiting(t, db)
		if err := holder.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := ends(t, "Count", func() error { return <-done }); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if a, b := emptyAt(t, s, "a"), emptyAt(t, s, "b"); !a.Equal(noon) || !b.Equal(noon.Add(time.Hour)) {
			t.Errorf("%s: the buckets are empty at %v and %v", mode, a, b)
		}
	}
}

// waiting returns when somebody waits for a lock.
func waiting(t *testing.T, db *sql.DB) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var n int
		err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'porteiro' AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil || time.Now().After(end) {
			t.Fatalf("%d wait, %v", n, err)
		}
		if n > 0 {
			return
		}
	}
}

// TestCountWaitsForNoStandby counts where the commit of anything else does not come.
func TestCountWaitsForNoStandby(t *testing.T) {
	inFull(t)
	t.Parallel()
	server := postgrestest.Private(t, "synchronous_standby_names=nobody")
	people(t, open(t, postgres.Config{URL: with(t, server.URL(), "synchronous_commit", "local")}), 1)
	s := connect(t, postgres.Config{URL: server.URL(), Timeout: time.Second})
	failed(t, "Change", s.Change(t.Context(), userID(0), logOut))
	if err := s.Count(t.Context(), []string{"account:a"}, tryIt); err != nil {
		t.Errorf("Count: %v", err)
	}
}
