package contract

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// purges changes what Purge is asked for.
func purges(alter func(ctx *context.Context, before *time.Time, after *domain.SessionID, n *int)) flaw {
	return func(s *flawed) {
		s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
			alter(&ctx, &before, &after, &n)
			return s.madeUp.Purge(ctx, before, after, n)
		}
	}
}

// purged changes what Purge answers.
func purged(alter func(s *flawed, last *domain.SessionID, removed *int)) flaw {
	return func(s *flawed) {
		s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
			last, removed, err := s.madeUp.Purge(ctx, before, after, n)
			alter(s, &last, &removed)
			return last, removed, err
		}
	}
}

func early(d time.Duration) flaw {
	return purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) { *before = before.Add(d) })
}

func purgesNothing() flaw {
	return purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) { *before = time.Time{} })
}

func brokenPurges() []mutant[application.Store] {
	return slices.Concat(brokenPurgeTimes(), brokenPurgeWalks(), brokenPurgesBeside())
}

func brokenPurgeTimes() []mutant[application.Store] {
	const stands, kinds, unknown = "what stands is never purged", "each kind of what is over is purged", "what was purged is unknown and nothing else is touched"
	const beside = "walks at once beside everything else"
	const anew = "what a token could begin anew is kept"
	return []mutant[application.Store]{
		broken("a tick too early", early(domain.Tick), stands, anew),
		broken("an hour too early", early(time.Hour), stands),
		broken("an hour too late", early(-time.Hour), anew),
		broken("live sessions too", early(60*time.Hour), stands),
		broken("a purge of nothing", purgesNothing(), kinds, unknown, beside),
		broken("a tick too late", early(-domain.Tick), kinds),
		broken("a count of twice as many", purged(func(_ *flawed, _ *domain.SessionID, removed *int) { *removed *= 2 }), kinds),
		broken("a purge that looks at no user", func(s *flawed) {
			s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
				for _, session := range s.all(userID(3), userID(4)) {
					if !session.OverSince(domain.User{}, before) {
						return "", 3, nil
					}
				}
				return s.madeUp.Purge(ctx, before, after, n)
			}
		}, kinds),
		broken("four hours too early, beside everything", early(4*time.Hour), beside),
	}
}

func brokenPurgeWalks() []mutant[application.Store] {
	const all, begins, bound = "a walk looks at all", "a walk begins after its argument", "a purge keeps its bound"
	return []mutant[application.Store]{
		broken("a walk that ends at its first step", purged(func(_ *flawed, last *domain.SessionID, _ *int) { *last = "" }), all),
		broken("a walk that comes back", purged(func(_ *flawed, last *domain.SessionID, _ *int) { *last = min(*last, sessionID(0)) }), all),
		broken("a walk that leaps", purged(func(_ *flawed, last *domain.SessionID, _ *int) {
			if *last != "" {
				*last = sessionID(11)
			}
		}), all),
		broken("a walk after what is no ID begins anew", purges(func(_ *context.Context, _ *time.Time, after *domain.SessionID, _ *int) {
			if _, err := domain.ParseSessionID(string(*after)); err != nil {
				*after = ""
			}
		}), begins),
		broken("a walk that always begins anew", purges(func(_ *context.Context, _ *time.Time, after *domain.SessionID, _ *int) { *after = "" }), begins),
		broken("a purge without a bound", purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) { *n = 1 << 20 }), bound),
		broken("a purge of one more", purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) { *n++ }), bound),
		broken("a purge of fewer than none is of all", purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) {
			if *n < 0 {
				*n = 1 << 20
			}
		}), bound),
	}
}

func brokenPurgesBeside() []mutant[application.Store] {
	const unknown, beside = "what was purged is unknown and nothing else is touched", "walks at once beside everything else"
	return []mutant[application.Store]{
		broken("a purge that takes a user along", purged(func(s *flawed, _ *domain.SessionID, _ *int) {
			_ = s.madeUp.Change(context.Background(), userID(1), func(a *domain.Account) error { a.Delete(); return nil })
		}), unknown),
		broken("a purge that touches a user", purged(func(s *flawed, _ *domain.SessionID, _ *int) {
			_ = s.madeUp.Change(context.Background(), userID(0), func(a *domain.Account) error { a.SetRoles(); return nil })
		}), unknown),
		broken("a purge that looks at no context", purges(func(ctx *context.Context, _ *time.Time, _ *domain.SessionID, _ *int) {
			*ctx = context.WithoutCancel(*ctx)
		}),
			"with a cancelled context a purge is a failure"),
		broken("a session that is removed while somebody is at work on it is their failure", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if len(about) > 0 && about[0] == sessionOf(0, 9, 0) {
					return errors.New("a change of one row wrote 0")
				}
				return right(ctx, id, f, about...)
			}
		}), beside),
	}
}
