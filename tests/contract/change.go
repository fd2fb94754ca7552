package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func changeRows() []row[application.Store] {
	return []row[application.Store]{
		{"a user who does not exist is not found",
			"Change answers NotFound when the user does not exist, or what is named is no ID, and does not call f.", changeOfNobody},
		{"an error of f comes back as it is and nothing is saved",
			"Change writes what f changed if and only if f returns nil; f's error comes back as it is.", refusedChange},
		{"everything f changed is saved together",
			"The user, the sessions that f opened and those that it changed are one write.", wholeChange},
		{"a user's every field can be set and cleared",
			"What f made of the user is what is kept: set, altered and cleared.", everyFieldChanges},
		{"a change of nothing is nil and changes nothing",
			"An f that changes nothing is no error.", emptyChange},
		{"an email moves with its user",
			"A changed email is found, the old one is free, and another user's is never taken over.", emailMoves},
		{"a change to a taken email writes nothing",
			"Change answers EmailTaken when f gave the user an email that another one has, and nothing of it is written.", takenEmail},
		{"a change and its caller share nothing",
			"What f was shown and what it gave is f's own once Change has returned: writing into it alters nothing.", changesShareNothing},
		{"a panic in f saves nothing and the store goes on",
			"An f that panics has not returned nil: nothing is saved, and no lock stays behind.", panicInChange},
		{"a deletion takes the sessions and nothing else",
			"A deleted user is gone with every session of theirs, and nobody else is touched.", deletion},
	}
}

var errMine = errors.New("an error of f's own")

// strangers is what is no ID, although a lenient reader of UUIDs would find the one that is given in some of it.
func strangers(id string) []string {
	return []string{
		"", " ", "x", "0", "null", strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""),
		" " + id, id + " ", id + "\n", id[:35], id + "0", id[:35] + "g", "\x00", id[:35] + "\x00", "\xff\xfe", "' OR ''='", "%",
		strings.Repeat("a", 10000), strings.Replace(id, "0", "０", 1),
	}
}

func changeOfNobody(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for _, id := range append(strangers(string(userID(0))), string(userID(1)), string(sessionID(0))) {
		called := false
		err := s.Change(ctx, domain.UserID(id), func(*domain.Account) error { called = true; return nil }, sessionID(0))
		if err := expect(fmt.Sprintf("Change of %q", id), err, domain.NotFound); err != nil {
			return err
		}
		if called {
			return fmt.Errorf("Change of %q called f", id)
		}
	}
	return nil
}

func refusedChange(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	before, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	user, _, err := look(ctx, s, userID(0))
	if err != nil {
		return err
	}
	attempts := map[string]func(*domain.Account){
		"altered the user":   func(a *domain.Account) { a.SetPassword(at(time.Hour), "other"); a.SetRoles("x") },
		"opened a session":   func(a *domain.Account) { a.Open(at(time.Hour), opening(sessionID(1))) },
		"ended a session":    func(a *domain.Account) { a.LogOut(at(time.Hour), before.ID, domain.Local) },
		"deleted the user":   func(a *domain.Account) { a.Delete() },
		"did nothing at all": func(*domain.Account) {},
	}
	for _, mine := range []error{errMine, domain.NotFound, domain.ErrPasswordChanged, &domain.Denied{Refusal: domain.EmailTaken}} {
		for what, attempt := range attempts {
			err := s.Change(ctx, userID(0), func(a *domain.Account) error { attempt(a); return mine }, before.ID)
			if err != mine {
				return fmt.Errorf("f %s and returned %q (%T), Change answered %v (%T)", what, mine, mine, err, err)
			}
			now, sessions, err := look(ctx, s, userID(0), before.ID, sessionID(1))
			if err != nil || len(sessions) != 1 {
				return fmt.Errorf("f %s and returned an error; afterwards %d sessions, %v", what, len(sessions), err)
			}
			if err := errors.Join(sameUser("the user", now, user), sameSession("the session", sessions[0], before)); err != nil {
				return fmt.Errorf("f %s and returned an error: %w", what, err)
			}
		}
	}
	return nil
}

func wholeChange(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i := range 2 {
		if _, err := signIn(ctx, s, at(0), userID(0), sessionID(i)); err != nil {
			return err
		}
	}
	var user domain.User
	want := make([]domain.Session, 4)
	err := s.Change(ctx, userID(0), func(a *domain.Account) error {
		a.SetRoles("new")
		a.LogOut(at(time.Minute), sessionID(0), domain.Local)
		if _, _, err := a.Refresh(at(time.Minute), sessionID(1), 0, domain.Refreshing{Idle: time.Hour}); err != nil {
			return err
		}
		for i := 2; i < 4; i++ {
			if _, err := a.Open(at(time.Minute), opening(sessionID(i))); err != nil {
				return err
			}
		}
		user = a.User.Clone()
		for i := range want {
			want[i], _ = a.Session(sessionID(i))
		}
		return nil
	}, sessionID(0), sessionID(1))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	if !want[0].Ended() || want[1].RefreshCount != 1 {
		return fmt.Errorf("f was not shown the sessions that were named: %+v", want[:2])
	}
	return sameAccount(ctx, s, user, want...)
}

