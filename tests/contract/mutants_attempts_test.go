package contract

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// counts changes what Count is asked for.
func counts(alter func(ctx *context.Context, buckets *[]string, f *func([]time.Time) []time.Time)) flaw {
	return func(s *flawed) {
		s.count = func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
			alter(&ctx, &buckets, &f)
			return s.Store.Count(ctx, buckets, f)
		}
	}
}

// keeps changes what is kept of what f returns; it is shown what f was.
func keeps(alter func(empty, kept []time.Time) []time.Time) flaw {
	return counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) {
		inner := *f
		*f = func(empty []time.Time) []time.Time { return alter(empty, inner(empty)) }
	})
}

func everyTime(alter func(time.Time) time.Time) flaw {
	return keeps(func(_, kept []time.Time) []time.Time {
		kept = slices.Clone(kept)
		for i := range kept {
			kept[i] = alter(kept[i])
		}
		return kept
	})
}

// renames changes the names of the buckets.
func renames(alter func(string) string) flaw {
	return counts(func(_ *context.Context, buckets *[]string, _ *func([]time.Time) []time.Time) {
		*buckets = slices.Clone(*buckets)
		for i, name := range *buckets {
			(*buckets)[i] = alter(name)
		}
	})
}

// lockFree reads, and writes later: those who meet have read before either writes.
func lockFree(meet func()) flaw {
	return func(s *flawed) {
		s.count = func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
			var was []time.Time
			err := s.Store.Count(ctx, buckets, func(empty []time.Time) []time.Time { was = slices.Clone(empty); return nil })
			if err != nil {
				return err
			}
			meet()
			kept := f(was)
			return s.Store.Count(ctx, buckets, func([]time.Time) []time.Time { return kept })
		}
	}
}

// forgetful changes what Forget is asked for.
func forgetful(alter func(ctx *context.Context, before *time.Time, n *int)) flaw {
	return func(s *flawed) {
		s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
			alter(&ctx, &before, &n)
			return s.Store.Forget(ctx, before, n)
		}
	}
}

func forgetsEarly(d time.Duration) flaw {
	return forgetful(func(_ *context.Context, before *time.Time, _ *int) { *before = before.Add(d) })
}

// ofAttempts is a mutant of what counts attempts.
func ofAttempts(wrong string, f flaw, rows ...string) mutant[application.Attempts] {
	return mutant[application.Attempts]{wrong: wrong, rows: rows, open: func(testing.TB) application.Attempts { return f.store() }}
}

func attemptSuite() suite[application.Attempts] {
	return suite[application.Attempts]{
		name: "Attempts", rows: attemptRows(), right: ofAttempts("", right).open,
		mutants: slices.Concat(brokenPlaces(), brokenBuckets(), brokenLocks(), brokenForgetting()),
	}
}

func brokenPlaces() []mutant[application.Attempts] {
	const place, nothing = "what f returns is kept in its place", "nil changes nothing"
	const overlapping = "overlapping buckets in any order"
	return []mutant[application.Attempts]{
		ofAttempts("shown in the order of the locks", counts(func(_ *context.Context, buckets *[]string, _ *func([]time.Time) []time.Time) {
			*buckets = slices.Sorted(slices.Values(*buckets))
		}), place),
		ofAttempts("a bucket never goes back", keeps(func(empty, kept []time.Time) []time.Time {
			for i := range kept {
				if kept[i].Before(empty[i]) {
					kept[i] = empty[i]
				}
			}
			return kept
		}), place),
		ofAttempts("the first bucket alone", counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) {
			inner := *f
			*f = func(empty []time.Time) []time.Time {
				was := slices.Clone(empty)
				kept := inner(empty)
				if len(kept) > 0 {
					copy(kept[1:], was[1:])
				}
				return kept
			}
		}), place, overlapping),
		ofAttempts("nil keeps what f wrote into what it was shown", keeps(func(empty, kept []time.Time) []time.Time {
			if kept == nil {
				return empty
			}
			return kept
		}), nothing),
		ofAttempts("nil removes", keeps(func(empty, kept []time.Time) []time.Time {
			if kept == nil {
				return make([]time.Time, len(empty))
			}
			return kept
		}), nothing),
	}
}

