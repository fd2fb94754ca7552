package postgres_test

import (
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestExchangesOfALogin counts what a login asks of the server, so that it does not become more unnoticed: the charge 1,
// the user 1, the session 4 (BEGIN, lock, save and open, COMMIT), taking the charge back 1.
func TestExchangesOfALogin(t *testing.T) {
	t.Parallel()
	const want = 7
	p, url := through(t, postgrestest.URL(t))
	s := open(t, postgres.Config{URL: url})
	people(t, s, 1)
	buckets := []string{"pair:a", "familiar:a", "address:a"}
	login := func(session int) {
		if err := s.Count(t.Context(), buckets, func(empty []time.Time) []time.Time {
			return []time.Time{noon.Add(time.Hour), empty[1], noon.Add(time.Hour)}
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ByEmail(t.Context(), person(0).Email); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(t.Context(), userID(0), signIn(session)); err != nil {
			t.Fatal(err)
		}
		if err := s.Count(t.Context(), buckets, func([]time.Time) []time.Time {
			return []time.Time{{}, noon.Add(time.Duration(session) * time.Hour), {}}
		}); err != nil {
			t.Fatal(err)
		}
	}
	login(10)                                                                            // prepares the statements
	exchanges := p.count(regexp.MustCompile("^Q\x00\x00\x00[^\x06]|S\x00\x00\x00\x04$")) // not the ; to a connection that has rested
	login(11)
	if n := exchanges(); n != want {
		t.Errorf("a login costs %d exchanges instead of %d", n, want)
	}
}

// TestCountReadsAnew is told no by a bucket that it had to read, although the statement for that went stale.
func TestCountReadsAnew(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url})
	refused := func() error {
		return s.Count(t.Context(), []string{"full"}, func([]time.Time) []time.Time { return nil })
	}
	if err := refused(); err != nil { // prepares the statement
		t.Fatal(err)
	}
	if _, err := admin(t, url).ExecContext(t.Context(), `ALTER TABLE attempts ALTER empty_at TYPE timestamptz(6)`); err != nil {
		t.Fatal(err)
	}
	if err := refused(); err != nil {
		t.Error(err)
	}
}

// nodes opens two nodes on one database.
func nodes(t *testing.T) (url string, a, b *postgres.Store) {
	t.Helper()
	url = postgrestest.URL(t)
	return url, open(t, postgres.Config{URL: url, Timeout: crowded}), open(t, postgres.Config{URL: url, Timeout: crowded})
}

// charge is a try with room for so many, and reports whether it passed and what it was shown each time.
func charge(t testing.TB, s *postgres.Store, burst int, buckets ...string) (passed bool, shown [][]time.Time) {
	t.Helper()
	err := s.Count(t.Context(), buckets, func(empty []time.Time) []time.Time {
		shown, passed = append(shown, slices.Clone(empty)), true
		for i := range empty {
			var wait time.Duration
			if empty[i], wait = (domain.Limit{Burst: burst, Every: time.Hour}).Charge(noon, empty[i]); wait > 0 {
				passed = false
			}
		}
		if !passed {
			return nil
		}
		return empty
	})
	if err != nil {
		t.Errorf("Count: %v", err)
	}
	return passed, shown
}

func put(t testing.TB, s *postgres.Store, bucket string, at time.Time) {
	t.Helper()
	if err := s.Count(t.Context(), []string{bucket}, func([]time.Time) []time.Time { return []time.Time{at} }); err != nil {
		t.Fatal(err)
	}
}

// TestStaleGuess has a node believe what another one has changed since.
func TestStaleGuess(t *testing.T) {
	t.Parallel()
	_, a, b := nodes(t)
	hours := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		name            string
		believed, there time.Time
		passes          bool
		want            time.Time
	}{
		{"it is fuller", hours(0), hours(1), true, hours(2)},
		{"it is full", hours(0), hours(2), false, hours(2)},
		{"it is not full any more", hours(2), hours(1), true, hours(2)},
		{"it was forgotten", hours(2), time.Time{}, true, hours(1)},
		{"it was unknown", time.Time{}, hours(1), true, hours(2)},
	} {
		put(t, a, "pair:a", c.believed)
		put(t, b, "pair:a", c.there)
		passed, shown := charge(t, a, 2, "pair:a")
		if passed != c.passes || len(shown) != 2 || !shown[1][0].Equal(c.there) {
			t.Errorf("%s: a try passed: %v, when it was shown %v", c.name, passed, shown)
		}
		if got := emptyAt(t, b, "pair:a"); !got.Equal(c.want) {
			t.Errorf("%s: the bucket is empty at %v instead of %v", c.name, got, c.want)
		}
	}
}

