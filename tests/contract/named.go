package contract

import (
	"context"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func foreignSession(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	theirs, err := signIn(ctx, s, at(0), userID(1), sessionID(1))
	if err != nil {
		return err
	}
	owner, _, err := look(ctx, s, userID(1))
	if err != nil {
		return err
	}
	if _, err := signIn(ctx, s, at(0), userID(0), sessionID(0)); err != nil {
		return err
	}
	var seen, ended, own bool
	err = s.Change(ctx, userID(0), func(a *domain.Account) error {
		_, own = a.Session(sessionID(0))
		_, seen = a.Session(theirs.ID)
		ended = a.LogOut(at(time.Minute), theirs.ID, domain.Global)
		return nil
	}, theirs.ID, sessionID(0))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	if seen || ended || !own {
		return fmt.Errorf("f saw the other's session: %t, could end it: %t, saw its own: %t", seen, ended, own)
	}
	return sameAccount(ctx, s, owner, theirs)
}

func unnamedSession(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 3 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	var seen [3]bool
	err := s.Change(ctx, userID(0), func(a *domain.Account) error {
		for i := range seen {
			_, seen[i] = a.Session(sessionID(i))
		}
		return nil
	}, sessionID(2), sessionID(0))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	if seen != [3]bool{true, false, true} {
		return fmt.Errorf("of three sessions the first and the last were named, and seen were %v", seen)
	}
	return nil
}

func unknownSessions(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	for _, id := range append(strangers(string(session.ID)), string(sessionID(1)), string(userID(0))) {
		id := domain.SessionID(id)
		var seen, own bool
		err := s.Change(ctx, userID(0), func(a *domain.Account) error {
			_, seen = a.Session(id)
			_, own = a.Session(session.ID)
			return nil
		}, id, session.ID)
		if err != nil {
			return fmt.Errorf("Change about %q: %w", id, err)
		}
		if seen || !own {
			return fmt.Errorf("Change about %q saw it: %t, saw the session beside it: %t", id, seen, own)
		}
	}
	return nil
}

func sessionNamedTwice(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	if _, err := signIn(ctx, s, at(0), userID(0), sessionID(0)); err != nil {
		return err
	}
	var user domain.User
	var want domain.Session
	err := s.Change(ctx, userID(0), func(a *domain.Account) error {
		var err error
		want, _, err = a.Refresh(at(time.Second), sessionID(0), 0, domain.Refreshing{Idle: time.Hour})
		user = a.User.Clone()
		return err
	}, sessionID(0), sessionID(0))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	return sameAccount(ctx, s, user, want)
}
