package contract

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// try counts a try in each of the buckets, if all have room, and reports whether it passed.
func try(ctx context.Context, s application.Attempts, limit domain.Limit, buckets ...string) (passed bool, _ error) {
	err := s.Count(ctx, buckets, func(empty []time.Time) []time.Time {
		passed = true
		for i := range empty {
			var wait time.Duration
			if empty[i], wait = limit.Charge(at(0), empty[i]); wait > 0 {
				passed = false
			}
		}
		if !passed {
			return nil
		}
		return empty
	})
	if err != nil {
		return false, fmt.Errorf("Count: %w", err)
	}
	return passed, nil
}

func triesAtOnce(ctx context.Context, s application.Attempts) error { return burstPasses(ctx, s) }

// burstPasses tries a hundred times at once, on all the handles, a bucket that nobody has tried.
func burstPasses(ctx context.Context, handles ...application.Attempts) error {
	const tries = 100
	limit := domain.Limit{Burst: 10, Every: time.Hour}
	for _, name := range []string{"account:a", "account:b"} {
		var passed atomic.Int64
		err := atOnce(tries, func(i int) error {
			ok, err := try(ctx, handles[i%len(handles)], limit, name)
			if ok {
				passed.Add(1)
			}
			return err
		})
		if err != nil {
			return err
		}
		if n := passed.Load(); n != int64(limit.Burst) {
			return fmt.Errorf("%d tries of %d passed instead of %d", n, tries, limit.Burst)
		}
		for _, s := range handles {
			if err := full(ctx, s, []string{name}, at(time.Duration(limit.Burst)*limit.Every)); err != nil {
				return err
			}
		}
	}
	return nil
}

func overlappingBuckets(ctx context.Context, s application.Attempts) error { return overlap(ctx, s) }

// overlap counts, on all the handles, in four of six buckets at a time, each time in another order.
func overlap(ctx context.Context, handles ...application.Attempts) error {
	const counters, times, some = 12, 10, 4
	names := []string{"a", "b", "c", "d", "e", "f"}
	roomy := domain.Limit{Burst: 10000, Every: time.Second}
	var tries [6]atomic.Int64
	err := atOnce(counters, func(c int) error {
		step := []int{1, 5}[c%2] // forwards and backwards
		for i := range times {
			var buckets []string
			for k := range some {
				b := (c + i + step*k) % len(names)
				buckets = append(buckets, names[b])
				tries[b].Add(1)
			}
			ok, err := try(ctx, handles[c%len(handles)], roomy, buckets...)
			if err != nil {
				return err
			}
			if !ok {
				return errors.New("there was no room where there is plenty")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		want := at(time.Duration(tries[i].Load()) * roomy.Every)
		if err := full(ctx, handles[0], []string{name}, want); err != nil {
			return fmt.Errorf("after %d tries: %w", tries[i].Load(), err)
		}
	}
	return nil
}

func forgets(ctx context.Context, s application.Attempts) error {
	if n, err := s.Forget(ctx, at(time.Hour), 10); err != nil || n != 0 {
		return fmt.Errorf("of no buckets Forget removed %d, %v", n, err)
	}
	names := []string{"a", "b", "c", "d", "e"}
	times := []time.Time{at(0), at(-time.Hour), at(-domain.Tick), at(domain.Tick), at(time.Hour)}
	if err := keep(ctx, s, names, times...); err != nil {
		return err
	}
	if n, err := s.Forget(ctx, time.Time{}, 10); err != nil || n != 0 {
		return fmt.Errorf("before the zero time Forget removed %d, %v", n, err)
	}
	if n, err := s.Forget(ctx, at(0), 10); err != nil || n != 2 {
		return fmt.Errorf("two buckets are empty since before, and Forget removed %d, %v", n, err)
	}
	return full(ctx, s, names, at(0), time.Time{}, time.Time{}, at(domain.Tick), at(time.Hour))
}

func forgetsInBounds(ctx context.Context, s application.Attempts) error {
	const buckets = 7
	for i := range buckets {
		if err := keep(ctx, s, []string{fmt.Sprint("b", i)}, at(time.Duration(i))); err != nil {
			return err
		}
	}
	for _, none := range []int{0, -1, -1 << 31} { // nonsense may be an error
		if n, _ := s.Forget(ctx, at(time.Hour), none); n != 0 {
			return fmt.Errorf("Forget of %d removed %d", none, n)
		}
	}
	left := buckets
	for left > 0 {
		n, err := s.Forget(ctx, at(time.Hour), 2)
		if err != nil || n < 1 || n > 2 {
			return fmt.Errorf("of %d empty buckets Forget of two removed %d, %v", left, n, err)
		}
		left -= n
		there := 0
		for i := range buckets {
			if full(ctx, s, []string{fmt.Sprint("b", i)}, time.Time{}) != nil {
				there++
			}
		}
		if there != left {
			return fmt.Errorf("%d buckets are there instead of %d", there, left)
		}
	}
	return nil
}

func forgetBesideCount(ctx context.Context, s application.Attempts) error {
	return forgetBeside(ctx, s)
}

// forgetBeside counts in buckets that have drained long ago, so that all of them may be forgotten until they are tried
// again, and not from then on.
func forgetBeside(ctx context.Context, handles ...application.Attempts) error {
	const buckets, tries, forgetters = 10, 8, 2
	limit := domain.Limit{Burst: 3, Every: time.Hour}
	name := func(b int) string { return fmt.Sprint("account:", b) }
	for b := range buckets {
		if err := keep(ctx, handles[0], []string{name(b)}, at(-time.Hour)); err != nil {
			return err
		}
	}
	var passed [buckets]atomic.Int64
	var rest atomic.Int64
	rest.Store(tries)
	err := atOnce(tries+forgetters, func(i int) error {
		s := handles[i%len(handles)]
		if i < tries {
			defer rest.Add(-1)
			for b := range buckets {
				ok, err := try(ctx, s, limit, name(b))
				if err != nil {
					return err
				}
				if ok {
					passed[b].Add(1)
				}
			}
			return nil
		}
		for rest.Load() > 0 {
			if _, err := s.Forget(ctx, at(0), 3); err != nil {
				return fmt.Errorf("Forget: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n, err := handles[0].Forget(ctx, at(0), 10*buckets); err != nil || n > 0 {
		return fmt.Errorf("of buckets that are full Forget removed %d, %v", n, err)
	}
	for b := range buckets {
		if n := passed[b].Load(); n != int64(limit.Burst) {
			return fmt.Errorf("%d tries passed instead of %d while others were forgetting", n, limit.Burst)
		}
		if err := full(ctx, handles[0], []string{name(b)}, at(time.Duration(limit.Burst)*limit.Every)); err != nil {
			return err
		}
	}
	return nil
}
