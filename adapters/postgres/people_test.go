package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
)

const patience = 30 * time.Second // measures nothing: what hangs fails

var noon = time.Date(2031, time.May, 4, 12, 0, 0, 123456000, time.UTC)

func userID(n int) domain.UserID {
	return domain.UserID(fmt.Sprintf("0196a0b0-0000-7000-8000-%012x", n))
}

func sessionID(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n))
}

func person(n int) domain.User {
	return domain.User{ID: userID(n), Email: domain.Email(fmt.Sprintf("person-%d@example.com", n)), PasswordHash: "hash", CreatedAt: noon}
}

// people adds n users, each with the session of their own number.
func people(t testing.TB, s *postgres.Store, n int) {
	t.Helper()
	for i := range n {
		if err := s.Add(t.Context(), person(i)); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(t.Context(), userID(i), signIn(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func signIn(n int) func(*domain.Account) error {
	return func(a *domain.Account) error {
		_, err := a.Open(noon, domain.Opening{ID: sessionID(n), Verified: "hash", Lifetime: domain.Lifetime{Absolute: time.Hour, Idle: time.Hour}})
		return err
	}
}

func logOut(a *domain.Account) error {
	a.LogOutEverywhere(noon)
	return nil
}

// tryIt counts a try in each bucket.
func tryIt(empty []time.Time) []time.Time {
	for i := range empty {
		empty[i], _ = domain.Limit{Burst: 100, Every: time.Hour}.Charge(noon, empty[i])
	}
	return empty
}

// emptyAt reads a bucket.
func emptyAt(t testing.TB, s *postgres.Store, bucket string) (at time.Time) {
	t.Helper()
	err := s.Count(t.Context(), []string{bucket}, func(empty []time.Time) []time.Time { at = empty[0]; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func nothing(*domain.Account) error { return nil }

// stands reads whether the session stands.
func stands(t testing.TB, s *postgres.Store, n int) bool {
	t.Helper()
	found, err := s.Standings(t.Context(), sessionID(n))
	if err != nil {
		t.Fatal(err)
	}
	return found[sessionID(n)].Refuse(noon) == nil
}

// calls is one call of every method.
func calls(s *postgres.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Add":        func(ctx context.Context) error { return s.Add(ctx, person(99)) },
		"ByEmail":    func(ctx context.Context) error { _, err := s.ByEmail(ctx, person(0).Email); return err },
		"Page":       func(ctx context.Context) error { _, err := s.Page(ctx, "", 10); return err },
		"Change":     func(ctx context.Context) error { return s.Change(ctx, userID(0), nothing, sessionID(0)) },
		"Standings":  func(ctx context.Context) error { _, err := s.Standings(ctx, sessionID(0)); return err },
		"Now":        func(ctx context.Context) error { _, err := s.Now(ctx); return err },
		"Keys":       func(ctx context.Context) error { _, err := s.Keys(ctx); return err },
		"ChangeKeys": func(ctx context.Context) error { return s.ChangeKeys(ctx, adds("another")) },
		"Check":      s.Check,
		"Migrate":    func(ctx context.Context) error { _, err := s.Migrate(ctx); return err },
		"Sessions":   func(ctx context.Context) error { _, _, err := s.Sessions(ctx, userID(0), 10); return err },
		"Purge":      func(ctx context.Context) error { _, _, err := s.Purge(ctx, noon, "", 10); return err },
		"Count":      func(ctx context.Context) error { return s.Count(ctx, []string{"account:a", "pair:a"}, tryIt) },
		"LogOutEach": func(ctx context.Context) error {
			_, _, err := s.LogOutEach(ctx, "", 1, func(*domain.User) {})
			return err
		},
		"AddClient": func(ctx context.Context) error {
			_, err := s.AddClient(ctx, domain.Client{ID: "gate", CreatedAt: noon})
			return err
		},
		"Clients": func(ctx context.Context) error { _, err := s.Clients(ctx); return err },
		"Client": func(ctx context.Context) error {
			if _, err := s.Client(ctx, "gate"); !errors.Is(err, domain.NotFound) {
				return err
			}
			return nil
		},
		"RemoveClient": func(ctx context.Context) error {
			if err := s.RemoveClient(ctx, "nobody"); !errors.Is(err, domain.NotFound) {
				return err
			}
			return nil
		},
		"Forget": func(ctx context.Context) error { _, err := s.Forget(ctx, noon, 10); return err },
	}
}

func adds(id string) func(*domain.Ring) error {
	return func(r *domain.Ring) error {
		r.Put(domain.Key{ID: id, Purpose: domain.Access, Algorithm: "EdDSA", Private: []byte("secret"), CreatedAt: noon, ActiveFrom: noon})
		return nil
	}
}

// ends gives the call the time that a test has, not the call.
func ends(t testing.TB, what string, call func() error) (err error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err = <-done:
	case <-time.After(patience):
		t.Fatalf("%s does not end", what)
	}
	return err
}

// failed wants an error that nobody takes for an answer.
func failed(t testing.TB, what string, err error) {
	t.Helper()
	var refusal domain.Refusal
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("%s answered %v instead of a failure", what, err)
	}
}
