package contract

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func standingRows() []row[application.Store] {
	return []row[application.Store]{
		{"a standing is the session's and its user's",
			"A standing shows what the rule reads of a session and its user, as they were written.", standingShowsBoth},
		{"an unknown session is absent",
			"Standings leaves out what is unknown or no ID at all; neither is an error.", unknownStandings},
		{"a session asked for twice is there once",
			"Standings shows a session that is asked for twice once; asked for none it shows none.", standingsAskedTwice},
		{"hundreds are shown at once",
			"Standings takes as many IDs as a busy node has waiting requests.", manyStandings},
		{"each standing is that of its own user",
			"Standings of the sessions of several users, in one query, mix nothing up.", standingsDiffer},
		{"standings that came back are the caller's",
			"A standing that was returned shares nothing with another one or with what is kept.", standingsShareNothing},
		{"roles and email are as they are now",
			"A standing shows the user as of now, not as of the login.", standingsAreFresh},
		{"a standing follows every change at once",
			"Once Change has returned, every snapshot that begins shows what it wrote.", standingsFollow},
		{"a change is seen whole or not at all",
			"Standings is one snapshot: a user and their session, written together, are never seen half.", standingsNeverHalf},
		{"all of a query is one snapshot",
			"All sessions of one query are seen in one snapshot.", oneSnapshot},
	}
}

func sameStanding(what string, got, want domain.Standing) error {
	if got.Session != want.Session || got.User != want.User || got.Email != want.Email || !slices.Equal(got.Roles, want.Roles) ||
		got.Ended != want.Ended || got.Disabled != want.Disabled || !got.LoginTime.Equal(want.LoginTime) ||
		!got.LogoutTime.Equal(want.LogoutTime) || !got.IdleUntil.Equal(want.IdleUntil) || !got.Until.Equal(want.Until) {
		return fmt.Errorf("%s: Standings shows\n\t%+v\ninstead of\n\t%+v", what, got, want)
	}
	return nil
}

// checkStandings compares the standing of each session with what the rule should read.
func checkStandings(ctx context.Context, s application.Store, what string, user domain.User, sessions ...domain.Session) error {
	for _, session := range sessions {
		found, err := s.Standings(ctx, session.ID)
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%s: Standings shows %d, %v", what, len(found), err)
		}
		if err := sameStanding(what, found[session.ID], domain.StandingOf(user, session)); err != nil {
			return err
		}
	}
	return nil
}

func standingShowsBoth(ctx context.Context, s application.Store) error {
	opened, err := openAll(ctx, s)
	if err != nil {
		return err
	}
	for _, session := range opened {
		user, _, err := look(ctx, s, session.UserID)
		if err != nil {
			return err
		}
		if err := checkStandings(ctx, s, "a login", user, session); err != nil {
			return err
		}
	}
	return nil
}

func unknownStandings(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	ask := []domain.SessionID{session.ID, sessionID(1), domain.SessionID(userID(0))}
	for _, id := range strangers(string(session.ID)) {
		found, err := s.Standings(ctx, domain.SessionID(id))
		if err != nil || len(found) > 0 {
			return fmt.Errorf("Standings of %q shows %v, %v", id, found, err)
		}
		ask = append(ask, domain.SessionID(id))
	}
	found, err := s.Standings(ctx, ask...)
	if err != nil {
		return fmt.Errorf("Standings: %w", err)
	}
	if _, there := found[session.ID]; len(found) != 1 || !there {
		return fmt.Errorf("asked for one session among strangers, Standings shows %v", found)
	}
	return nil
}

func standingsAskedTwice(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	found, err := s.Standings(ctx, sessionID(1), sessionID(0), sessionID(1), sessionID(1))
	if err != nil || len(found) != 2 || found[sessionID(0)].Session != sessionID(0) || found[sessionID(1)].Session != sessionID(1) {
		return fmt.Errorf("asked for two sessions, one of them three times, Standings shows %v, %w", found, err)
	}
	if found, err = s.Standings(ctx); err != nil || len(found) > 0 {
		return fmt.Errorf("asked for none, Standings shows %v, %w", found, err)
	}
	return nil
}

func manyStandings(ctx context.Context, s application.Store) error {
	const users, each = 3, 100
	if err := people(ctx, s, users); err != nil {
		return err
	}
	var ask []domain.SessionID
	for u := range users {
		err := s.Change(ctx, userID(u), func(a *domain.Account) error {
			for i := range each {
				if _, err := a.Open(at(0), opening(sessionID(u*each+i))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("opening %d sessions: %w", each, err)
		}
	}
	for i := range users * each {
		ask = append(ask, sessionID(i), sessionID(users*each+i)) // every second one is unknown
	}
	found, err := s.Standings(ctx, ask...)
	if err != nil || len(found) != users*each {
		return fmt.Errorf("asked for %d of which %d are unknown, Standings shows %d, %v", len(ask), users*each, len(found), err)
	}
	for i := range users * each {
		if st := found[sessionID(i)]; st.Session != sessionID(i) || st.User != userID(i/each) || st.Email != person(i/each).Email {
			return fmt.Errorf("Standings shows for %s of %s: %+v", sessionID(i), userID(i/each), st)
		}
	}
	return nil
}

func standingsAreFresh(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	for _, roles := range [][]domain.Role{{"writer"}, {}, {"admin", "reader"}} {
		var user domain.User
		err := s.Change(ctx, userID(0), func(a *domain.Account) error {
			a.SetRoles(roles...)
			a.User.Email = domain.Email(fmt.Sprintf("with-%d-roles@example.com", len(roles)))
			user = a.User.Clone()
			return nil
		})
		if err != nil {
			return fmt.Errorf("Change: %w", err)
		}
		if err := checkStandings(ctx, s, "new roles and email", user, session); err != nil {
			return err
		}
	}
	return nil
}

// standingsFollow takes each decision that moves a standing and looks at once.
func standingsFollow(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		what   string
		decide func(a *domain.Account)
	}{
		{"a refresh", func(a *domain.Account) {
			a.Refresh(at(time.Minute), sessionID(0), 0, domain.Refreshing{Idle: time.Hour})
		}},
		{"a logout of the others", func(a *domain.Account) { a.LogOut(at(time.Minute), sessionID(0), domain.Others) }},
		{"a logout of one session", func(a *domain.Account) { a.LogOut(at(time.Minute), sessionID(0), domain.Local) }},
		{"a disabling", func(a *domain.Account) { a.Disable(at(2 * time.Minute)) }},
		{"an enabling", func(a *domain.Account) { a.Enable() }},
		{"a logout everywhere", func(a *domain.Account) { a.LogOutEverywhere(at(3 * time.Minute)) }},
	} {
		var user domain.User
		var first, second domain.Session
		err := s.Change(ctx, userID(0), func(a *domain.Account) error {
			step.decide(a)
			user = a.User.Clone()
			first, _ = a.Session(sessionID(0))
			second, _ = a.Session(sessionID(1))
			return nil
		}, sessionID(0), sessionID(1))
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		if err := checkStandings(ctx, s, step.what, user, first, second); err != nil {
			return err
		}
	}
	return expect("a session that was logged out", stands(ctx, s, at(0), sessionID(1)), domain.TokenRevoked)
}
