package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// at is a time of the rows, which run by no clock: what a store keeps does not depend on what time it is.
func at(after time.Duration) time.Time {
	return time.Date(2031, time.May, 4, 12, 0, 0, 123457000, time.UTC).Add(after)
}

func userID(n int) domain.UserID {
	return domain.UserID(fmt.Sprintf("0196a0b0-0000-7000-8000-%012x", n))
}

func sessionID(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n))
}

const verified = "a hash"

func person(n int) domain.User {
	return domain.User{
		ID: userID(n), Email: domain.Email(fmt.Sprintf("person-%d@example.com", n)), PasswordHash: verified,
		Roles: []domain.Role{"reader", "admin"}, CreatedAt: at(0),
	}
}

func people(ctx context.Context, s application.Store, n int) error {
	for i := range n {
		if err := s.Add(ctx, person(i)); err != nil {
			return fmt.Errorf("Add of %s: %w", person(i).ID, err)
		}
	}
	return nil
}

func opening(id domain.SessionID) domain.Opening {
	return domain.Opening{
		ID: id, Verified: verified, Methods: []domain.Method{domain.PasswordMethod}, UserAgent: "curl/8.9.1", IP: "192.0.2.7",
		Lifetime: domain.Lifetime{Absolute: 30 * 24 * time.Hour, Idle: 7 * 24 * time.Hour},
	}
}

// signIn opens a session as a login does.
func signIn(ctx context.Context, s application.Store, now time.Time, u domain.UserID, id domain.SessionID) (domain.Session, error) {
	var session domain.Session
	err := s.Change(ctx, u, func(a *domain.Account) (err error) {
		session, err = a.Open(now, opening(id))
		return err
	})
	if err != nil {
		return session, fmt.Errorf("opening a session: %w", err)
	}
	return session, nil
}

// refresh presents a refresh token of the session as a refresh does.
func refresh(ctx context.Context, s application.Store, now time.Time, of domain.Session, count int) (domain.Rotation, error) {
	var outcome domain.Rotation
	err := s.Change(ctx, of.UserID, func(a *domain.Account) (err error) {
		_, outcome, err = a.Refresh(now, of.ID, count, domain.Refreshing{Idle: time.Hour, Retry: 10 * time.Second})
		return err
	}, of.ID)
	return outcome, err
}

// logOut ends what the scope says as a logout does.
func logOut(ctx context.Context, s application.Store, now time.Time, by domain.Session, scope domain.Scope) error {
	err := s.Change(ctx, by.UserID, func(a *domain.Account) error {
		a.LogOut(now, by.ID, scope)
		return nil
	}, by.ID)
	if err != nil {
		return fmt.Errorf("logging out: %w", err)
	}
	return nil
}

// stands says whether the session may be used: nil, or the refusal, or the store's error.
func stands(ctx context.Context, s application.Standings, now time.Time, id domain.SessionID) error {
	found, err := s.Standings(ctx, id)
	if err != nil {
		return fmt.Errorf("Standings: %w", err)
	}
	return found[id].Refuse(now)
}

// look reads a user and sessions of theirs as a change is shown them.
func look(ctx context.Context, s application.Store, u domain.UserID, ids ...domain.SessionID) (domain.User, []domain.Session, error) {
	var user domain.User
	var sessions []domain.Session
	err := s.Change(ctx, u, func(a *domain.Account) error {
		user, sessions = a.User.Clone(), nil
		for _, id := range ids {
			if session, found := a.Session(id); found {
				sessions = append(sessions, session)
			}
		}
		return nil
	}, ids...)
	return user, sessions, err
}

// expect says what was answered when that is not the refusal. A nil refusal expects success.
func expect(what string, err error, want error) error {
	switch {
	case want == nil && err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case !errors.Is(err, want):
		return fmt.Errorf("%s answered %v instead of %v", what, err, want)
	}
	return nil
}

// failed wants a failure: an error, and none that a caller would take for an answer.
func failed(what string, err error) error {
	var refusal domain.Refusal
	switch {
	case err == nil:
		return fmt.Errorf("%s answered no error", what)
	case errors.As(err, &refusal) && refusal != domain.Unavailable:
		return fmt.Errorf("%s answered as if it had looked: %w", what, err)
	}
	return nil
}

func sameUser(what string, got, want domain.User) error {
	if !got.Equal(want) {
		return fmt.Errorf("%s shows\n\t%+v\ninstead of\n\t%+v", what, got, want)
	}
	return nil
}

func sameSession(what string, got, want domain.Session) error {
	if !got.Equal(want) {
		return fmt.Errorf("%s shows\n\t%+v\ninstead of\n\t%+v", what, got, want)
	}
	return nil
}
