package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Durable proves a store that outlives its process. The function finds an empty place and returns how to open it: each
// call closes what the call before it opened, and opens the same place again. The keys are proved too when the store is
// an application.KeyStore, and the attempts when it is an application.Attempts.
func Durable(t *testing.T, open func(t *testing.T) func() application.Store) {
	t.Helper()
	run(t, "durable", open, durableRows())
}

func durableRows() []row[func() application.Store] {
	return []row[func() application.Store]{
		{"users are there again",
			"Every user that was added or changed is there after a re-open, every field of it.", usersLast},
		{"sessions are there again",
			"Every session that was opened, rotated or ended is there after a re-open, every field of it.", sessionsLast},
		{"a logout holds for ever",
			"What was logged out before a re-open stays refused, and what stood stands.", logoutsLast},
		{"a refresh token that was used stays used",
			"After a re-open an old refresh token is reuse, and the current one rotates.", rotationsLast},
		{"what was deleted stays deleted",
			"A deleted user does not come back with a re-open, nor do the sessions.", deletionsLast},
		{"what was refused is not there",
			"A change that f refused, or left by a panic, is not there after a re-open.", refusalsDoNotLast},
		{"emails and IDs stay taken",
			"After a re-open an email has one user still, and the same addition is nil still.", emailsStayTaken},
		{"keys are there again",
			"Every key is there after a re-open, and a first key finds them.", keysLast},
		{"attempts are there again",
			"What was counted before a re-open counts after it (T045).", attemptsLast},
		{"what was purged stays purged",
			"A purged session does not come back with a re-open, and one that stood stands.", purgesLast},
		{"many re-opens lose nothing",
			"What was acknowledged is there after any number of re-opens.", manyReopens},
	}
}

func usersLast(ctx context.Context, open func() application.Store) error {
	s := open()
	for _, user := range append(allSorts(), person(100)) {
		if err := s.Add(ctx, user); err != nil {
			return fmt.Errorf("Add: %w", err)
		}
	}
	changed := person(100)
	changed.Roles, changed.LogoutTime, changed.LogoutReason = []domain.Role{"later"}, at(time.Microsecond), domain.ByAdministrator
	if err := s.Change(ctx, changed.ID, func(a *domain.Account) error { a.User = changed.Clone(); return nil }); err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	page, err := open().Page(ctx, "", 100)
	if err != nil {
		return fmt.Errorf("Page: %w", err)
	}
	return sameUsers(page, append(allSorts(), changed))
}

func sessionsLast(ctx context.Context, open func() application.Store) error {
	s := open()
	opened, err := openAll(ctx, s)
	if err != nil {
		return err
	}
	if _, err := refresh(ctx, s, at(time.Minute), opened[0], 0); err != nil {
		return fmt.Errorf("a refresh: %w", err)
	}
	if err := logOut(ctx, s, at(2*time.Minute), opened[0], domain.Local); err != nil {
		return err
	}
	if opened[0], err = look1(ctx, s, opened[0].UserID, opened[0].ID); err != nil {
		return err
	}
	if !opened[0].Ended() || opened[0].RefreshCount != 1 {
		return fmt.Errorf("the session was not rotated and ended: %+v", opened[0])
	}
	s = open()
	for _, want := range opened {
		got, err := look1(ctx, s, want.UserID, want.ID)
		if err != nil {
			return err
		}
		if err := sameSession("Change", got, want); err != nil {
			return err
		}
	}
	return nil
}

func logoutsLast(ctx context.Context, open func() application.Store) error {
	s := open()
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for i, scope := range []domain.Scope{domain.Global, domain.Others, domain.Local, ""} {
		session, err := signIn(ctx, s, at(0), userID(0), sessionID(i))
		if err != nil {
			return err
		}
		if scope != "" {
			if err := logOut(ctx, s, at(0), session, scope); err != nil {
				return err
			}
		}
	}
	s = open()
	for i, want := range []error{domain.TokenRevoked, nil, domain.TokenRevoked, nil} {
		if err := expect(fmt.Sprintf("session %d", i), stands(ctx, s, at(0), sessionID(i)), want); err != nil {
			return err
		}
	}
	// A login on a clock that has gone back is later than the logout all the same, and revives nothing.
	if _, err := signIn(ctx, s, at(-time.Hour), userID(0), sessionID(9)); err != nil {
		return err
	}
	return errors.Join(
		expect("a session after the re-open", stands(ctx, s, at(-time.Hour), sessionID(9)), nil),
		expect("a session of long ago", stands(ctx, s, at(-time.Hour), sessionID(0)), domain.TokenRevoked),
	)
}

