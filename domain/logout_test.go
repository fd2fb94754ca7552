package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// clocks are where the clock of another node may be when this one's says noon.
var clocks = map[string]time.Time{
	"the same instant": noon,
	"a tick later":     noon.Add(domain.Tick),
	"a tick earlier":   noon.Add(-domain.Tick),
	"within a tick":    noon.Add(domain.Tick - 1),
	"an hour ahead":    noon.Add(time.Hour),
	"an hour behind":   noon.Add(-time.Hour),
	"the far future":   time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	"the epoch":        time.Unix(0, 0),
}

func TestLogOut(t *testing.T) {
	for clock, there := range clocks {
		t.Run("global ends every session for ever/"+clock, func(t *testing.T) {
			d := newDesk(t)
			d.open(noon, 1)
			d.open(noon, 2)
			by := d.open(there, 3) // where the logout happens; so it is live there
			d.change(func(a *domain.Account) {
				if !a.LogOut(there, by.ID, domain.Global) {
					t.Fatal("a live session could not log out")
				}
			}, by.ID)
			for n := 4; n < 8; n++ { // and later logins revive nothing
				d.open(noon, n)
				for old := 1; old <= 3; old++ {
					for name, now := range clocks {
						if err := d.refuse(now, sid(old)); !errors.Is(err, domain.TokenRevoked) {
							t.Errorf("login %d, %s: session %d: got %v, want %v", n, name, old, err, domain.TokenRevoked)
						}
					}
				}
				if err := d.refuse(noon, sid(n)); err != nil {
					t.Errorf("a session opened after the logout: got %v, want none", err)
				}
			}
			if d.user.LogoutReason != domain.ByLogout {
				t.Errorf("reason: got %q, want %q", d.user.LogoutReason, domain.ByLogout)
			}
		})
		t.Run("others keeps the caller and ends the rest/"+clock, func(t *testing.T) {
			d := newDesk(t)
			d.open(noon, 1)
			by := d.open(there, 2)
			d.open(noon, 3)
			c := d.change(func(a *domain.Account) {
				if !a.LogOut(there, by.ID, domain.Others) {
					t.Fatal("a live session could not log out")
				}
			}, by.ID)
			if c.User == nil || len(c.Changed) != 1 || c.Changed[0].ID != by.ID {
				t.Errorf("changes: got %v, want the user and the caller's session", c)
			}
			for _, old := range []int{1, 3} {
				if err := d.refuse(noon, sid(old)); !errors.Is(err, domain.TokenRevoked) {
					t.Errorf("session %d: got %v, want %v", old, err, domain.TokenRevoked)
				}
			}
			if err := d.refuse(there, by.ID); err != nil {
				t.Errorf("the caller: got %v, want none", err)
			}
			if d.user.LogoutReason != domain.ByLogout {
				t.Errorf("reason: got %q, want %q", d.user.LogoutReason, domain.ByLogout)
			}
		})
	}
	t.Run("local ends the caller's session and says why", func(t *testing.T) {
		d := newDesk(t)
		d.open(noon, 1)
		d.open(noon, 2)
		now := noon.Add(time.Minute + 1)
		c := d.change(func(a *domain.Account) { a.LogOut(now, sid(1), domain.Local) }, sid(1))
		if c.User != nil || len(c.Changed) != 1 {
			t.Fatalf("changes: got %v, want one session", c)
		}
		if s := c.Changed[0]; !s.EndedAt.Equal(noon.Add(time.Minute)) || s.EndReason != domain.ByLogout {
			t.Errorf("got ended at %v by %q, want %v by %q", s.EndedAt, s.EndReason, noon.Add(time.Minute), domain.ByLogout)
		}
		if err := d.refuse(now, sid(1)); !errors.Is(err, domain.TokenRevoked) {
			t.Errorf("the caller: got %v, want %v", err, domain.TokenRevoked)
		}
		if err := d.refuse(now, sid(2)); err != nil {
			t.Errorf("the other: got %v, want none", err)
		}
	})
}

