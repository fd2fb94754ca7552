package contract

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
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

func each(alter func(time.Time) time.Time) flaw {
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

// unlocked reads, and writes later. Two of the callers who come at once, the first ones, read before either writes.
func unlocked(s *flawed) {
	var came atomic.Int64
	both := make(chan struct{})
	s.count = func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
		var was []time.Time
		err := s.Store.Count(ctx, buckets, func(empty []time.Time) []time.Time { was = slices.Clone(empty); return nil })
		if err != nil {
			return err
		}
		switch came.Add(1) {
		case 1:
			<-both
		case 2:
			close(both)
		}
		kept := f(was)
		return s.Store.Count(ctx, buckets, func([]time.Time) []time.Time { return kept })
	}
}

// lockless is unlocked for a row in which nobody meets anybody.
func lockless(s *flawed) {
	s.count = func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
		var was []time.Time
		err := s.Store.Count(ctx, buckets, func(empty []time.Time) []time.Time { was = slices.Clone(empty); return nil })
		if err != nil {
			return err
		}
		kept := f(was)
		return s.Store.Count(ctx, buckets, func([]time.Time) []time.Time { return kept })
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

func flawedAttempts() map[string][]flaw {
	return map[string][]flaw{
		"what f returns is kept in its place": {
			counts(func(_ *context.Context, buckets *[]string, _ *func([]time.Time) []time.Time) {
				*buckets = slices.Sorted(slices.Values(*buckets)) // as the locks are taken
			}),
			keeps(func(empty, kept []time.Time) []time.Time { // never back
				for i := range kept {
					if kept[i].Before(empty[i]) {
						kept[i] = empty[i]
					}
				}
				return kept
			}),
		},
		"an unknown bucket is the zero time": {
			each(func(kept time.Time) time.Time {
				if kept.IsZero() {
					return time.Unix(0, 0)
				}
				return kept
			}),
			func(s *flawed) { // a row stays of each bucket that was named
				s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
					k, err := s.Store.Forget(ctx, before, n)
					return k + 2, err
				}
			},
		},
		"nil changes nothing": {keeps(func(empty, kept []time.Time) []time.Time {
			if kept == nil {
				return empty
			}
			return kept
		})},
		"times of buckets are instants": {
			each(func(kept time.Time) time.Time { return kept.Truncate(time.Second) }),
			each(func(kept time.Time) time.Time { return kept.Round(domain.Tick) }),
			each(func(kept time.Time) time.Time { return time.Unix(0, kept.UnixNano()) }), // to the year 2262
			counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) {
				inner := *f
				*f = func(empty []time.Time) []time.Time {
					for i := range empty {
						empty[i] = empty[i].In(time.FixedZone("here", 3600))
					}
					return inner(empty)
				}
			}),
		},
		"names are told apart": {
			renames(strings.ToLower),
			renames(func(name string) string { return name[:min(len(name), 63)] }),
			renames(func(name string) string { return strings.TrimSuffix(name, ":") }),
		},
		"a panic in f keeps nothing and holds nothing": {
			counts(func(_ *context.Context, _ *[]string, f *func([]time.Time) []time.Time) { // keeps
				inner := *f
				*f = func(empty []time.Time) (kept []time.Time) {
					defer func() {
						if recover() != nil {
							kept = empty
						}
					}()
					return inner(empty)
				}
			}),
			func(s *flawed) { // holds
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
			},
		},
		"with a cancelled context attempts are a failure": {
			counts(func(ctx *context.Context, _ *[]string, _ *func([]time.Time) []time.Time) {
				*ctx = context.WithoutCancel(*ctx)
			}),
			forgetful(func(ctx *context.Context, _ *time.Time, _ *int) { *ctx = context.WithoutCancel(*ctx) }),
		},
		"a count that waits gives up with its context": {lockless},
		"tries at once pass up to the burst":           {unlocked},
		"overlapping buckets in any order":             {unlocked},
		"forgetting removes what is empty": {
			forgetsEarly(domain.Tick), forgetsEarly(-domain.Tick), forgetsEarly(-time.Hour), forgetsEarly(2 * time.Hour),
			func(s *flawed) {
				s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
					_, err := s.Store.Forget(ctx, before, n)
					return n, err
				}
			},
		},
		"forgetting keeps its bound": {
			forgetful(func(_ *context.Context, _ *time.Time, n *int) { *n = 1 << 20 }),
			forgetful(func(_ *context.Context, _ *time.Time, n *int) { *n++ }),
			func(s *flawed) {
				s.forget = func(ctx context.Context, before time.Time, n int) (int, error) {
					_, err := s.Store.Forget(ctx, before, 1<<20)
					return min(max(n, 0), 1), err
				}
			},
		},
		"forgetting beside counting": {forgetsEarly(24 * time.Hour)},
	}
}

func TestAttemptRowsRefuseWhatBreaksThem(t *testing.T) {
	flawedEach(t, attemptRows(), flawedAttempts())
	refuseFlaws(t, attemptRows(), flawedAttempts(), func(f flaw) application.Attempts { return f.store() })
}

// apart counts on this node alone, or in this process alone.
func apart(s *flawed) {
	own := memory.New()
	s.count, s.forget = own.Count, own.Forget
}

func TestSharedRowsRefuseNodesThatAreApart(t *testing.T) {
	beside := func(f flaw) nodes {
		a := f.store()
		b := &flawed{Store: a.Store, opened: a.opened}
		if a.change != nil || a.purge != nil {
			b = a
		}
		return nodes{a, b}
	}
	refuseFlaws(t, sharedRows(), map[string][]flaw{
		"a changed email on two nodes goes to one":      {takenIsNil},
		"two nodes may purge beside everything else":    {early(4 * time.Hour)},
		"tries on two nodes pass up to the burst":       {apart},
		"overlapping buckets on two nodes in any order": {apart},
		"forgetting on two nodes beside counting":       {apart},
	}, beside)
}

func TestDurableRowsRefuseWhatForgets(t *testing.T) {
	// Each opening has the flaw anew, on the same place.
	reopened := func(f flaw) func() application.Store {
		first := f.store()
		return func() application.Store {
			s := &flawed{Store: first.Store, opened: first.opened}
			f(s)
			return s
		}
	}
	refuseFlaws(t, durableRows(), map[string][]flaw{
		"attempts are there again": {apart},
		"what was purged stays purged": {func(s *flawed) {
			s.purge = func(context.Context, time.Time, domain.SessionID, int) (domain.SessionID, int, error) {
				return "", 2, nil
			}
		}},
	}, reopened)
}