// TestForgottenGuess has another node forget what this one remembers.
func TestForgottenGuess(t *testing.T) {
	t.Parallel()
	_, a, b := nodes(t)
	put(t, a, "pair:a", noon.Add(-time.Hour))
	if n, err := b.Forget(t.Context(), noon, 10); n != 1 || err != nil {
		t.Fatalf("Forget removed %d, %v", n, err)
	}
	if passed, shown := charge(t, a, 1, "pair:a"); !passed || !shown[len(shown)-1][0].IsZero() {
		t.Errorf("a try passed: %v, when it was shown %v", passed, shown)
	}
	if got := emptyAt(t, b, "pair:a"); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("one try was counted as %v", got)
	}
}

// TestNothingInPart has one of several buckets be another than was believed, also one that is not to change.
func TestNothingInPart(t *testing.T) {
	t.Parallel()
	_, a, b := nodes(t)
	buckets := []string{"a", "b", "c"}
	for _, changed := range buckets {
		for _, name := range buckets[:2] {
			put(t, a, name, noon)
		}
		put(t, a, "c", time.Time{})
		put(t, b, changed, noon.Add(time.Hour))
		runs := 0
		err := a.Count(t.Context(), buckets, func(empty []time.Time) []time.Time {
			if runs++; runs > 1 {
				return nil
			}
			return []time.Time{noon.Add(2 * time.Hour), {}, empty[2]}
		})
		if err != nil || runs != 2 {
			t.Errorf("Count: %v, after %d runs", err, runs)
		}
		for i, name := range buckets {
			want := []time.Time{noon, noon, {}}[i]
			if name == changed {
				want = noon.Add(time.Hour)
			}
			if got := emptyAt(t, b, name); !got.Equal(want) {
				t.Errorf("when %s was another, %s became %v", changed, name, got)
			}
		}
	}
}

// TestNodesCountAtOnce has two nodes try one bucket, and buckets that overlap in opposite orders.
func TestNodesCountAtOnce(t *testing.T) {
	t.Parallel()
	_, a, b := nodes(t)
	const tries, room = 160, 50
	var passed atomic.Int64
	crowd(tries, func(i int) {
		if ok, _ := charge(t, []*postgres.Store{a, b}[i%2], room, "account:a"); ok {
			passed.Add(1)
		}
	})
	if got := emptyAt(t, a, "account:a"); passed.Load() != room || !got.Equal(noon.Add(room*time.Hour)) {
		t.Errorf("%d tries passed, and were counted as %v", passed.Load(), got)
	}
	crowd(tries, func(i int) {
		buckets := []string{"x", "y", "z", "x"}[i/2%2 : i/2%2+3]
		if i%2 == 1 {
			slices.Reverse(buckets)
		}
		if ok, _ := charge(t, []*postgres.Store{a, b}[i/4%2], 10*tries, buckets[:2]...); !ok {
			t.Error("there was no room where there is plenty")
		}
	})
	var sum time.Duration
	for _, name := range []string{"x", "y", "z"} {
		sum += emptyAt(t, a, name).Sub(noon)
	}
	if sum != 2*tries*time.Hour {
		t.Errorf("%d tries in two buckets each were counted as %v", tries, sum)
	}
	if a.Lanes() != 0 || b.Lanes() != 0 {
		t.Errorf("somebody is in %d lanes, and in %d", a.Lanes(), b.Lanes())
	}
}

// crowd calls f n times, eight at a time, and waits.
func crowd(n int, f func(i int)) {
	next, done := make(chan int), make(chan struct{})
	for range 8 {
		go func() {
			for i := range next {
				f(i)
			}
			done <- struct{}{}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	for range 8 {
		<-done
	}
}

// TestGuessesAreBounded counts in more buckets than are remembered.
func TestGuessesAreBounded(t *testing.T) {
	t.Parallel()
	_, a, b := nodes(t)
	names := make([]string, 5000)
	for i := range names {
		names[i] = string(userID(i))
	}
	charge(t, a, 2, names...)
	if n := a.Guesses(); n != 4096 {
		t.Errorf("%d buckets are remembered", n)
	}
	if passed, _ := charge(t, a, 2, names...); !passed || !emptyAt(t, b, names[7]).Equal(noon.Add(2*time.Hour)) {
		t.Error("two tries were not counted as two")
	}
	if err := a.Count(t.Context(), names, func(empty []time.Time) []time.Time { return make([]time.Time, len(empty)) }); err != nil || a.Guesses() != 0 {
		t.Errorf("%d buckets are remembered that are gone, %v", a.Guesses(), err)
	}
}
