package contract

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// standing changes what is shown of a standing.
func standing(alter func(s *domain.Standing)) flaw {
	return func(s *flawed) {
		s.showStanding = func(_ domain.User, st domain.Standing) domain.Standing { alter(&st); return st }
	}
}

type standingsOf = func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error)

func standings(with func(s *flawed, right standingsOf) standingsOf) flaw {
	return func(s *flawed) { s.standings = with(s, s.madeUp.Standings) }
}

func deaf(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func brokenContexts() []mutant[application.Store] {
	return slices.Concat(brokenCancelledReads(), brokenCancelledChanges(), brokenClocks())
}

func brokenCancelledReads() []mutant[application.Store] {
	const cancelled = "a cancelled context is a failure and no answer"
	return []mutant[application.Store]{
		broken("Add looks at no context", func(s *flawed) {
			s.add = func(ctx context.Context, u domain.User) error { return s.madeUp.Add(deaf(ctx), u) }
		}, cancelled),
		broken("ByEmail looks at no context", func(s *flawed) {
			s.byEmail = func(ctx context.Context, e domain.Email) (domain.User, error) { return s.madeUp.ByEmail(deaf(ctx), e) }
		}, cancelled),
		broken("a cancelled ByEmail is NotFound", func(s *flawed) {
			s.byEmail = func(ctx context.Context, e domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, e)
				if err != nil {
					err = domain.NotFound
				}
				return u, err
			}
		}, cancelled),
		broken("a cancelled Page is empty", func(s *flawed) {
			s.page = func(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
				page, err := s.madeUp.Page(ctx, after, n)
				if err != nil {
					return nil, nil
				}
				return page, nil
			}
		}, cancelled),
		broken("a Standings that swallows its error", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, _ := right(ctx, ids...)
				return found, nil
			}
		}), cancelled),
		broken("a Standings that refuses when it cannot look", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, err := right(ctx, ids...)
				if err != nil {
					err = domain.TokenRevoked
				}
				return found, err
			}
		}), cancelled),
		broken("Now looks at no context", func(s *flawed) {
			s.now = func(context.Context) (time.Time, error) { return time.Now(), nil }
		}, cancelled),
		broken("Change looks at no context", changes(func(_ *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(deaf(ctx), id, f, about...)
			}
		}), cancelled),
	}
}

func brokenCancelledChanges() []mutant[application.Store] {
	const onItsWay, waits = "a change cancelled on its way is whole or not there", "a change that waits gives up with its context"
	return []mutant[application.Store]{
		broken("a change that is cancelled on its way leaves the session without its user", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var c domain.Changes
				err := right(ctx, id, func(a *domain.Account) error { err := f(a); c = a.Changes(); return err }, about...)
				s.mu.Lock()
				defer s.mu.Unlock()
				if err != nil && errors.Is(err, context.Canceled) && len(c.Opened) > 0 {
					s.madeUp.sessions[c.Opened[0].ID] = c.Opened[0]
				}
				return err
			}
		}), onItsWay),
		broken("a change that is cancelled on its way is nil and nothing is there", changes(func(_ *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := right(ctx, id, f, about...)
				if errors.Is(err, context.Canceled) {
					return nil
				}
				return err
			}
		}), onItsWay),
		broken("no lock at all", lockless(0), waits, "whoever waits sees what was written"),
		broken("a cancelled wait is a refusal", changes(func(_ *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := right(ctx, id, f, about...)
				if errors.Is(err, context.DeadlineExceeded) {
					return domain.NotFound
				}
				return err
			}
		}), waits),
	}
}

func brokenClocks() []mutant[application.Store] {
	const forward = "the clock goes forward"
	return []mutant[application.Store]{
		broken("a clock that stands at 1970", func(s *flawed) {
			s.now = func(ctx context.Context) (time.Time, error) { return time.Unix(0, 0), ctx.Err() }
		}, forward),
		broken("a clock that goes back", func(s *flawed) {
			start, n := time.Now(), atomic.Int64{}
			s.now = func(ctx context.Context) (time.Time, error) {
				return start.Add(-time.Duration(n.Add(1)) * time.Second), ctx.Err()
			}
		}, forward),
	}
}
