package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestPoolsCountWhoWaits: who waits because the connections that are left are kept for standings waits for a connection.
func TestPoolsCountWhoWaits(t *testing.T) {
	const pool, kept = 8, 2
	s := open(t, postgres.Config{URL: postgrestest.URL(t), Pool: pool, Timeout: crowded})
	user := domain.User{ID: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com"}
	if err := s.Add(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if p := s.Pools()["postgres"]; p.MaxOpenConnections != pool || p.WaitCount != 0 || p.WaitDuration != 0 {
		t.Errorf("before: %+v", p)
	}
	at, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan error)
	for i := range pool - kept {
		other := user
		other.ID, other.Email = domain.UserID("018f0000-0000-7000-8000-00000000001"+string(rune('0'+i))), domain.Email("user"+string(rune('0'+i))+"@example.com")
		if err := s.Add(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		go func() {
			ended <- s.Change(t.Context(), other.ID, func(*domain.Account) error { at <- struct{}{}; <-goOn; return nil })
		}()
		<-at
	}
	if p := s.Pools()["postgres"]; p.InUse != pool-kept || p.WaitCount != 0 {
		t.Errorf("while as many work as may: %+v", p)
	}
	ctx, leave := context.WithTimeout(t.Context(), 1)
	defer leave()
	if err := s.Change(ctx, user.ID, func(*domain.Account) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more: %v", err)
	}
	if p := s.Pools()["postgres"]; p.WaitCount != 1 || p.WaitDuration <= 0 {
		t.Errorf("one has waited: %+v", p)
	}
	close(goOn)
	for range pool - kept {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
