package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// stage is a service with a clock that the row moves.
type stage struct {
	Service
	mu  sync.Mutex
	now time.Time
}

// newStage begins at a time that is on no whole second.
func newStage() *stage {
	return &stage{now: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC)}
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

const (
	ana      = "ana@example.com"
	bea      = "bea@example.com"
	password = "correct horse battery staple"
	renewed  = "a password that is another one"
)

// ana registers Ana and logs her in n times.
func (s *stage) ana(ctx context.Context, n int) ([]application.Grant, error) {
	if _, err := s.Accounts.Register(ctx, ana, password); err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	return s.logins(ctx, ana, n)
}

func (s *stage) logins(ctx context.Context, email string, n int) ([]application.Grant, error) {
	grants := make([]application.Grant, n)
	for i := range grants {
		g, err := s.Gate.Login(ctx, email, password)
		if err != nil {
			return nil, fmt.Errorf("login: %w", err)
		}
		grants[i] = g
	}
	return grants, nil
}

// passes returns nil if the token passes.
func (s *stage) passes(ctx context.Context, what string, g application.Grant) error {
	if _, err := s.Gate.Authorize(ctx, g.AccessToken); err != nil {
		return fmt.Errorf("%s is refused: %w", what, err)
	}
	return nil
}

// refused returns nil if the token is refused as it should be.
func (s *stage) refused(ctx context.Context, what string, g application.Grant, want domain.Refusal) error {
	_, err := s.Gate.Authorize(ctx, g.AccessToken)
	return is(what, err, want)
}

// is returns nil if an error is the refusal that it should be.
func is(what string, err error, want domain.Refusal) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s: %v, want %s", what, err, want)
	}
	return nil
}
