package contract

import (
	"context"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// flawed is madeUp with methods replaced: each function that is set takes a method's place, and may call the right one.
type flawed struct {
	*madeUp
	add       func(ctx context.Context, u domain.User) error
	byEmail   func(ctx context.Context, email domain.Email) (domain.User, error)
	page      func(ctx context.Context, after domain.Email, n int) ([]domain.User, error)
	sessions  func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error)
	standings func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error)
	purge     func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error)
	change    func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error
	keptSince func(domain.SessionID) bool // of remembers
	now       func(ctx context.Context) (time.Time, error)
	count     func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error
	forget    func(ctx context.Context, before time.Time, n int) (int, error)
}

// flaw breaks a store.
type flaw func(s *flawed)

func (f flaw) store() *flawed {
	m := newMadeUp()
	s := &flawed{
		madeUp: m, add: m.Add, byEmail: m.ByEmail, page: m.Page, sessions: m.Sessions, standings: m.Standings, purge: m.Purge, change: m.Change,
		now: m.Now, count: m.Count, forget: m.Forget,
	}
	f(s)
	return s
}

func right(*flawed) {}

// broken is a mutant of a store.
func broken(wrong string, f flaw, rows ...string) mutant[application.Store] {
	return mutant[application.Store]{wrong: wrong, rows: rows, open: func(testing.TB) application.Store { return f.store() }}
}

func (s *flawed) Add(ctx context.Context, u domain.User) error { return s.add(ctx, u) }

func (s *flawed) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	return s.byEmail(ctx, email)
}

func (s *flawed) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	return s.page(ctx, after, n)
}

func (s *flawed) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	return s.sessions(ctx, id, n)
}

func (s *flawed) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	return s.standings(ctx, ids...)
}

func (s *flawed) Purge(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
	return s.purge(ctx, before, after, n)
}

func (s *flawed) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	return s.change(ctx, id, f, about...)
}

func (s *flawed) Now(ctx context.Context) (time.Time, error) { return s.now(ctx) }

func (s *flawed) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	return s.count(ctx, buckets, f)
}

func (s *flawed) Forget(ctx context.Context, before time.Time, n int) (int, error) {
	return s.forget(ctx, before, n)
}
