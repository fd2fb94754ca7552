package contract

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func emailMoves(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.User.Email = person(1).Email; return nil })
	if err := expect("a change to another user's email", err, domain.EmailTaken); err != nil {
		return err
	}
	if err := sameAccount(ctx, s, person(0)); err != nil {
		return err
	}
	moved := person(0)
	moved.Email = "moved@example.com"
	err = s.Change(ctx, userID(0), func(a *domain.Account) error { a.User.Email = moved.Email; return nil })
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	got, err := s.ByEmail(ctx, moved.Email)
	if err != nil {
		return fmt.Errorf("ByEmail of the new email: %w", err)
	}
	if err := sameUser("ByEmail", got, moved); err != nil {
		return err
	}
	_, err = s.ByEmail(ctx, person(0).Email)
	if err := expect("ByEmail of the old email", err, domain.NotFound); err != nil {
		return err
	}
	heir := person(2)
	heir.Email = person(0).Email
	return expect("Add with the old email", s.Add(ctx, heir), nil)
}

func takenEmail(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 2); err != nil {
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
	err = s.Change(ctx, userID(0), func(a *domain.Account) error {
		if _, err := a.Open(at(time.Minute), opening(sessionID(1))); err != nil {
			return err
		}
		a.LogOut(at(time.Minute), session.ID, domain.Local)
		a.SetRoles("new")
		a.User.Email = person(1).Email
		return nil
	}, session.ID)
	if err := expect("Change", err, domain.EmailTaken); err != nil {
		return err
	}
	if err := errors.Join(sameAccount(ctx, s, user, session), sameAccount(ctx, s, person(1)), left(ctx, s, 2, 0)); err != nil {
		return err
	}
	got, err := s.ByEmail(ctx, person(1).Email)
	if err != nil {
		return fmt.Errorf("ByEmail: %w", err)
	}
	if err := sameUser("ByEmail", got, person(1)); err != nil {
		return err
	}
	// Whoever has the email may be given it again.
	return expect("a change to one's own email", s.Change(ctx, userID(1), func(a *domain.Account) error {
		a.SetRoles("new")
		a.User.Email = person(1).Email
		return nil
	}), nil)
}

func emailChangesAtOnce(ctx context.Context, s application.Store) error {
	return oneChangeOneEmail(ctx, s)
}

// oneChangeOneEmail gives users one email at once; half of them want each other's first.
func oneChangeOneEmail(ctx context.Context, handles ...application.Store) error {
	const users = 12
	if err := people(ctx, handles[0], users); err != nil {
		return err
	}
	var won atomic.Int64
	err := atOnce(users, func(i int) error {
		s := handles[i%len(handles)]
		give := func(email domain.Email) error {
			return s.Change(ctx, userID(i), func(a *domain.Account) error { a.User.Email = email; return nil })
		}
		if i%4 < 2 {
			err := give(person(i ^ 1).Email)
			if err != nil { // nil when the other one has given it up
				if err := expect("a change to a neighbour's email", err, domain.EmailTaken); err != nil {
					return err
				}
			}
		}
		err := give("everybody@example.com")
		if err == nil {
			won.Add(1)
			return nil
		}
		return expect("a change to everybody's email", err, domain.EmailTaken)
	})
	if err != nil {
		return err
	}
	page, err := handles[len(handles)-1].Page(ctx, "", 2*users)
	if err != nil {
		return fmt.Errorf("Page: %w", err)
	}
	if won.Load() != 1 || len(page) != users {
		return fmt.Errorf("%d changes to one email succeeded, and %d users are there", won.Load(), len(page))
	}
	for i := 1; i < len(page); i++ {
		if page[i].Email == page[i-1].Email {
			return fmt.Errorf("two users have the email %s", page[i].Email)
		}
	}
	return nil
}
