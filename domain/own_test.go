package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// owns is every decision of a caller about their own account that asks for the password.
var owns = map[string]func(*domain.Account, time.Time, domain.Confirmation) error{
	"a new password": func(a *domain.Account, now time.Time, c domain.Confirmation) error {
		_, err := a.ChangePassword(now, c, "the new hash", opening(9))
		return err
	},
	"a new email": func(a *domain.Account, now time.Time, c domain.Confirmation) error {
		return a.ChangeEmail(now, c, "bea@example.com")
	},
	"a deletion": func(a *domain.Account, now time.Time, c domain.Confirmation) error { return a.DeleteOwn(now, c) },
}

// Every decision repeats under the lock what it was authorised by.
func TestOwnDecisionsAreConfirmedUnderTheLock(t *testing.T) {
	for name, decide := range owns {
		for why, c := range map[string]struct {
			before func(*domain.Account)
			given  domain.Confirmation
			after  time.Duration
			want   error
		}{
			"the session is logged out": {func(a *domain.Account) { a.LogOutEverywhere(noon) }, domain.Confirmation{By: sid(1), Verified: hash}, 0, domain.TokenRevoked},
			"the session ended":         {func(a *domain.Account) { a.LogOut(noon, sid(1), domain.Local) }, domain.Confirmation{By: sid(1), Verified: hash}, 0, domain.TokenRevoked},
			"the user is disabled":      {func(a *domain.Account) { a.Disable(noon) }, domain.Confirmation{By: sid(1), Verified: hash}, 0, domain.TokenRevoked},
			"the session is unknown":    {func(*domain.Account) {}, domain.Confirmation{By: sid(7), Verified: hash}, 0, domain.TokenRevoked},
			"the session is too old":    {func(*domain.Account) {}, domain.Confirmation{By: sid(1), Verified: hash}, life.Idle, domain.SessionExpired},
			"the password changed":      {func(*domain.Account) {}, domain.Confirmation{By: sid(1), Verified: "another hash"}, 0, domain.ErrPasswordChanged},
		} {
			t.Run(name+"/"+why, func(t *testing.T) {
				d := newDesk(t)
				d.open(noon, 1)
				d.change(c.before, sid(1))
				changes := d.change(func(a *domain.Account) {
					if err := decide(a, noon.Add(c.after), c.given); !errors.Is(err, c.want) {
						t.Errorf("got %v, want %v", err, c.want)
					}
				}, sid(1))
				if !none(changes) {
					t.Errorf("changes: got %+v, want none", changes)
				}
			})
		}
	}
}

// T037: whatever the clocks say, a new password ends every session but the one that it opens.
func TestChangePassword(t *testing.T) {
	for clock, there := range clocks {
		t.Run(clock, func(t *testing.T) {
			d := newDesk(t)
			d.open(noon, 1)
			d.open(there, 2)
			d.change(func(a *domain.Account) {
				s, err := a.ChangePassword(there, domain.Confirmation{By: sid(2), Verified: hash}, "the new hash", opening(3))
				if err != nil || s.ID != sid(3) {
					t.Fatalf("got %+v, %v", s, err)
				}
			}, sid(2))
			if d.user.PasswordHash != "the new hash" || d.user.LogoutReason != domain.ByPassword {
				t.Errorf("the user: %+v", d.user)
			}
			for n := 1; n <= 2; n++ {
				if err := d.refuse(there, sid(n)); !errors.Is(err, domain.TokenRevoked) {
					t.Errorf("session %d: got %v, want %v", n, err, domain.TokenRevoked)
				}
			}
			if err := d.refuse(there, sid(3)); err != nil {
				t.Errorf("the fresh session: %v", err)
			}
		})
	}
}

func TestChangeEmail(t *testing.T) {
	d := newDesk(t)
	d.open(noon, 1)
	d.change(func(a *domain.Account) { a.User.VerifiedAt = noon })
	confirmed := domain.Confirmation{By: sid(1), Verified: hash}
	d.change(func(a *domain.Account) { a.ChangeEmail(noon, confirmed, "ana@example.com") }, sid(1))
	if d.user.VerifiedAt.IsZero() {
		t.Error("the same email again is no longer verified")
	}
	d.change(func(a *domain.Account) { a.ChangeEmail(noon, confirmed, "bea@example.com") }, sid(1))
	if d.user.Email != "bea@example.com" || !d.user.VerifiedAt.IsZero() {
		t.Errorf("got %s, verified at %v", d.user.Email, d.user.VerifiedAt)
	}
	if err := d.refuse(noon, sid(1)); err != nil {
		t.Errorf("the session that asked: %v", err)
	}
}

func TestDeleteOwn(t *testing.T) {
	d := newDesk(t)
	d.open(noon, 1)
	c := d.change(func(a *domain.Account) { a.DeleteOwn(noon, domain.Confirmation{By: sid(1), Verified: hash}) }, sid(1))
	if !c.Deleted {
		t.Errorf("changes: %+v", c)
	}
}

// T071: one's own sessions, and nothing else.
func TestEnd(t *testing.T) {
	d := newDesk(t)
	d.open(noon, 1)
	d.open(noon, 2)
	d.open(noon, 3)
	later := noon.Add(time.Minute)
	end := func(by, id domain.SessionID) (domain.Changes, error) {
		var err error
		return d.change(func(a *domain.Account) { err = a.End(later, by, id) }, by, id), err
	}
	if c, err := end(sid(1), sid(2)); err != nil || len(c.Changed) != 1 || c.User != nil {
		t.Fatalf("another session: %+v, %v", c, err)
	}
	if s, _ := d.session(sid(2)); !s.EndedAt.Equal(later) || s.EndReason != domain.ByLogout {
		t.Errorf("it keeps %v, %q", s.EndedAt, s.EndReason)
	}
	if err := d.refuse(later, sid(1)); err != nil {
		t.Errorf("the session that asked: %v", err)
	}
	for name, id := range map[string]domain.SessionID{"one that ended": sid(2), "one that is unknown": sid(8)} {
		if c, err := end(sid(1), id); err != nil || !none(c) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if c, err := end(sid(2), sid(3)); !errors.Is(err, domain.TokenRevoked) || !none(c) {
		t.Errorf("on the word of a session that is over: %+v, %v", c, err)
	}
	if c, err := end(sid(1), sid(1)); err != nil || len(c.Changed) != 1 {
		t.Errorf("its own: %+v, %v", c, err)
	}
}
