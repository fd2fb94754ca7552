package domain_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func TestOpen(t *testing.T) {
	t.Run("takes its times from the clock, cut to what stores keep", func(t *testing.T) {
		d := newDesk(t)
		o := opening(1)
		now := noon.Add(999).In(time.FixedZone("", 3600))
		var s domain.Session
		c := d.change(func(a *domain.Account) { s, _ = a.Open(now, o) })
		want := domain.Session{
			ID: o.ID, UserID: d.user.ID, LoginTime: noon, CreatedAt: noon, RefreshedAt: noon, IdleUntil: noon.Add(life.Idle),
			Until: noon.Add(life.Absolute), Methods: o.Methods, UserAgent: o.UserAgent, IP: o.IP,
		}
		if !s.Equal(want) || len(c.Opened) != 1 || !c.Opened[0].Equal(want) || c.Changed != nil {
			t.Errorf("got %+v and changes %v, want %+v", s, c, want)
		}
		if s.CreatedAt != noon || s.RefreshedAt != noon {
			t.Errorf("got %v and %v, want the Instant %v", s.CreatedAt, s.RefreshedAt, noon)
		}
		if c.User == nil || !c.User.LoginTime.Equal(noon) {
			t.Errorf("the user: got %v, want a login at %v", c.User, noon)
		}
	})
	t.Run("ages count from the clock, and a login from the hybrid clock", func(t *testing.T) {
		d := newDesk(t)
		ahead := noon.Add(1000 * day)
		d.change(func(a *domain.Account) { a.LogOutEverywhere(ahead) })
		s := d.open(noon, 1)
		if !s.LoginTime.Equal(ahead.Add(domain.Tick)) || !s.CreatedAt.Equal(noon) || !s.RefreshedAt.Equal(noon) ||
			!s.Until.Equal(noon.Add(life.Absolute)) || !s.IdleUntil.Equal(noon.Add(life.Idle)) {
			t.Errorf("got %+v", s)
		}
	})
	t.Run("the idle age ends with the absolute one", func(t *testing.T) {
		for idle, want := range map[time.Duration]time.Duration{
			day: day, life.Absolute: life.Absolute, life.Absolute + 1: life.Absolute, 90 * day: life.Absolute,
		} {
			o := opening(1)
			o.Lifetime.Idle = idle
			s, err := domain.NewAccount(user()).Open(noon, o)
			if err != nil || !s.IdleUntil.Equal(noon.Add(want)) {
				t.Errorf("idle %v: got %v, %v, want %v", idle, s.IdleUntil, err, noon.Add(want))
			}
		}
	})
	t.Run("a renewed hash takes the verified one's place, once", func(t *testing.T) {
		d := newDesk(t)
		o := opening(1)
		o.Renewed = "a newer hash"
		c := d.change(func(a *domain.Account) { a.Open(noon, o) })
		if c.User == nil || c.User.PasswordHash != o.Renewed {
			t.Fatalf("changes: got %v, want the hash %q", c.User, o.Renewed)
		}
		o.ID, o.Renewed = sid(2), "a third hash" // verified before the first was saved
		c = d.change(func(a *domain.Account) {
			if _, err := a.Open(noon, o); !errors.Is(err, domain.ErrPasswordChanged) {
				t.Errorf("got %v, want %v", err, domain.ErrPasswordChanged)
			}
		})
		if !none(c) {
			t.Errorf("changes: got %v, want none", c)
		}
	})
	t.Run("nothing renewed leaves the hash", func(t *testing.T) {
		d := newDesk(t)
		d.open(noon, 1)
		if d.user.PasswordHash != hash {
			t.Errorf("got %q, want %q", d.user.PasswordHash, hash)
		}
	})
	t.Run("refusals change nothing", func(t *testing.T) {
		for name, c := range map[string]struct {
			spoil    func(*domain.User)
			verified string
			want     error
		}{
			"disabled":                       {func(u *domain.User) { u.DisabledAt = noon }, hash, domain.InvalidCredentials},
			"disabled, another hash":         {func(u *domain.User) { u.DisabledAt = noon }, "old", domain.InvalidCredentials},
			"no password":                    {func(u *domain.User) { u.PasswordHash = "" }, "", domain.InvalidCredentials},
			"no password any more":           {func(u *domain.User) { u.PasswordHash = "" }, hash, domain.InvalidCredentials},
			"another password":               {func(u *domain.User) { u.PasswordHash = "new" }, hash, domain.ErrPasswordChanged},
			"nothing was verified":           {func(*domain.User) {}, "", domain.ErrPasswordChanged},
			"the hash that is to be, itself": {func(*domain.User) {}, "renewed", domain.ErrPasswordChanged},
		} {
			u := user()
			c.spoil(&u)
			a := domain.NewAccount(u)
			o := opening(1)
			o.Verified, o.Renewed = c.verified, "renewed"
			s, err := a.Open(noon, o)
			if !errors.Is(err, c.want) || s.ID != "" || !none(a.Changes()) {
				t.Errorf("%s: got %+v, %v and changes %v, want %v and none", name, s, err, a.Changes(), c.want)
			}
		}
	})
}