func brokenBuckets() []mutant[application.Attempts] {
	const unknown, instants, names = "an unknown bucket is the zero time", "times of buckets are instants", "names are told apart"
	return []mutant[application.Attempts]{
		ofAttempts("an unknown bucket at the epoch", everyTime(func(kept time.Time) time.Time {
			if kept.IsZero() {
				return time.Unix(0, 0)
			}
			return kept
		}), unknown),
		ofAttempts("a row stays of each bucket that was named", func(s *flawed) {
			s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
				k, err := s.Store.Forget(ctx, before, n)
				return k + 2, err
			}
		}, unknown),
		ofAttempts("buckets in seconds", everyTime(func(kept time.Time) time.Time { return kept.Truncate(time.Second) }), instants),
		ofAttempts("buckets rounded up", everyTime(func(kept time.Time) time.Time { return kept.Round(domain.Tick) }), instants),
		ofAttempts("buckets up to the year 2262", everyTime(func(kept time.Time) time.Time { return time.Unix(0, kept.UnixNano()) }), instants),
		ofAttempts("buckets in local time", counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) {
			inner := *f
			*f = func(empty []time.Time) []time.Time {
				for i := range empty {
					empty[i] = empty[i].In(time.FixedZone("here", 3600))
				}
				return inner(empty)
			}
		}), instants),
		ofAttempts("names in lower case", renames(strings.ToLower), names),
		ofAttempts("names of 63 characters", renames(func(name string) string { return name[:min(len(name), 63)] }), names),
		ofAttempts("names trimmed", renames(func(name string) string { return strings.TrimSuffix(name, ":") }), names),
	}
}

func brokenLocks() []mutant[application.Attempts] {
	const panics = "a panic in f keeps nothing and holds nothing"
	const cancelled, waits = "with a cancelled context attempts are a failure", "a count that waits gives up with its context"
	const see, tries, overlapping = "whoever waits sees what was counted", "tries at once pass up to the burst", "overlapping buckets in any order"
	return []mutant[application.Attempts]{
		ofAttempts("a panic that keeps what f was shown", counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) {
			inner := *f
			*f = func(empty []time.Time) (kept []time.Time) {
				defer func() {
					if recover() != nil {
						kept = empty
					}
				}()
				return inner(empty)
			}
		}), panics),
		ofAttempts("a panic that holds a connection", func(s *flawed) {
			slots := make(chan struct{}, 8)
			s.count = func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
				select {
				case slots <- struct{}{}:
				default:
					return context.DeadlineExceeded
				}
				err := s.Store.Count(ctx, buckets, f)
				<-slots
				return err
			}
		}, panics),
		ofAttempts("Count looks at no context", counts(func(ctx *context.Context, _ *[]string, _ *func([]time.Time) []time.Time) {
			*ctx = context.WithoutCancel(*ctx)
		}), cancelled),
		ofAttempts("Forget looks at no context", forgetful(func(ctx *context.Context, _ *time.Time, _ *int) { *ctx = context.WithoutCancel(*ctx) }), cancelled),
		ofAttempts("no locks on buckets", lockFree(func() {}), waits, see),
		ofAttempts("tries that read before the others write", func(s *flawed) { lockFree(meeting(0))(s) }, tries, overlapping),
	}
}

func brokenForgetting() []mutant[application.Attempts] {
	const empty, bound, beside = "forgetting removes what is empty", "forgetting keeps its bound", "forgetting beside counting"
	return []mutant[application.Attempts]{
		ofAttempts("forgotten a tick too early", forgetsEarly(domain.Tick), empty),
		ofAttempts("forgotten a tick too late", forgetsEarly(-domain.Tick), empty),
		ofAttempts("forgotten an hour too late", forgetsEarly(-time.Hour), empty),
		ofAttempts("forgotten two hours too early", forgetsEarly(2*time.Hour), empty),
		ofAttempts("a count of what might be forgotten", func(s *flawed) {
			s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
				_, err := s.Store.Forget(ctx, before, n)
				return n, err
			}
		}, empty),
		ofAttempts("forgetting without a bound", forgetful(func(_ *context.Context, _ *time.Time, n *int) { *n = 1 << 20 }), bound),
		ofAttempts("forgetting one more", forgetful(func(_ *context.Context, _ *time.Time, n *int) { *n++ }), bound),
		ofAttempts("forgetting all and saying one", func(s *flawed) {
			s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
				_, err := s.Store.Forget(ctx, before, 1<<20)
				return min(max(n, 0), 1), err
			}
		}, bound),
		ofAttempts("forgotten while it is counted", forgetsEarly(24*time.Hour), beside),
	}
}
