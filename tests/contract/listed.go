package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func listedRows() []row[application.Store] {
	return []row[application.Store]{
		{"sessions are shown whole with their user",
			"Sessions shows the user and the sessions as they were written, every field of them.", listedWhole},
		{"the latest login comes first",
			"Sessions shows at most n, the latest LoginTime first, whatever their IDs and whenever they were rotated.", listedInOrder},
		{"a list is as long as it was asked for",
			"Page and Sessions have no bound but the one that they are given.", listedInFull},
		{"sessions that ended are not shown",
			"Sessions leaves out what was ended for itself, and nothing else: a user's logout ends no session for itself.", listedNotEnded},
		{"sessions of others are not shown",
			"Sessions shows the user's own sessions, and none when there are none.", listedOwn},
		{"sessions of nobody are not found",
			"Sessions answers NotFound when the user does not exist, or what is named is no ID.", listedNobody},
		{"a user and their sessions are one snapshot",
			"Sessions never shows half of what was written together.", listedNeverHalf},
		{"sessions that came back are the caller's",
			"What Sessions returned shares nothing with what is kept.", listedCopies},
		{"with a cancelled context sessions are a failure",
			"With a cancelled context Sessions has not looked.", listedCancelled},
	}
}

// sameList compares what Sessions shows with what it should, in that order.
func sameList(ctx context.Context, s application.Store, n int, user domain.User, want ...domain.Session) error {
	got, sessions, err := s.Sessions(ctx, user.ID, n)
	if err != nil {
		return fmt.Errorf("Sessions: %w", err)
	}
	if err := sameUser("Sessions", got, user); err != nil {
		return err
	}
	if len(sessions) != len(want) {
		return fmt.Errorf("Sessions of %d shows %d sessions instead of %d", n, len(sessions), len(want))
	}
	for i := range want {
		if err := sameSession(fmt.Sprintf("session %d that Sessions", i), sessions[i], want[i]); err != nil {
			return err
		}
		for _, t := range []time.Time{sessions[i].LoginTime, sessions[i].IdleUntil, sessions[i].RefreshedAt} {
			if t != domain.Instant(t) {
				return fmt.Errorf("Sessions shows %v (%s), which is no Instant", t, t.Location())
			}
		}
	}
	return nil
}

func listedWhole(ctx context.Context, s application.Store) error {
	opened, err := openAll(ctx, s)
	if err != nil {
		return err
	}
	for _, session := range opened {
		user, _, err := look(ctx, s, session.UserID)
		if err != nil {
			return err
		}
		if err := sameList(ctx, s, 10, user, session); err != nil {
			return err
		}
	}
	return nil
}

// severalSessions opens n sessions of the first user, whose IDs go down while their logins go up, and returns the user
// and the sessions, the latest first.
func severalSessions(ctx context.Context, s application.Store, n int) (domain.User, []domain.Session, error) {
	sessions := make([]domain.Session, n)
	for i := n - 1; i >= 0; i-- {
		var err error
		if sessions[i], err = signIn(ctx, s, at(-time.Duration(i)*domain.Tick), userID(0), sessionID(i)); err != nil {
			return domain.User{}, nil, err
		}
	}
	user, _, err := look(ctx, s, userID(0))
	return user, sessions, err
}

func listedInOrder(ctx context.Context, s application.Store) error {
	const n = 7
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	user, sessions, err := severalSessions(ctx, s, n)
	if err != nil {
		return err
	}
	for range 3 { // an old one is rotated, which makes no login of it
		if _, err := refresh(ctx, s, at(time.Minute), sessions[n-1], sessions[n-1].RefreshCount); err != nil {
			return fmt.Errorf("a refresh: %w", err)
		}
		if sessions[n-1], err = look1(ctx, s, user.ID, sessions[n-1].ID); err != nil {
			return err
		}
	}
	for _, k := range []int{0, 1, 2, n - 1, n, n + 1, 1 << 20} {
		if err := sameList(ctx, s, k, user, sessions[:min(k, n)]...); err != nil {
			return err
		}
	}
	if _, shown, _ := s.Sessions(ctx, user.ID, -1); len(shown) > 0 { // nonsense may be an error, or none
		return fmt.Errorf("Sessions of -1 shows %d sessions", len(shown))
	}
	// The one that logs out the others is the latest from then on.
	if err := logOut(ctx, s, at(time.Minute), sessions[3], domain.Others); err != nil {
		return err
	}
	user, changed, err := look(ctx, s, user.ID, sessions[3].ID)
	if err != nil {
		return err
	}
	return sameList(ctx, s, n, user, append(changed, slices.Delete(sessions, 3, 4)...)...)
}