func TestDecisionsThatEndEverySession(t *testing.T) {
	for name, c := range map[string]struct {
		decide func(*domain.Account, time.Time)
		reason domain.Reason
	}{
		"set password": {func(a *domain.Account, now time.Time) { a.SetPassword(now, "new") }, domain.ByPassword},
		"disable":      {func(a *domain.Account, now time.Time) { a.Disable(now) }, domain.ByDisabling},
	} {
		for clock, now := range clocks {
			t.Run(name+"/"+clock, func(t *testing.T) {
				d := newDesk(t)
				d.open(noon, 1)
				d.open(now, 2)
				changes := d.change(func(a *domain.Account) { c.decide(a, now) }) // names no session, ends them all
				if changes.User == nil || changes.Changed != nil {
					t.Errorf("changes: got %v, want the user alone", changes)
				}
				d.change(func(a *domain.Account) { a.Enable() })
				for n := 1; n <= 2; n++ {
					for at, when := range clocks {
						if err := d.refuse(when, sid(n)); !errors.Is(err, domain.TokenRevoked) {
							t.Errorf("%s: session %d: got %v, want %v", at, n, err, domain.TokenRevoked)
						}
					}
				}
				if d.user.LogoutReason != c.reason {
					t.Errorf("reason: got %q, want %q", d.user.LogoutReason, c.reason)
				}
			})
		}
	}
	t.Run("set password takes effect, also for a user who had none", func(t *testing.T) {
		u := user()
		u.PasswordHash = ""
		a := domain.NewAccount(u)
		a.SetPassword(noon, "new")
		if c := a.Changes(); c.User == nil || c.User.PasswordHash != "new" {
			t.Errorf("changes: got %v", c)
		}
	})
}

func TestDisable(t *testing.T) {
	d := newDesk(t)
	d.change(func(a *domain.Account) { a.Disable(noon.Add(999)) })
	if !d.user.DisabledAt.Equal(noon) || d.user.DisabledAt != noon || !d.user.Disabled() {
		t.Fatalf("got %v, want the Instant %v", d.user.DisabledAt, noon)
	}
	if c := d.change(func(a *domain.Account) { a.Disable(noon.Add(time.Hour)) }); !none(c) {
		t.Errorf("a second time: changes: got %v, want none", c)
	}
	d.change(func(a *domain.Account) { a.Enable() })
	if d.user.Disabled() {
		t.Error("still disabled after Enable")
	}
	if c := d.change(func(a *domain.Account) { a.Enable() }); !none(c) {
		t.Errorf("Enable of an enabled user: changes: got %v, want none", c)
	}
	d.open(noon, 1)
	if err := d.refuse(noon, sid(1)); err != nil {
		t.Errorf("a session opened after Enable: got %v, want none", err)
	}
}

