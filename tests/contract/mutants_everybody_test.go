package contract

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpCrowd is a store that is right but for one way to change everybody.
type madeUpCrowd struct {
	*memory.Store
	each func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error)
}

func (m madeUpCrowd) LogOutEach(ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
	return m.each(m.Store, ctx, after, n, f)
}

// changeOne is what a store that knows only Change would do.
func changeOne(ctx context.Context, s application.Store, id domain.UserID, f func(*domain.User)) error {
	return s.Change(ctx, id, func(a *domain.Account) error { f(&a.User); return nil })
}

type eachUser = func(*memory.Store, context.Context, domain.UserID, int, func(*domain.User)) (domain.UserID, int, error)

// ofCrowd is a mutant of walks over everybody.
func ofCrowd(wrong string, e eachUser, rows ...string) mutant[Crowd] {
	return mutant[Crowd]{wrong: wrong, rows: rows, open: func(testing.TB) Crowd { return madeUpCrowd{memory.New(), e} }}
}

// logsOutEach changes what a walk writes of each user.
func logsOutEach(wrong string, alter func(before, u *domain.User), rows ...string) mutant[Crowd] {
	return ofCrowd(wrong, func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
		return s.LogOutEach(ctx, after, n, func(u *domain.User) {
			before := *u
			f(u)
			alter(&before, u)
		})
	}, rows...)
}

func everybodySuite() suite[Crowd] {
	return suite[Crowd]{
		name: "Everybody", rows: everybodyRows(), right: func(testing.TB) Crowd { return memory.New() },
		mutants: slices.Concat(brokenLogoutsOfAll(), brokenWalks()),
	}
}

func brokenLogoutsOfAll() []mutant[Crowd] {
	const kept = "what f gave is kept, and nothing else changes"
	return []mutant[Crowd]{
		logsOutEach("logouts in seconds", func(_, u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) }, kept),
		logsOutEach("no reason", func(_, u *domain.User) { u.LogoutReason = "" }, kept),
		logsOutEach("nobody is logged out", func(before, u *domain.User) { *u = *before }, kept),
		ofCrowd("the first user alone", func(s *memory.Store, ctx context.Context, _ domain.UserID, _ int, f func(*domain.User)) (domain.UserID, int, error) {
			return "", 2, errors.Join(changeOne(ctx, s, userID(0), f), changeOne(ctx, s, userID(1), func(*domain.User) {}))
		}, "what f gave is kept, and nothing else changes"),
		ofCrowd("a transaction for each user", func(s *memory.Store, ctx context.Context, after domain.UserID, _ int, f func(*domain.User)) (domain.UserID, int, error) {
			for i := range 3 {
				if err := changeOne(ctx, s, userID(i), f); err != nil {
					return after, i, err
				}
			}
			return "", 3, nil
		}, "a page is one transaction"),
		ofCrowd("users read before the lock", func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			before := map[domain.UserID]domain.User{} // read long before the lock
			for i := range n {
				if u, _, err := s.Sessions(ctx, userID(i), 0); err == nil {
					before[u.ID] = u
				}
			}
			return s.LogOutEach(ctx, after, n, func(u *domain.User) {
				if old, found := before[u.ID]; found {
					*u = old
				}
				if u.LoginTime.IsZero() {
					f(u)
				}
			})
		}, "a page waits for whoever has a user, and loses nothing"),
	}
}

func brokenWalks() []mutant[Crowd] {
	const once = "a walk comes to every user once"
	return []mutant[Crowd]{
		ofCrowd("a walk that ends at its first page", func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			_, found, err := s.LogOutEach(ctx, after, n, f)
			return "", found, err
		}, once),
		ofCrowd("a walk that always begins anew", func(s *memory.Store, ctx context.Context, _ domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			return s.LogOutEach(ctx, "", n, f)
		}, once, "a page goes on behind any text"),
		ofCrowd("a walk that goes on behind its end and miscounts", func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			last, found, err := s.LogOutEach(ctx, after, n, f)
			if found < n {
				last = ""
			} else if last == "" { // it does not look whether there is more
				last = userID(100)
			}
			return last, found - found/7, err
		}, "a walk comes to every user once"),
		ofCrowd("pages behind IDs alone", func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			if _, err := domain.ParseUserID(string(after)); err != nil && after != "" {
				return "", 0, err
			}
			return s.LogOutEach(ctx, after, n, f)
		}, "a page goes on behind any text"),
		ofCrowd("no context is looked at", func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			return s.LogOutEach(context.WithoutCancel(ctx), after, n, f)
		}, "a walk with a cancelled context is a failure"),
	}
}
