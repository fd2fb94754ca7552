package coalesce_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/coalesce"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestStanding(t *testing.T) {
	for name, c := range map[string]coalesce.Config{
		"defaults": {}, "one worker": {Workers: 1}, "small batches": {Workers: 1, Most: 3},
	} {
		t.Run(name, func(t *testing.T) {
			contract.Standing(t, func(t *testing.T, store application.Standings) application.Standing {
				return open(t, store, c)
			})
		})
	}
}

func open(t *testing.T, store application.Standings, c coalesce.Config) *coalesce.Reader {
	t.Helper()
	r, err := coalesce.New(store, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func id(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n))
}

// database answers after a while, and keeps what it was asked and when.
type database struct {
	takes time.Duration
	deaf  bool // to contexts
	panic any

	mu      sync.Mutex
	queries [][]domain.SessionID
	most    int // queries at the same time
	now     int
}

func (d *database) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	d.mu.Lock()
	d.queries = append(d.queries, slices.Clone(ids))
	d.now++
	d.most = max(d.most, d.now)
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.now--
	}()
	select {
	case <-time.After(d.takes):
	case <-ctx.Done():
		if !d.deaf {
			return nil, ctx.Err()
		}
	}
	if d.panic != nil {
		panic(d.panic)
	}
	found := map[domain.SessionID]domain.Standing{}
	for _, id := range ids {
		found[id] = domain.Standing{Session: id}
	}
	return found, nil
}

// A bubble of synctest ends only when every goroutine in it has ended: each of these tests also shows that none is left.

// Those who come while all workers are busy share the next query, and who asks for the same asks once.
func TestThoseWhoWaitShareAQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: 100 * time.Millisecond}
		r := open(t, d, coalesce.Config{Workers: 1})
		var all sync.WaitGroup
		ask := func(n int) {
			all.Go(func() {
				if got, err := r.Standing(t.Context(), id(n)); err != nil || got.Session != id(n) {
					t.Errorf("%d: %+v, %v", n, got, err)
				}
			})
		}
		ask(0)
		synctest.Wait()
		for n := range 50 {
			ask(n % 5)
		}
		all.Wait()
		if len(d.queries) != 2 || len(d.queries[0]) != 1 {
			t.Fatalf("51 requests sent the queries %v", d.queries)
		}
		second := slices.Clone(d.queries[1])
		slices.Sort(second)
		if !slices.Equal(second, []domain.SessionID{id(0), id(1), id(2), id(3), id(4)}) {
			t.Errorf("the second query asks for %v", second)
		}
	})
}

// A request that comes while a query runs waits for the next one, though the running one asks for the same session.
func TestNobodyJoinsARunningQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: 100 * time.Millisecond}
		r := open(t, d, coalesce.Config{Workers: 1})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 { // the second and third share one
			all.Go(func() { r.Standing(t.Context(), id(0)) })
			synctest.Wait()
			<-time.After(40 * time.Millisecond) // in the bubble's time
		}
		all.Wait()
		if len(d.queries) != 2 || time.Since(start) != 200*time.Millisecond {
			t.Errorf("%d queries in %v", len(d.queries), time.Since(start))
		}
	})
}

func TestWorkersAndBatchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: 100 * time.Millisecond}
		r := open(t, d, coalesce.Config{Workers: 2, Most: 10})
		var all sync.WaitGroup
		for n := range 102 {
			all.Go(func() {
				if _, err := r.Standing(t.Context(), id(n)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		asked := 0
		for _, q := range d.queries {
			if asked += len(q); len(q) > 10 {
				t.Errorf("a query asks for %d sessions", len(q))
			}
		}
		if d.most != 2 || asked != 102 {
			t.Errorf("%d queries at the same time, for %d sessions", d.most, asked)
		}
	})
}

// When nobody else waits a request runs its own query, in its own goroutine: one query for each, one after the other.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: time.Millisecond}
		r := open(t, d, coalesce.Config{Workers: 1})
		start := time.Now()
		for n := range 10 {
			if _, err := r.Standing(t.Context(), id(n)); err != nil {
				t.Fatal(err)
			}
		}
		if len(d.queries) != 10 || time.Since(start) != 10*time.Millisecond {
			t.Errorf("%d queries in %v", len(d.queries), time.Since(start))
		}
	})
}

