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

// changesShareNothing holds on to everything that f was shown and gave, and writes into it when the change is done.
func changesShareNothing(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	o := opening(sessionID(0))
	var account *domain.Account
	var user domain.User
	var session domain.Session
	err := s.Change(ctx, userID(0), func(a *domain.Account) (err error) {
		account = a
		a.SetRoles("writer", "reader")
		session, err = a.Open(at(0), o)
		user = a.User.Clone()
		return err
	})
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	account.User.Roles[0], o.Methods[0] = "altered", "altered"
	account.SetPassword(at(time.Hour), "too late")
	account.LogOut(at(time.Hour), session.ID, domain.Local)
	want := session.Clone()
	if err := sameAccount(ctx, s, user, want); err != nil {
		return err
	}
	if err := s.Change(ctx, userID(0), func(a *domain.Account) error { account = a; return errMine }); err != errMine {
		return fmt.Errorf("Change: %w", err)
	}
	account.User.Roles[0] = "altered"
	return sameAccount(ctx, s, user, want)
}

func standingsShareNothing(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	for range 2 {
		found, err := s.Standings(ctx, sessionID(0), sessionID(1))
		if err != nil || len(found) != 2 {
			return fmt.Errorf("Standings shows %d of two, %v", len(found), err)
		}
		for i := range 2 { // the second must not show what was written into the first
			roles := found[sessionID(i)].Roles
			if !slices.Equal(roles, person(0).Roles) {
				return fmt.Errorf("Standings shows the roles %q instead of %q", roles, person(0).Roles)
			}
			roles[0] = "altered"
		}
	}
	got, err := s.ByEmail(ctx, person(0).Email)
	if err != nil {
		return fmt.Errorf("ByEmail: %w", err)
	}
	if !slices.Equal(got.Roles, person(0).Roles) {
		return fmt.Errorf("ByEmail shows the roles %q instead of %q", got.Roles, person(0).Roles)
	}
	return nil
}

// standingsDiffer asks for the sessions of users who differ in everything that a standing shows, all in one query.
func standingsDiffer(ctx context.Context, s application.Store) error {
	const n = 6
	if err := people(ctx, s, n); err != nil {
		return err
	}
	var ask []domain.SessionID
	want := map[domain.SessionID]domain.Standing{}
	for i := range n {
		for k := range 2 {
			o := opening(sessionID(2*i + k))
			o.Lifetime = domain.Lifetime{Absolute: time.Duration(3*i+k+2) * time.Hour, Idle: time.Duration(2*i+k+1) * time.Hour}
			var user domain.User
			var session domain.Session
			err := s.Change(ctx, userID(i), func(a *domain.Account) (err error) {
				if k == 0 {
					a.SetRoles([]domain.Role{"a", "b", "c", "d", "e"}[:i]...)
				}
				if _, err = a.Open(at(time.Duration(i)*time.Minute), o); err != nil {
					return err
				}
				switch {
				case i == 1 && k == 1:
					a.LogOutEverywhere(at(time.Hour))
				case i == 2 && k == 1:
					a.Disable(at(time.Hour))
				case i == 3 && k == 1:
					a.LogOut(at(time.Hour), o.ID, domain.Local)
				}
				user = a.User.Clone()
				session, _ = a.Session(o.ID)
				return nil
			})
			if err != nil {
				return fmt.Errorf("Change: %w", err)
			}
			want[o.ID] = domain.StandingOf(user, session)
			if k == 1 { // the user as of now counts for both
				first := want[sessionID(2*i)]
				first.Roles, first.LogoutTime, first.Disabled = user.Roles, user.LogoutTime, user.Disabled()
				want[first.Session] = first
			}
			ask = append(ask, o.ID)
		}
	}
	slices.Reverse(ask)
	found, err := s.Standings(ctx, ask...)
	if err != nil || len(found) != len(want) {
		return fmt.Errorf("Standings shows %d of %d, %v", len(found), len(want), err)
	}
	var faults []error
	for id, st := range want {
		faults = append(faults, sameStanding(string(id), found[id], st))
	}
	return errors.Join(faults...)
}

// listedInFull has a page and a list be as long as they were asked for: no store has a bound of its own.
func listedInFull(ctx context.Context, s application.Store) error {
	const n = 130
	if err := people(ctx, s, n); err != nil {
		return err
	}
	err := s.Change(ctx, userID(0), func(a *domain.Account) error {
		for i := range n {
			if _, err := a.Open(at(time.Duration(i)*time.Second), opening(sessionID(i))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	page, err := s.Page(ctx, "", n+1)
	if err != nil || len(page) != n {
		return fmt.Errorf("Page shows %d of %d users, %v", len(page), n, err)
	}
	_, sessions, err := s.Sessions(ctx, userID(0), n+1)
	if err != nil || len(sessions) != n {
		return fmt.Errorf("Sessions shows %d of %d sessions, %v", len(sessions), n, err)
	}
	return nil
}

// refreshedForYears counts past what 16 bits hold.
func refreshedForYears(ctx context.Context, s application.Store) error {
	const times = 70_000
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	err = s.Change(ctx, userID(0), func(a *domain.Account) error {
		for count := range times {
			if _, _, err := a.Refresh(at(0), session.ID, count, domain.Refreshing{Idle: time.Hour}); err != nil {
				return err
			}
		}
		return nil
	}, session.ID)
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	now, err := look1(ctx, s, userID(0), session.ID)
	if err == nil && now.RefreshCount != times {
		err = fmt.Errorf("after %d refreshes the count is %d", times, now.RefreshCount)
	}
	return err
}
