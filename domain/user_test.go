package domain_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func TestLogIn(t *testing.T) {
	const h = time.Hour
	for name, c := range map[string]struct{ login, logout, now, want time.Duration }{ // since noon
		"the clock, when it is the latest":     {-h, -h, 0, 0},
		"a tick after the logout":              {-h, 0, 0, domain.Tick},
		"a tick after a logout that is ahead":  {-h, h, 0, h + domain.Tick},
		"the clock, a tick after the logout":   {-h, 0, domain.Tick, domain.Tick},
		"never before the login before":        {h, -h, 0, h},
		"within a tick of the logout":          {-h, 0, domain.Tick - 1, domain.Tick},
		"the login before, ahead of both":      {2 * h, h, 0, 2 * h},
		"the same instant as the login before": {0, -h, 0, 0},
		"cut to the tick":                      {-h, -h, 999, 0},
	} {
		u := domain.User{LoginTime: noon.Add(c.login), LogoutTime: noon.Add(c.logout)}
		if got := u.LogIn(noon.Add(c.now)); got != noon.Add(c.want) || u.LoginTime != got || u.LogoutTime != noon.Add(c.logout) {
			t.Errorf("%s: got %v (user %v), want %v", name, got, u, noon.Add(c.want))
		}
	}
	t.Run("the first one is the clock's, wherever that is", func(t *testing.T) {
		for name, now := range clocks {
			var u domain.User
			if got := u.LogIn(now); !got.Equal(domain.Instant(now)) {
				t.Errorf("%s: got %v, want %v", name, got, now)
			}
		}
		var u domain.User
		if got := u.LogIn(time.Time{}); !got.IsZero() {
			t.Errorf("a clock that was never set: got %v, want never", got)
		}
	})
	t.Run("who never logged out has no logout", func(t *testing.T) {
		var u domain.User
		u.LogIn(noon)
		if !u.LogoutTime.IsZero() || u.LogoutReason != "" {
			t.Errorf("got %v %q", u.LogoutTime, u.LogoutReason)
		}
	})
}

func TestUserLogOut(t *testing.T) {
	const h = time.Hour
	for name, c := range map[string]struct{ login, logout, now, want time.Duration }{
		"the clock, when it is the latest": {-h, -h, 0, 0},
		"never before the login":           {h, -h, 0, h},
		"never before the logout before":   {-h, h, 0, h},
		"the same instant as the login":    {0, -h, 0, 0},
		"cut to the tick":                  {-h, -h, 999, 0},
	} {
		u := domain.User{LoginTime: noon.Add(c.login), LogoutTime: noon.Add(c.logout)}
		u.LogOut(noon.Add(c.now), domain.ByPassword)
		if u.LogoutTime != noon.Add(c.want) || u.LoginTime != noon.Add(c.login) || u.LogoutReason != domain.ByPassword {
			t.Errorf("%s: got %v, want a logout at %v", name, u, noon.Add(c.want))
		}
	}
}

// TestHybridClock: whatever the clocks say, neither time ever goes back, a logout is at or after every login before
// it, and a login is after every logout before it.
func TestHybridClock(t *testing.T) {
	r := draw(t)
	for range 500 {
		var u domain.User
		for range 20 {
			before := u
			now := noon.Add(time.Duration(r.IntN(7)-3) * domain.Tick)
			if r.IntN(4) == 0 {
				now = noon.Add(time.Duration(r.Int64N(int64(24 * time.Hour))))
			}
			if r.IntN(2) == 0 {
				u.LogIn(now)
				if !u.LoginTime.After(u.LogoutTime) {
					t.Fatalf("a login at %v, the logout before it at %v", u.LoginTime, u.LogoutTime)
				}
			} else {
				u.LogOut(now, domain.ByLogout)
				if u.LogoutTime.Before(u.LoginTime) {
					t.Fatalf("a logout at %v, the login before it at %v", u.LogoutTime, u.LoginTime)
				}
			}
			if u.LoginTime.Before(before.LoginTime) || u.LogoutTime.Before(before.LogoutTime) {
				t.Fatalf("went back: from %v to %v", before, u)
			}
		}
	}
}

func TestUserEqual(t *testing.T) {
	u := user()
	elsewhere := u
	elsewhere.CreatedAt = u.CreatedAt.In(time.FixedZone("", 3600))
	if !u.Equal(u.Clone()) || !u.Equal(elsewhere) {
		t.Error("a user is not equal to itself")
	}
	each(t, u, func(field string, differs domain.User) {
		if u.Equal(differs) || differs.Equal(u) {
			t.Errorf("%s differs, and Equal does not see it", field)
		}
	})
}

func TestUserDisabled(t *testing.T) {
	if (domain.User{}).Disabled() || !(domain.User{DisabledAt: time.Unix(0, 0)}).Disabled() {
		t.Error("disabled is who has a time of it, and nobody else")
	}
}

func TestUserCloneSharesNothing(t *testing.T) {
	u := user()
	u.Clone().Roles[0] = "spoilt"
	if u.Roles[0] != "admin" {
		t.Error("the clone's roles are the user's")
	}
}