// A silent database ends a batch with its deadline, for all who wait; those whose contexts end before leave before.
func TestDeadlineOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: time.Hour}
		r := open(t, d, coalesce.Config{Workers: 1, Timeout: time.Second})
		start := time.Now()
		var all sync.WaitGroup
		ask := func(patience, want time.Duration) {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, err := r.Standing(ctx, id(1))
				if !errors.Is(err, domain.Unavailable) || time.Since(start) != want {
					t.Errorf("%v after %v, want it after %v", err, time.Since(start), want)
				}
			})
		}
		ask(time.Second, time.Second) // alone
		synctest.Wait()
		for range 10 {
			ask(time.Minute, 2*time.Second) // the batch after it
			ask(300*time.Millisecond, 300*time.Millisecond)
		}
		all.Wait()
	})
}

// A store that panics fails those who asked, in a batch or alone, and the next question is asked anew.
func TestPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: time.Millisecond, panic: "at the disco"}
		r := open(t, d, coalesce.Config{Workers: 1})
		var all sync.WaitGroup
		all.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("a panic in the caller's own query is the caller's")
				}
			}()
			r.Standing(t.Context(), id(0))
		})
		synctest.Wait()
		for n := range 10 {
			all.Go(func() {
				if _, err := r.Standing(t.Context(), id(n)); !errors.Is(err, domain.Unavailable) {
					t.Errorf("in a batch: %v", err)
				}
			})
		}
		all.Wait()
		d.panic = nil
		if _, err := r.Standing(t.Context(), id(0)); err != nil {
			t.Errorf("and then: %v", err)
		}
	})
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		store application.Standings
		coalesce.Config
	}{
		"no store":              {nil, coalesce.Config{}},
		"a negative timeout":    {&database{}, coalesce.Config{Timeout: -1}},
		"a negative number":     {&database{}, coalesce.Config{Workers: -1}},
		"a batch below nothing": {&database{}, coalesce.Config{Most: -1}},
	} {
		if _, err := coalesce.New(c.store, c.Config); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}

// shy counts how often it is asked to tell of its end, for which it may have to set a timer.
type shy struct {
	context.Context
	asked *atomic.Int64
}

func (s shy) Done() <-chan struct{} {
	s.asked.Add(1)
	return s.Context.Done()
}

// Where the answer comes soon no context is asked to tell of its end; where it does not, whoever has left is told so
// within a hundredth of a second.
func TestContextsAreLeftAloneAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ takes, leaves, ends time.Duration }{
			{4 * time.Millisecond, time.Hour, 8 * time.Millisecond},
			{4 * time.Millisecond, time.Millisecond, 8 * time.Millisecond},
			{time.Second, time.Millisecond, 10 * time.Millisecond},
			{time.Second, 300 * time.Millisecond, 300 * time.Millisecond},
		} {
			d := &database{takes: c.takes}
			r := open(t, d, coalesce.Config{Workers: 1})
			start := time.Now()
			var all sync.WaitGroup
			all.Go(func() { r.Standing(t.Context(), id(0)) })
			synctest.Wait()
			var asked atomic.Int64
			ctx, cancel := context.WithTimeout(t.Context(), c.leaves)
			_, err := r.Standing(shy{ctx, &asked}, id(1))
			cancel()
			answered := c.ends < 10*time.Millisecond
			if time.Since(start) != c.ends || (err == nil) != answered || (asked.Load() == 0) != answered {
				t.Errorf("%+v: %v after %v, and its end was asked for %d times", c, err, time.Since(start), asked.Load())
			}
			all.Wait()
			<-time.After(c.takes) // in the bubble's time: the query that nobody waits for any more
		}
	})
}
