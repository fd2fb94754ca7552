package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Attempts proves what counts attempts. The function opens an empty one.
func Attempts(t *testing.T, open func(t *testing.T) application.Attempts) {
	t.Helper()
	run(t, "attempts", open, attemptRows())
}

func attemptRows() []row[application.Attempts] {
	return []row[application.Attempts]{
		{"what f returns is kept in its place",
			"Count shows f when each bucket is empty in the order of their names, and keeps what f returns in their place.", countsInPlace},
		{"an unknown bucket is the zero time",
			"Of a bucket that is unknown f is shown the zero time, and keeping that makes it unknown again.", unknownBuckets},
		{"nil changes nothing",
			"Where f returns nil everything stays as it is, whatever f did with what it was shown.", nilChangesNothing},
		{"times of buckets are instants",
			"What is kept comes back as an Instant, to the microsecond, whatever the year.", bucketTimesAreInstants},
		{"names are told apart",
			"Names of 64 characters are kept whole, and told apart by each of them and by case.", bucketNames},
		{"a panic in f keeps nothing and holds nothing",
			"An f that panics has returned nothing: nothing is kept, and no lock stays behind.", panicInCount},
		{"with a cancelled context attempts are a failure",
			"With a cancelled context nothing is counted and nothing forgotten.", attemptsCancelled},
		{"a count that waits gives up with its context",
			"Count does not outlive its context by much, also while another has the bucket.", countWaiting},
		{"whoever waits sees what was counted",
			"Of two tries at once, with room for one, one passes: the second sees what the first one kept.", countersSee},
		{"tries at once pass up to the burst",
			"Of a hundred tries at once on one bucket exactly as many pass as the limit has room for (T042).", triesAtOnce},
		{"overlapping buckets in any order",
			"Counts of overlapping buckets, named in any order, do not wait for each other in a circle, and lose nothing.", overlappingBuckets},
		{"forgetting removes what is empty",
			"Forget removes what is empty since before the time, says how many, and leaves what is not.", forgets},
		{"forgetting keeps its bound",
			"Forget removes n buckets at most: of none, or fewer, it removes none.", forgetsInBounds},
		{"forgetting beside counting",
			"Forget removes nothing that is not empty, however much is counted beside it.", forgetBesideCount},
	}
}

// keep puts the times into the buckets.
func keep(ctx context.Context, s application.Attempts, buckets []string, times ...time.Time) error {
	if err := s.Count(ctx, buckets, func([]time.Time) []time.Time { return times }); err != nil {
		return fmt.Errorf("Count: %w", err)
	}
	return nil
}

// full compares what is in the buckets with what should be.
func full(ctx context.Context, s application.Attempts, buckets []string, want ...time.Time) error {
	var got []time.Time
	err := s.Count(ctx, buckets, func(empty []time.Time) []time.Time { got = slices.Clone(empty); return nil })
	if err != nil {
		return fmt.Errorf("Count: %w", err)
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		return fmt.Errorf("of %.200q f is shown\n\t%v\ninstead of\n\t%v", buckets, got, want)
	}
	return nil
}

func countsInPlace(ctx context.Context, s application.Attempts) error {
	names := []string{"b", "c", "a"}
	if err := keep(ctx, s, names, at(2000), at(3000), at(1000)); err != nil {
		return err
	}
	if err := full(ctx, s, []string{"a", "b", "c"}, at(1000), at(2000), at(3000)); err != nil {
		return err
	}
	// One of them goes on, one goes back, one stays, and another one comes to them.
	err := keep(ctx, s, []string{"d", "c", "a", "b"}, at(4000), at(time.Hour), at(1000), at(-time.Hour))
	if err != nil {
		return err
	}
	return full(ctx, s, []string{"a", "b", "c", "d"}, at(1000), at(-time.Hour), at(time.Hour), at(4000))
}

func unknownBuckets(ctx context.Context, s application.Attempts) error {
	if err := full(ctx, s, []string{"a", "b"}, time.Time{}, time.Time{}); err != nil {
		return err
	}
	if err := keep(ctx, s, []string{"a", "b"}, time.Time{}, at(0)); err != nil {
		return err
	}
	if err := full(ctx, s, []string{"c", "b", "a"}, time.Time{}, at(0), time.Time{}); err != nil {
		return err
	}
	if err := keep(ctx, s, []string{"b", "a", "c"}, time.Time{}, at(1000), time.Time{}); err != nil {
		return err
	}
	if err := full(ctx, s, []string{"a", "b", "c"}, at(1000), time.Time{}, time.Time{}); err != nil {
		return err
	}
	if n, err := s.Forget(ctx, at(time.Hour), 10); err != nil || n != 1 { // nothing is kept of what is unknown
		return fmt.Errorf("one bucket is known, and Forget removed %d, %v", n, err)
	}
	return nil
}

