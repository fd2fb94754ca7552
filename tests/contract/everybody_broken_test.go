package contract

import (
	"context"
	"errors"
	"testing"

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

func brokenEverybody() map[string]madeUpCrowd {
	type each = func(*memory.Store, context.Context, domain.UserID, int, func(*domain.User)) (domain.UserID, int, error)
	broken := func(e each) madeUpCrowd { return madeUpCrowd{memory.New(), e} }
	return map[string]madeUpCrowd{
		"a walk comes to every user once": broken(func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			last, found, err := s.LogOutEach(ctx, after, n, f)
			if found < n {
				last = ""
			} else if last == "" { // it does not look whether there is more
				last = userID(100)
			}
			return last, found - found/7, err
		}),
		"what f gave is kept, and nothing else changes": broken(func(s *memory.Store, ctx context.Context, _ domain.UserID, _ int, f func(*domain.User)) (domain.UserID, int, error) {
			return "", 2, errors.Join(changeOne(ctx, s, userID(0), f), changeOne(ctx, s, userID(1), func(*domain.User) {}))
		}),
		"a page goes on behind any text": broken(func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			if _, err := domain.ParseUserID(string(after)); err != nil && after != "" {
				return "", 0, err
			}
			return s.LogOutEach(ctx, after, n, f)
		}),
		"a page is one transaction": broken(func(s *memory.Store, ctx context.Context, after domain.UserID, _ int, f func(*domain.User)) (domain.UserID, int, error) {
			for i := range 3 {
				if err := changeOne(ctx, s, userID(i), f); err != nil {
					return after, i, err
				}
			}
			return "", 3, nil
		}),
		"a page waits for whoever has a user, and loses nothing": broken(func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
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
		}),
		"a walk with a cancelled context is a failure": broken(func(s *memory.Store, ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
			return s.LogOutEach(context.WithoutCancel(ctx), after, n, f)
		}),
	}
}

func TestEverybody(t *testing.T) {
	Everybody(t, func(*testing.T) Crowd { return memory.New() })
}

func TestEverybodyRowsRefuseWhatBreaksThem(t *testing.T) {
	broken := brokenEverybody()
	for _, r := range everybodyRows() {
		sut, found := broken[r.name]
		if !found {
			t.Errorf("no store breaks the row %q", r.name)
			continue
		}
		if err := r.prove(t.Context(), sut); err == nil {
			t.Errorf("the row %q takes a store that breaks it: %s", r.name, r.why)
		}
	}
	if len(broken) != len(everybodyRows()) {
		t.Errorf("%d stores break %d rows", len(broken), len(everybodyRows()))
	}
}