func listedNotEnded(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	user, sessions, err := severalSessions(ctx, s, 4)
	if err != nil {
		return err
	}
	if err := logOut(ctx, s, at(time.Minute), sessions[0], domain.Local); err != nil {
		return err
	}
	if err := sameList(ctx, s, 2, user, sessions[1:3]...); err != nil {
		return fmt.Errorf("the latest session has ended: %w", err)
	}
	if err := logOut(ctx, s, at(time.Minute), sessions[1], domain.Global); err != nil {
		return err
	}
	if user, _, err = look(ctx, s, user.ID); err != nil {
		return err
	}
	return sameList(ctx, s, 10, user, sessions[1:]...)
}

func listedOwn(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 3); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(i), sessionID(i)); err != nil {
			return err
		}
	}
	for i := range 2 {
		user, sessions, err := look(ctx, s, userID(i), sessionID(i))
		if err != nil {
			return err
		}
		if err := sameList(ctx, s, 10, user, sessions...); err != nil {
			return err
		}
	}
	return sameList(ctx, s, 10, person(2))
}

func listedNobody(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	if _, err := signIn(ctx, s, at(0), userID(0), sessionID(0)); err != nil {
		return err
	}
	for _, id := range append(strangers(string(userID(0))), string(userID(1)), string(sessionID(0))) {
		user, sessions, err := s.Sessions(ctx, domain.UserID(id), 10)
		if err := expect(fmt.Sprintf("Sessions of %q", id), err, domain.NotFound); err != nil {
			return err
		}
		if user.ID != "" || len(sessions) > 0 {
			return fmt.Errorf("Sessions of %q shows %s with %d sessions", id, user.ID, len(sessions))
		}
	}
	return nil
}

// listedNeverHalf logs out the others, again and again: the session that does it always stands, if what is seen of it
// and of its user was written together.
func listedNeverHalf(ctx context.Context, s application.Store) error {
	const writes, readers = 50, 4
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	done := make(chan struct{})
	return atOnce(readers+1, func(i int) error {
		if i == 0 {
			defer close(done)
			for range writes {
				if err := logOut(ctx, s, at(0), session, domain.Others); err != nil {
					return err
				}
			}
			return nil
		}
		for {
			user, sessions, err := s.Sessions(ctx, userID(0), 1)
			if err != nil || len(sessions) != 1 {
				return fmt.Errorf("Sessions shows %d sessions, %v", len(sessions), err)
			}
			if err := domain.StandingOf(user, sessions[0]).Refuse(at(0)); err != nil {
				return fmt.Errorf("logged out at %v, logged in at %v: %w", user.LogoutTime, sessions[0].LoginTime, err)
			}
			select {
			case <-done:
				return nil
			default:
			}
		}
	})
}

func listedCopies(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	user, sessions, err := severalSessions(ctx, s, 1)
	if err != nil {
		return err
	}
	for range 2 {
		if err := sameList(ctx, s, 10, user, sessions...); err != nil {
			return err
		}
		u, list, err := s.Sessions(ctx, user.ID, 10)
		if err != nil {
			return fmt.Errorf("Sessions: %w", err)
		}
		u.Roles[0], list[0].Methods[0] = "altered", "altered"
	}
	return nil
}

func listedCancelled(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, _, known := s.Sessions(gone, userID(0), 10)
	_, _, unknown := s.Sessions(gone, userID(1), 10)
	return errors.Join(failed("Sessions", known), failed("Sessions of nobody", unknown))
}