func rotationsLast(ctx context.Context, open func() application.Store) error {
	s := open()
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	var sessions []domain.Session
	for i := range 2 {
		session, err := signIn(ctx, s, at(0), userID(i), sessionID(i))
		if err != nil {
			return err
		}
		if _, err := refresh(ctx, s, at(time.Minute), session, 0); err != nil {
			return fmt.Errorf("a refresh: %w", err)
		}
		sessions = append(sessions, session)
	}
	s = open()
	for i, want := range []domain.Rotation{domain.Rotated, domain.Reused} {
		outcome, err := refresh(ctx, s, at(2*time.Minute), sessions[i], 1-i)
		if err != nil || outcome != want {
			return fmt.Errorf("a refresh after the re-open came to %d instead of %d, %v", outcome, want, err)
		}
	}
	return expect("a session whose refresh token was reused", stands(ctx, open(), at(0), sessionID(1)), domain.TokenRevoked)
}

func deletionsLast(ctx context.Context, open func() application.Store) error {
	s := open()
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	if _, err := signIn(ctx, s, at(0), userID(0), sessionID(0)); err != nil {
		return err
	}
	if err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.Delete(); return nil }); err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	s = open()
	if err := expect("the session", stands(ctx, s, at(0), sessionID(0)), domain.TokenRevoked); err != nil {
		return err
	}
	return samePage(ctx, s, "", 10, []domain.Email{person(1).Email})
}

func refusalsDoNotLast(ctx context.Context, open func() application.Store) error {
	s := open()
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	err := s.Change(ctx, userID(0), func(a *domain.Account) error { a.SetRoles("refused"); return errMine })
	if err := expect("Change", err, errMine); err != nil {
		return err
	}
	func() {
		defer func() { recover() }()
		err = s.Change(ctx, userID(0), func(a *domain.Account) error { a.SetRoles("lost"); panic("f lost its head") })
	}()
	return sameAccount(ctx, open(), person(0))
}

func emailsStayTaken(ctx context.Context, open func() application.Store) error {
	if err := people(ctx, open(), 1); err != nil {
		return err
	}
	s := open()
	second := person(1)
	second.Email = person(0).Email
	return errors.Join(
		expect("Add with the same email", s.Add(ctx, second), domain.EmailTaken),
		expect("Add with the same ID", s.Add(ctx, person(0)), nil),
	)
}

func keysLast(ctx context.Context, open func() application.Store) error {
	ring, keeps := open().(application.KeyStore)
	if !keeps {
		return nil // its keys are kept elsewhere
	}
	keys := []domain.Key{key("a", domain.Access, 0), key("r", domain.Refresh, 1000), key("b", domain.Access, 2000)}
	if err := addKeys(ctx, ring, keys...); err != nil {
		return err
	}
	if ring, keeps = open().(application.KeyStore); !keeps {
		return errors.New("the store kept keys before it was opened again")
	}
	if err := changeKeys(ctx, ring, func(r *domain.Ring) { r.First(at(3000), key("late", domain.Access, 3000)) }); err != nil {
		return err
	}
	return sameKeys(ctx, ring, keys...)
}

func attemptsLast(ctx context.Context, open func() application.Store) error {
	s, counts := open().(application.Attempts)
	if !counts {
		return nil // they are counted elsewhere
	}
	limit := domain.Limit{Burst: 3, Every: time.Hour}
	for i := range 6 {
		passed, err := try(ctx, s, limit, "account:a", "pair:a")
		if err != nil {
			return err
		}
		if want := i < limit.Burst; passed != want {
			return fmt.Errorf("after %d re-opens try %d passed: %t", i, i+1, passed)
		}
		if s, counts = open().(application.Attempts); !counts {
			return errors.New("the store counted attempts before it was opened again")
		}
	}
	if n, err := s.Forget(ctx, at(24*time.Hour), 10); err != nil || n != 2 {
		return fmt.Errorf("Forget of two buckets removed %d, %v", n, err)
	}
	if s, counts = open().(application.Attempts); !counts {
		return errors.New("the store counted attempts before it was opened again")
	}
	return full(ctx, s, []string{"account:a", "pair:a"}, time.Time{}, time.Time{})
}

func purgesLast(ctx context.Context, open func() application.Store) error {
	s := open()
	if _, err := pairs(ctx, s, 4); err != nil {
		return err
	}
	if _, _, err := purge(ctx, s, at(10*time.Hour), 10); err != nil {
		return err
	}
	return left(ctx, open(), 4, 0, 2)
}

func manyReopens(ctx context.Context, open func() application.Store) error {
	const opens = 10
	for i := range opens {
		s := open()
		if err := s.Add(ctx, person(i)); err != nil {
			return fmt.Errorf("Add: %w", err)
		}
		if _, err := signIn(ctx, s, at(0), userID(i), sessionID(i)); err != nil {
			return err
		}
		for j := range i + 1 {
			if err := expect(fmt.Sprintf("the session of open %d after open %d", j, i), stands(ctx, s, at(0), sessionID(j)), nil); err != nil {
				return err
			}
		}
	}
	return nil
}
