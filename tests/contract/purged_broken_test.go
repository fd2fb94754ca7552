package contract

import (
	"context"
	"errors"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// purges changes what Purge is asked for.
func purges(alter func(ctx *context.Context, before *time.Time, after *domain.SessionID, n *int)) flaw {
	return func(s *flawed) {
		s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
			alter(&ctx, &before, &after, &n)
			return s.Store.Purge(ctx, before, after, n)
		}
	}
}

// purged changes what Purge answers.
func purged(alter func(s *flawed, last *domain.SessionID, removed *int)) flaw {
	return func(s *flawed) {
		s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
			last, removed, err := s.Store.Purge(ctx, before, after, n)
			alter(s, &last, &removed)
			return last, removed, err
		}
	}
}

func early(d time.Duration) flaw {
	return purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) { *before = before.Add(d) })
}

func flawedPurges() map[string][]flaw {
	none := purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) { *before = time.Time{} })
	return map[string][]flaw{
		"what stands is never purged": {early(domain.Tick), early(time.Hour), early(60 * time.Hour)},
		"each kind of what is over is purged": {
			none, early(-domain.Tick),
			purged(func(_ *flawed, _ *domain.SessionID, removed *int) { *removed *= 2 }),
			func(s *flawed) { // looks at no user
				s.purge = func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
					for _, session := range s.all(ctx, userID(3), userID(4)) {
						if !session.OverSince(domain.User{}, before) {
							return "", 3, nil
						}
					}
					return s.Store.Purge(ctx, before, after, n)
				}
			},
		},
		"what a token could begin anew is kept": {
			none, early(-time.Hour), early(domain.Tick),
		},
		"a walk looks at all": {
			purged(func(_ *flawed, last *domain.SessionID, _ *int) { *last = "" }),
			purged(func(_ *flawed, last *domain.SessionID, _ *int) { *last = min(*last, sessionID(0)) }),
			purged(func(_ *flawed, last *domain.SessionID, _ *int) {
				if *last != "" {
					*last = sessionID(11)
				}
			}),
		},
		"a walk begins after its argument": {
			purges(func(_ *context.Context, _ *time.Time, after *domain.SessionID, _ *int) {
				if _, err := domain.ParseSessionID(string(*after)); err != nil {
					*after = ""
				}
			}),
			purges(func(_ *context.Context, _ *time.Time, after *domain.SessionID, _ *int) { *after = "" }),
		},
		"a purge keeps its bound": {
			purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) { *n = 1 << 20 }),
			purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) { *n++ }),
			purges(func(_ *context.Context, _ *time.Time, _ *domain.SessionID, n *int) {
				if *n < 0 {
					*n = 1 << 20
				}
			}),
		},
		"what was purged is unknown and nothing else is touched": {
			none,
			purged(func(s *flawed, _ *domain.SessionID, removed *int) {
				_ = s.Store.Change(context.Background(), userID(1), func(a *domain.Account) error { a.Delete(); return nil })
			}),
			purged(func(s *flawed, _ *domain.SessionID, removed *int) {
				_ = s.Store.Change(context.Background(), userID(0), func(a *domain.Account) error { a.SetRoles(); return nil })
			}),
		},
		"with a cancelled context a purge is a failure": {
			purges(func(ctx *context.Context, _ *time.Time, _ *domain.SessionID, _ *int) {
				*ctx = context.WithoutCancel(*ctx)
			}),
		},
		"walks at once beside everything else": {
			early(4 * time.Hour), none,
			func(s *flawed) { // a session that is removed while somebody is at work on it is their failure
				s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
					if len(about) > 0 && about[0] == sessionOf(0, 9, 0) {
						return errors.New("a change of one row wrote 0")
					}
					return s.Store.Change(ctx, id, f, about...)
				}
			},
		},
	}
}