func nilChangesNothing(ctx context.Context, s application.Attempts) error {
	if err := keep(ctx, s, []string{"a"}, at(0)); err != nil {
		return err
	}
	err := s.Count(ctx, []string{"a", "b"}, func(empty []time.Time) []time.Time {
		empty[0], empty[1] = time.Time{}, at(time.Hour)
		return nil
	})
	if err != nil {
		return fmt.Errorf("Count: %w", err)
	}
	return full(ctx, s, []string{"a", "b"}, at(0), time.Time{})
}

func bucketTimesAreInstants(ctx context.Context, s application.Attempts) error {
	far := time.FixedZone("far", 5*60*60+30*60)
	times := []time.Time{
		at(0), at(domain.Tick), at(999999 * domain.Tick), at(1999), at(time.Hour).In(far), time.Unix(0, 0), time.Unix(0, 1000),
		time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC),
	}
	for _, want := range times {
		if err := keep(ctx, s, []string{"a"}, want); err != nil {
			return err
		}
		var got time.Time
		err := s.Count(ctx, []string{"a"}, func(empty []time.Time) []time.Time { got = empty[0]; return nil })
		if err != nil {
			return fmt.Errorf("Count: %w", err)
		}
		if got != domain.Instant(want) {
			return fmt.Errorf("%v (%s) was kept of %v", got, got.Location(), want)
		}
	}
	return nil
}

func bucketNames(ctx context.Context, s application.Attempts) error {
	long := "account:" + strings.Repeat("0123456789abcdef", 4)[:56]
	names := []string{
		long, long[:63] + "F", long[:63] + "e", long[:63], "A" + long[1:], "a", "A", "0", "00", ":", "a:", ":a", "a:a", strings.Repeat("Z", 64),
	}
	times := make([]time.Time, len(names))
	for i := range names {
		times[i] = at(time.Duration(i) * time.Second)
		if err := keep(ctx, s, names[i:i+1], times[i]); err != nil {
			return fmt.Errorf("%q: %w", names[i], err)
		}
	}
	return full(ctx, s, names, times...)
}

func panicInCount(ctx context.Context, s application.Attempts) error {
	if err := keep(ctx, s, []string{"a"}, at(0)); err != nil {
		return err
	}
	for range 20 { // more often than anybody has connections
		err := func() (err error) {
			defer func() {
				if recover() == nil {
					err = fmt.Errorf("f's panic came back as %w", err)
				} else {
					err = nil
				}
			}()
			return s.Count(ctx, []string{"a", "b"}, func(empty []time.Time) []time.Time {
				empty[0], empty[1] = at(time.Hour), at(time.Hour)
				panic("f lost its head")
			})
		}()
		if err != nil {
			return err
		}
	}
	return full(ctx, s, []string{"b", "a"}, time.Time{}, at(0))
}

func attemptsCancelled(ctx context.Context, s application.Attempts) error {
	if err := keep(ctx, s, []string{"a"}, at(0)); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	n, forget := s.Forget(gone, at(time.Hour), 10)
	if n != 0 {
		return fmt.Errorf("Forget with a cancelled context removed %d", n)
	}
	return errors.Join(
		failed("Count", s.Count(gone, []string{"a", "b"}, func([]time.Time) []time.Time { return []time.Time{at(1000), at(1000)} })),
		failed("Forget", forget), full(ctx, s, []string{"a", "b"}, at(0), time.Time{}),
	)
}

func countWaiting(ctx context.Context, s application.Attempts) error {
	holding, gaveUp, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		entered := false
		held <- safely(func() error {
			return s.Count(ctx, []string{"a", "b"}, func([]time.Time) []time.Time {
				if !entered {
					entered = true
					close(holding)
				}
				select {
				case <-gaveUp:
				case <-ctx.Done():
				}
				return []time.Time{at(0), at(0)}
			})
		})
	}()
	select {
	case <-holding:
	case err := <-held:
		return fmt.Errorf("the first Count answered before f was called: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	waited := s.Count(short, []string{"c", "b"}, func([]time.Time) []time.Time { return []time.Time{at(1000), at(1000)} })
	close(gaveUp)
	return errors.Join(
		expect("the Count that had the bucket", <-held, nil), failed("the Count that waited", waited),
		full(ctx, s, []string{"a", "b", "c"}, at(0), at(0), time.Time{}),
	)
}