func TestLogOutBySessionThatIsOver(t *testing.T) {
	over := map[string]func(*desk) (now time.Time, by domain.SessionID){
		"ended": func(d *desk) (time.Time, domain.SessionID) {
			d.change(func(a *domain.Account) { a.LogOut(noon, sid(1), domain.Local) }, sid(1))
			return noon, sid(1)
		},
		"logged out, and a login since": func(d *desk) (time.Time, domain.SessionID) {
			d.change(func(a *domain.Account) { a.LogOut(noon, sid(1), domain.Global) }, sid(1))
			d.open(noon, 3)
			return noon, sid(1)
		},
		"past its absolute age": func(*desk) (time.Time, domain.SessionID) { return noon.Add(life.Absolute), sid(1) },
		"past its idle age":     func(*desk) (time.Time, domain.SessionID) { return noon.Add(life.Idle), sid(1) },
		"its user disabled": func(d *desk) (time.Time, domain.SessionID) {
			d.change(func(a *domain.Account) { a.Disable(noon) })
			return noon, sid(1)
		},
		"unknown": func(*desk) (time.Time, domain.SessionID) { return noon, sid(9) },
		"no ID":   func(*desk) (time.Time, domain.SessionID) { return noon, "" },
	}
	for name, end := range over {
		for _, scope := range []domain.Scope{domain.Global, domain.Local, domain.Others} {
			t.Run(name+"/"+string(scope)+" changes nothing", func(t *testing.T) {
				d := newDesk(t)
				d.open(noon, 1)
				d.open(noon, 2)
				now, by := end(d)
				c := d.change(func(a *domain.Account) {
					if a.LogOut(now, by, scope) {
						t.Error("LogOut said that it did")
					}
				}, by, sid(2))
				if !none(c) {
					t.Errorf("changes: got %v, want none", c)
				}
			})
		}
	}
	t.Run("another user's session changes nothing", func(t *testing.T) {
		theirs := domain.Session{ID: sid(5), UserID: uid(2), LoginTime: noon, IdleUntil: noon.Add(day), Until: noon.Add(day)}
		a := domain.NewAccount(user(), theirs)
		if a.LogOut(noon, theirs.ID, domain.Global) || !none(a.Changes()) {
			t.Errorf("changes: got %v, want none", a.Changes())
		}
	})
	t.Run("a scope that is none changes nothing", func(t *testing.T) {
		d := newDesk(t)
		d.open(noon, 1)
		c := d.change(func(a *domain.Account) {
			if a.LogOut(noon, sid(1), "all") {
				t.Error("LogOut said that it did")
			}
		}, sid(1))
		if !none(c) {
			t.Errorf("changes: got %v, want none", c)
		}
	})
}

func TestLogOutEverywhere(t *testing.T) {
	d := newDesk(t)
	d.open(noon, 1)
	d.change(func(a *domain.Account) { a.LogOutEverywhere(noon.Add(-time.Hour)) })
	if err := d.refuse(noon, sid(1)); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("got %v, want %v", err, domain.TokenRevoked)
	}
	if d.user.LogoutReason != domain.ByAdministrator {
		t.Errorf("reason: got %q, want %q", d.user.LogoutReason, domain.ByAdministrator)
	}
	d.open(noon, 2)
	if err := d.refuse(noon, sid(2)); err != nil {
		t.Errorf("a session opened after it: got %v, want none", err)
	}
}

func TestParseScope(t *testing.T) {
	for in, want := range map[string]domain.Scope{
		"": domain.Global, "global": domain.Global, "local": domain.Local, "others": domain.Others,
	} {
		if got, err := domain.ParseScope(in); err != nil || got != want {
			t.Errorf("ParseScope(%q): got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"all", "Global", "global ", "local,others", "\x00"} {
		got, err := domain.ParseScope(in)
		if got != "" {
			t.Errorf("ParseScope(%q): got %q beside the error", in, got)
		}
		denied(t, in, err, domain.RequestInvalid, "scope")
	}
}

// denied fails the test unless the error is this refusal of this field.
func denied(t *testing.T, what string, err error, refusal domain.Refusal, field string) {
	t.Helper()
	var d *domain.Denied
	if !errors.As(err, &d) || !errors.Is(err, refusal) || d.Field != field {
		t.Errorf("%q: got %v, want %s of the field %s", what, err, refusal, field)
	}
}
