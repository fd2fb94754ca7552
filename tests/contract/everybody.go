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

// Crowd is a store that changes all users a page at a time.
type Crowd interface {
	application.Store
	application.Everybody
}

// Everybody proves how a store changes all users. The function opens an empty one.
func Everybody(t *testing.T, open func(t *testing.T) Crowd) {
	t.Helper()
	run(t, "everybody", open, everybodyRows())
}

func everybodyRows() []row[Crowd] {
	return []row[Crowd]{
		{"a walk comes to every user once",
			"LogOutEach begun with \"\" and gone on with what it returned comes to every user once, in the order of their IDs, and ends with \"\".", walksEverybody},
		{"what f gave is kept, and nothing else changes",
			"Of what f does to a user LogoutTime and LogoutReason are kept, to the microsecond; all else stays as it was.", onlyLogouts},
		{"a page goes on behind any text",
			"LogOutEach begins with the first ID after the given text in the order of bytes, whether somebody has it or not.", behindAnyText},
		{"a page is one transaction",
			"An f that panics has nothing of its page written, and no lock stays behind.", panicInPage},
		{"a page waits for whoever has a user, and loses nothing",
			"Logins and logouts beside a walk are all kept: f sees each user as the lock shows them.", walkBesideChanges},
		{"a walk with a cancelled context is a failure",
			"With a cancelled context nobody is logged out.", walkCancelled},
	}
}

func logOutAt(t time.Time) func(*domain.User) {
	return func(u *domain.User) { u.LogOut(t, domain.ByAdministrator) }
}

func walkAll(ctx context.Context, s Crowd, n int, f func(*domain.User)) (pages, users int, _ error) {
	for last := domain.UserID(""); ; pages++ {
		next, found, err := s.LogOutEach(ctx, last, n, f)
		if err != nil {
			return pages, users, fmt.Errorf("LogOutEach after %q: %w", last, err)
		}
		users += found
		if next == "" {
			return pages + 1, users, nil
		}
		if next <= last || found > n {
			return pages, users, fmt.Errorf("LogOutEach of %d after %q came to %d, as far as %q", n, last, found, next)
		}
		last = next
	}
}

func walksEverybody(ctx context.Context, s Crowd) error {
	if pages, users, err := walkAll(ctx, s, 3, func(*domain.User) {}); err != nil || pages != 1 || users != 0 {
		return fmt.Errorf("of nobody there were %d pages and %d users, %v", pages, users, err)
	}
	if err := people(ctx, s, 7); err != nil {
		return err
	}
	for _, n := range []int{1, 3, 7, 8} {
		seen := map[domain.UserID]int{}
		_, users, err := walkAll(ctx, s, n, func(u *domain.User) { seen[u.ID]++ })
		if err != nil || users != 7 || len(seen) != 7 {
			return fmt.Errorf("%d at a time: it says %d users, and f saw %d, %v", n, users, len(seen), err)
		}
	}
	return nil
}

func onlyLogouts(ctx context.Context, s Crowd) error {
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	if _, err := signIn(ctx, s, at(0), userID(0), sessionID(0)); err != nil {
		return err
	}
	want := map[int]domain.User{}
	for i := range 2 {
		u, _, err := look(ctx, s, userID(i))
		if err != nil {
			return err
		}
		u.LogOut(at(time.Microsecond), domain.ByAdministrator)
		want[i] = u
	}
	_, _, err := s.LogOutEach(ctx, "", 10, func(u *domain.User) {
		u.LogOut(at(time.Microsecond), domain.ByAdministrator)
		u.Email, u.PasswordHash, u.Roles, u.DisabledAt = "x@example.com", "x", nil, at(0)
	})
	if err != nil {
		return fmt.Errorf("LogOutEach: %w", err)
	}
	for i := range 2 {
		if err := sameAccount(ctx, s, want[i]); err != nil {
			return err
		}
	}
	found, err := s.Standings(ctx, sessionID(0))
	if err != nil || found[sessionID(0)].Refuse(at(time.Second)) == nil {
		return fmt.Errorf("after it the session stands, %v", err)
	}
	_, _, err = s.LogOutEach(ctx, "", 10, func(u *domain.User) { u.LogoutTime, u.LogoutReason = time.Time{}, "" })
	if err != nil {
		return fmt.Errorf("LogOutEach: %w", err)
	}
	u := want[0]
	u.LogoutTime, u.LogoutReason = time.Time{}, ""
	return sameAccount(ctx, s, u)
}

func behindAnyText(ctx context.Context, s Crowd) error {
	if err := people(ctx, s, 3); err != nil {
		return err
	}
	for _, c := range []struct {
		after domain.UserID
		want  int
	}{
		{"0", 3}, {userID(0)[:20], 3}, {userID(0), 2}, {userID(0) + "x", 2}, {userID(1), 1}, {userID(2), 0}, {"g", 0}, {"\xff", 0}, {"f\x00", 0}, {"\x00", 3},
	} {
		last, n, err := s.LogOutEach(ctx, c.after, 5, func(*domain.User) {})
		if err != nil || n != c.want || last != "" {
			return fmt.Errorf("after %q it came to %d, as far as %q, %v; there are %d", c.after, n, last, err, c.want)
		}
	}
	return nil
}

func panicInPage(ctx context.Context, s Crowd) error {
	if err := people(ctx, s, 3); err != nil {
		return err
	}
	for range 20 { // more often than anybody has connections
		calls := 0
		err := func() (err error) {
			defer func() {
				if recover() == nil {
					err = errors.New("the panic of f did not come through")
				}
			}()
			_, _, err = s.LogOutEach(ctx, "", 5, func(u *domain.User) {
				if calls++; calls == 3 {
					panic("f lost its head")
				}
				u.LogOut(at(0), domain.ByAdministrator)
			})
			return err
		}()
		if err != nil {
			return err
		}
	}
	return sameAccount(ctx, s, person(0))
}

func walkBesideChanges(ctx context.Context, s Crowd) error {
	const users, rounds = 5, 10
	if err := people(ctx, s, users); err != nil {
		return err
	}
	err := atOnce(users+1, func(i int) error {
		for r := range rounds {
			if i < users {
				if _, err := signIn(ctx, s, at(time.Duration(r)*time.Second), userID(i), sessionID(100*i+r)); err != nil {
					return err
				}
				continue
			}
			if _, _, err := walkAll(ctx, s, 2, logOutAt(at(0))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, _, err := walkAll(ctx, s, 2, logOutAt(at(0))); err != nil {
		return err
	}
	var ids []domain.SessionID
	for i := range users * 100 {
		ids = append(ids, sessionID(i))
	}
	found, err := s.Standings(ctx, ids...)
	if err != nil || len(found) != users*rounds {
		return fmt.Errorf("%d sessions of %d are left, %v", len(found), users*rounds, err)
	}
	for id, st := range found {
		if st.Refuse(at(time.Minute)) == nil { // each login was before the last walk
			return fmt.Errorf("the session %s stands: login %v, logout %v", id, st.LoginTime, st.LogoutTime)
		}
	}
	return nil
}

func walkCancelled(ctx context.Context, s Crowd) error {
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, n, err := s.LogOutEach(gone, "", 5, logOutAt(at(0)))
	if n != 0 {
		return fmt.Errorf("LogOutEach with a cancelled context came to %d", n)
	}
	return errors.Join(failed("LogOutEach", err), sameAccount(ctx, s, person(0)))
}