// sameAccount compares what a change is shown with what it should be.
func sameAccount(ctx context.Context, s application.Store, user domain.User, sessions ...domain.Session) error {
	var ids []domain.SessionID
	for _, session := range sessions {
		ids = append(ids, session.ID)
	}
	got, shown, err := look(ctx, s, user.ID, ids...)
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	if err := sameUser("the user", got, user); err != nil {
		return err
	}
	if len(shown) != len(sessions) {
		return fmt.Errorf("%d sessions are there instead of %d", len(shown), len(sessions))
	}
	for i := range sessions {
		if err := sameSession("a session", shown[i], sessions[i]); err != nil {
			return err
		}
	}
	return nil
}

func everyFieldChanges(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for _, want := range append(allSorts(), person(0)) {
		want.ID = userID(0)
		err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.User = want.Clone(); return nil })
		if err != nil {
			return fmt.Errorf("Change: %w", err)
		}
		if err := sameAccount(ctx, s, want); err != nil {
			return err
		}
	}
	return nil
}

func emptyChange(ctx context.Context, s application.Store) error {
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
	for range 2 {
		if err := s.Change(ctx, userID(0), func(*domain.Account) error { return nil }, session.ID); err != nil {
			return fmt.Errorf("Change: %w", err)
		}
	}
	return sameAccount(ctx, s, user, session)
}

func panicInChange(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	answered := func() (err error, survived bool) {
		defer func() { recover() }()
		err = s.Change(ctx, userID(0), func(a *domain.Account) error {
			a.SetRoles("lost")
			if _, err := a.Open(at(0), opening(sessionID(0))); err != nil {
				return err
			}
			panic("f lost its head")
		})
		return err, true
	}
	for range 3 { // a lock that stayed behind would stop the second
		if err, survived := answered(); survived && err == nil {
			return errors.New("Change answered nil")
		}
	}
	if err := sameAccount(ctx, s, person(0)); err != nil {
		return err
	}
	_, sessions, err := look(ctx, s, userID(0), sessionID(0))
	if err != nil || len(sessions) > 0 {
		return fmt.Errorf("%d sessions are there, %v", len(sessions), err)
	}
	_, err = signIn(ctx, s, at(0), userID(0), sessionID(0))
	return err
}

func deletion(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	for i := range 4 {
		if _, err := signIn(ctx, s, at(0), userID(i/3), sessionID(i)); err != nil { // three sessions of one, one of the other
			return err
		}
	}
	neighbour, kept, err := look(ctx, s, userID(1), sessionID(3))
	if err != nil {
		return err
	}
	// One session is not named, one was changed, and one is opened with the deletion.
	err = s.Change(ctx, userID(0), func(a *domain.Account) error {
		a.LogOut(at(time.Minute), sessionID(0), domain.Local)
		if _, err := a.Open(at(time.Minute), opening(sessionID(4))); err != nil {
			return err
		}
		a.Delete()
		return nil
	}, sessionID(0), sessionID(1), sessionID(3))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	found, err := s.Standings(ctx, sessionID(0), sessionID(1), sessionID(2), sessionID(3), sessionID(4))
	if err != nil {
		return fmt.Errorf("Standings: %w", err)
	}
	if _, there := found[sessionID(3)]; len(found) != 1 || !there {
		return fmt.Errorf("Standings shows %v", found)
	}
	_, err = s.ByEmail(ctx, person(0).Email)
	if err := expect("ByEmail of the deleted user", err, domain.NotFound); err != nil {
		return err
	}
	_, _, err = look(ctx, s, userID(0))
	if err := expect("Change of the deleted user", err, domain.NotFound); err != nil {
		return err
	}
	if err := samePage(ctx, s, "", 10, []domain.Email{neighbour.Email}); err != nil {
		return err
	}
	if err := sameAccount(ctx, s, neighbour, kept...); err != nil {
		return err
	}
	heir := person(5)
	heir.Email = person(0).Email
	if err := expect("Add with the deleted user's email", s.Add(ctx, heir), nil); err != nil {
		return err
	}
	return sameAccount(ctx, s, heir)
}
