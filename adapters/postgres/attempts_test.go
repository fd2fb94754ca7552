package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestCountUnderErrors makes the first writes of attempts fail in the server.
func TestCountUnderErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  string
		times int
		runs  int // of f
		fails bool
	}{
		{"a serialization failure runs f again", "40001", 2, 3, false},
		{"a deadlock runs f again", "40P01", 2, 3, false},
		{"a stale statement is made anew", "0A000", 1, 2, false},
		{"f runs again a bounded number of times", "40001", 1000, 9, true},
		{"a lock that does not come is a failure", "55P03", 1, 1, true},
		{"a full disk is a failure", "53100", 1, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := postgrestest.URL(t)
			s := open(t, postgres.Config{URL: url})
			exec(t, admin(t, url), "CREATE SEQUENCE tries",
				fmt.Sprintf(`CREATE FUNCTION arranged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					IF nextval('tries') <= %d THEN RAISE EXCEPTION 'arranged' USING ERRCODE = '%s'; END IF;
					RETURN NEW; END $$`, c.times, c.code),
				"CREATE TRIGGER arranged BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION arranged()")
			runs := 0
			err := s.Count(t.Context(), []string{"account:a"}, func(empty []time.Time) []time.Time { runs++; return tryIt(empty) })
			want := noon.Add(time.Hour)
			if c.fails {
				failed(t, "Count", err)
				want = time.Time{}
			} else if err != nil {
				t.Errorf("Count: %v", err)
			}
			if runs != c.runs {
				t.Errorf("f ran %d times instead of %d", runs, c.runs)
			}
			if got := emptyAt(t, s, "account:a"); !got.Equal(want) {
				t.Errorf("the bucket is empty at %v instead of %v", got, want)
			}
		})
	}
}

// TestCountThatWaits gives up with the timeout, and holds up nobody who wants another bucket.
func TestCountThatWaits(t *testing.T) {
	t.Parallel()
	url := with(t, postgrestest.URL(t), "idle_in_transaction_session_timeout", "1h")
	s := open(t, postgres.Config{URL: url, Timeout: 2 * time.Second})
	holder := holding(t, url, "a", "b")
	waits := make(chan error, 1)
	go func() { waits <- s.Count(t.Context(), []string{"c", "b"}, tryIt) }()
	for s.Lanes() != 2 {
		runtime.Gosched() // until it is on its way
	}
	if err := s.Count(t.Context(), []string{"d", "e"}, tryIt); err != nil || len(waits) != 0 {
		t.Errorf("Count of other buckets, while %d of 1 have ended: %v", len(waits), err)
	}
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	failed(t, "Count behind it", s.Count(impatient, []string{"c"}, tryIt))
	failed(t, "Count", ends(t, "Count", func() error { return <-waits }))
	if s.Lanes() != 0 {
		t.Errorf("somebody is in %d lanes", s.Lanes())
	}
	if _, err := s.Forget(t.Context(), noon, 10); err != nil {
		t.Errorf("Forget: %v", err)
	}
	if err := holder.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Count(t.Context(), []string{"c", "b"}, tryIt); err != nil {
		t.Errorf("Count afterwards: %v", err)
	}
	if c, b := emptyAt(t, s, "c"), emptyAt(t, s, "b"); !c.Equal(noon.Add(time.Hour)) || !b.Equal(noon.Add(time.Hour)) {
		t.Errorf("one try was counted as %v and %v", c, b)
	}
}

// holding returns a transaction that has the locks of buckets, as every node takes them.
func holding(t *testing.T, url string, buckets ...string) *sql.Tx {
	t.Helper()
	tx, err := admin(t, url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.ExecContext(t.Context(), formerLock, pq.StringArray(buckets)); err != nil {
		t.Fatal(err)
	}
	return tx
}

// TestCountWritesWhatDiffers counts what is sent.
func TestCountWritesWhatDiffers(t *testing.T) {
	t.Parallel()
	p, url := through(t, postgrestest.URL(t))
	s := open(t, postgres.Config{URL: with(t, url, "binary_parameters", "yes")}) // each statement is sent whole each time
	writes := p.onFirst("porteiro_count", forward)
	for _, c := range []struct {
		f    func(empty []time.Time) []time.Time
		want int
	}{
		{tryIt, 1},
		{func([]time.Time) []time.Time { return nil }, 1},
		{func(empty []time.Time) []time.Time { return empty }, 1},
		{func(empty []time.Time) []time.Time { return []time.Time{empty[0].Add(999), empty[1]} }, 1}, // below a microsecond
		{func(empty []time.Time) []time.Time { return []time.Time{empty[0], {}} }, 2},
		{func(empty []time.Time) []time.Time { return []time.Time{empty[0], {}} }, 2},
	} {
		if err := s.Count(t.Context(), []string{"a", "b"}, c.f); err != nil {
			t.Fatal(err)
		}
		if n := writes(); n != c.want {
			t.Errorf("%d writes were sent instead of %d", n, c.want)
		}
	}
}

// TestForgetSkipsWhatIsHeld waits for nobody who writes a row.
func TestForgetSkipsWhatIsHeld(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url, Timeout: endless})
	if err := s.Count(t.Context(), []string{"a", "b", "c"}, tryIt); err != nil {
		t.Fatal(err)
	}
	tx, err := admin(t, url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "UPDATE attempts SET empty_at = empty_at + interval '1 day' WHERE bucket = 'b'"); err != nil {
		t.Fatal(err)
	}
	forget := func() (n int) {
		err := ends(t, "Forget", func() (err error) { n, err = s.Forget(t.Context(), noon.Add(2*time.Hour), 10); return err })
		if err != nil {
			t.Errorf("Forget: %v", err)
		}
		return n
	}
	if n := forget(); n != 2 {
		t.Errorf("Forget removed %d beside a row that is held", n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := forget(); n != 0 || emptyAt(t, s, "b").IsZero() {
		t.Errorf("Forget removed %d of what is full by now", n)
	}
}
