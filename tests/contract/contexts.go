package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func contextRows() []row[application.Store] {
	return []row[application.Store]{
		{"a cancelled context is a failure and no answer",
			"With a cancelled context nothing is read and nothing saved; only what was read may refuse.", cancelledBefore},
		{"a change cancelled on its way is whole or not there",
			"Change that answers nil has saved; an error other than f's own leaves it open, but never half.", cancelledOnItsWay},
		{"a change that waits gives up with its context",
			"No method outlives its context by much, also while another change of the same user is under way.", cancelledWaiting},
		{"the clock goes forward",
			"Now is the store's clock: near what is true, and it never goes back.", clockGoesForward},
	}
}

func cancelledBefore(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	user, _, err := look(ctx, s, userID(0))
	if err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, byEmail := s.ByEmail(gone, "nobody@example.com")
	_, page := s.Page(gone, "", 10)
	_, standings := s.Standings(gone, session.ID)
	_, now := s.Now(gone)
	change := s.Change(gone, userID(0), func(a *domain.Account) error { a.Delete(); return nil })
	nobody := s.Change(gone, userID(7), func(a *domain.Account) error { return nil })
	taken := person(3)
	taken.Email = user.Email
	if err := errors.Join(
		failed("ByEmail", byEmail), failed("Page", page), failed("Standings", standings), failed("Now", now),
		failed("Change", change), failed("Change of nobody", nobody), failed("Add", s.Add(gone, person(2))),
		failed("Add with a taken email", s.Add(gone, taken)),
	); err != nil {
		return err
	}
	if err := sameAccount(ctx, s, user, session); err != nil {
		return err
	}
	return samePage(ctx, s, "", 10, []domain.Email{user.Email})
}

func cancelledOnItsWay(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	going, cancel := context.WithCancel(ctx)
	defer cancel()
	var user domain.User
	var session domain.Session
	answer := s.Change(going, userID(0), func(a *domain.Account) (err error) {
		cancel()
		session, err = a.Open(at(0), opening(sessionID(0)))
		user = a.User.Clone()
		return err
	})
	_, sessions, err := look(ctx, s, userID(0), sessionID(0))
	switch {
	case err != nil:
		return fmt.Errorf("Change: %w", err)
	case answer != nil && len(sessions) == 0:
		return errors.Join(failed("Change", answer), sameAccount(ctx, s, person(0)))
	case answer != nil:
		return errors.Join(failed("Change", answer), sameAccount(ctx, s, user, session))
	}
	return sameAccount(ctx, s, user, session)
}

func cancelledWaiting(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	holding, gaveUp, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		entered := false
		held <- safely(func() error {
			return s.Change(ctx, userID(0), func(a *domain.Account) error {
				if !entered {
					entered = true
					close(holding)
				}
				a.SetRoles("holder")
				select {
				case <-gaveUp:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
	}()
	select {
	case <-holding:
	case err := <-held:
		return fmt.Errorf("the first Change: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	waited := s.Change(short, userID(0), func(a *domain.Account) error { a.SetRoles("waiter"); return nil })
	close(gaveUp)
	if err := expect("the Change that held the lock", <-held, nil); err != nil {
		return err
	}
	if err := failed("the Change that waited", waited); err != nil {
		return err
	}
	want := person(0)
	want.Roles = []domain.Role{"holder"}
	return sameAccount(ctx, s, want)
}

func clockGoesForward(ctx context.Context, s application.Store) error {
	first, err := s.Now(ctx)
	if err != nil {
		return fmt.Errorf("Now: %w", err)
	}
	if first.Year() < 2025 || first.Year() > 2999 {
		return fmt.Errorf("Now shows %v", first)
	}
	for last := first; !last.After(first); {
		now, err := s.Now(ctx)
		if err != nil {
			return fmt.Errorf("Now: %w", err)
		}
		if now.Before(last) {
			return fmt.Errorf("Now shows %v after %v", now, last)
		}
		last = now
	}
	return nil
}