func TestSetRoles(t *testing.T) {
	for name, c := range map[string]struct{ in, want []domain.Role }{
		"sorts":                     {[]domain.Role{"c", "a", "b"}, []domain.Role{"a", "b", "c"}},
		"each once, wherever it is": {[]domain.Role{"b", "a", "b", "a", "b"}, []domain.Role{"a", "b"}},
		"none":                      {nil, nil},
	} {
		d := newDesk(t)
		changes := d.change(func(a *domain.Account) { a.SetRoles(c.in...) })
		if changes.User == nil || !slices.Equal(d.user.Roles, c.want) {
			t.Errorf("%s: got %v, want %v", name, d.user.Roles, c.want)
		}
	}
	d := newDesk(t)
	if c := d.change(func(a *domain.Account) { a.SetRoles("billing", "admin") }); !none(c) {
		t.Errorf("the same roles in another order: changes: got %v, want none", c)
	}
}

func TestDelete(t *testing.T) {
	d := newDesk(t)
	d.open(noon, 1)
	a := domain.NewAccount(d.user, d.sessions...)
	a.LogOutEverywhere(noon)
	a.Delete()
	c := a.Changes()
	if !c.Deleted || c.User != nil || c.Opened != nil || c.Changed != nil {
		t.Errorf("changes: got %v, want Deleted and nothing else", c)
	}
}

func TestNewAccount(t *testing.T) {
	mine := domain.Session{ID: sid(1), UserID: uid(1)}
	theirs := domain.Session{ID: sid(2), UserID: uid(2)}
	a := domain.NewAccount(user(), theirs, mine)
	if s, ok := a.Session(mine.ID); !ok || !s.Equal(mine) {
		t.Errorf("the user's session: got %v, %v", s, ok)
	}
	for _, id := range []domain.SessionID{theirs.ID, sid(3), ""} {
		if s, ok := a.Session(id); ok || s.ID != "" {
			t.Errorf("session %q: got %v, want none", id, s)
		}
	}
	if c := a.Changes(); !none(c) {
		t.Errorf("changes before any decision: got %v, want none", c)
	}
}

// TestAccountSharesNothing: a store may keep what it gave and what it got.
func TestAccountSharesNothing(t *testing.T) {
	u := user()
	s := domain.Session{ID: sid(1), UserID: u.ID, Methods: []domain.Method{domain.PasswordMethod}, IdleUntil: noon.Add(day), Until: noon.Add(day), LoginTime: noon}
	a := domain.NewAccount(u, s)
	u.Roles[0], s.Methods[0] = "spoilt", "spoilt"
	if !none(a.Changes()) || a.User.Roles[0] != "admin" {
		t.Errorf("what was given changed under the account: %v, %v", a.User, a.Changes())
	}
	got, _ := a.Session(sid(1))
	if got.Methods[0] != domain.PasswordMethod {
		t.Errorf("what was given changed under the account: %v", got)
	}
	got.Methods[0] = "spoilt"
	opened, err := a.Open(noon, opening(2))
	if err != nil {
		t.Fatal(err)
	}
	opened.Methods[0] = "spoilt"
	if s, became, _ := a.Refresh(noon, sid(1), 0, window); became != domain.Rotated {
		t.Fatal(became)
	} else {
		s.Methods[0] = "spoilt"
	}
	if s, became, _ := a.Refresh(noon, sid(1), 0, window); became != domain.Repeated {
		t.Fatal(became)
	} else {
		s.Methods[0] = "spoilt"
	}
	a.User.Roles[0] = "auditor" // in place: the account has to see it
	c := a.Changes()
	if c.User == nil || c.User.Roles[0] != "auditor" {
		t.Fatalf("changes: got %v, want the role auditor", c)
	}
	c.User.Roles[0], c.Opened[0].Methods[0], c.Changed[0].Methods[0] = "spoilt", "spoilt", "spoilt"
	again := a.Changes()
	if again.User.Roles[0] != "auditor" || again.Opened[0].Methods[0] != domain.PasswordMethod || again.Changed[0].Methods[0] != domain.PasswordMethod {
		t.Errorf("what was returned is the account's own: %v", again)
	}
	if s, became, _ := a.Refresh(noon, sid(1), 7, window); became != domain.Reused {
		t.Fatal(became)
	} else {
		s.Methods[0] = "spoilt"
	}
	if got, _ := a.Session(sid(1)); got.Methods[0] != domain.PasswordMethod {
		t.Errorf("what was returned is the account's own: %v", got)
	}
}
