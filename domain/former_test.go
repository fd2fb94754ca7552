package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func adoption(login time.Time) domain.Adoption {
	return domain.Adoption{ID: sid(1), LoggedIn: login, Until: noon.Add(time.Hour), Keep: noon.Add(2 * time.Hour)}
}

// TestATokenFromBeforeALogoutIsNeverAdopted: its time is cut to seconds, so that it has to be later than the logout, and
// later than what the service before refused.
func TestATokenFromBeforeALogoutIsNeverAdopted(t *testing.T) {
	u := domain.User{ID: "u", PasswordHash: "h", LogoutTime: noon}
	for name, c := range map[string]struct {
		change func(*domain.User, *domain.Adoption)
		login  time.Time
		want   error
	}{
		"a tick after":               {nil, noon.Add(domain.Tick), nil},
		"at the logout":              {nil, noon, domain.TokenRevoked},
		"within its second":          {func(u *domain.User, _ *domain.Adoption) { u.LogoutTime = noon.Add(900 * time.Millisecond) }, noon, domain.TokenRevoked},
		"of somebody never out":      {func(u *domain.User, _ *domain.Adoption) { u.LogoutTime = time.Time{} }, noon.Add(-time.Hour), nil},
		"of a disabled user":         {func(u *domain.User, _ *domain.Adoption) { u.DisabledAt = noon }, noon.Add(time.Minute), domain.TokenRevoked},
		"that was refused there":     {func(_ *domain.User, o *domain.Adoption) { o.Refused = noon.Add(time.Minute) }, noon.Add(time.Minute), domain.TokenRevoked},
		"from after it was":          {func(_ *domain.User, o *domain.Adoption) { o.Refused = noon.Add(time.Minute) }, noon.Add(time.Minute + 1000), nil},
		"whose time is over already": {func(_ *domain.User, o *domain.Adoption) { o.Until = noon.Add(2 * time.Minute) }, noon.Add(time.Minute), domain.SessionExpired},
	} {
		user, o := u, adoption(c.login)
		if c.change != nil {
			c.change(&user, &o)
		}
		a := domain.NewAccount(user)
		standing, err := a.Adopt(noon.Add(2*time.Minute), o)
		if !errors.Is(err, c.want) || (err == nil) != (len(a.Changes().Opened) == 1) || err == nil && (standing.User != "u" || !standing.LoginTime.Equal(c.login)) {
			t.Errorf("%s: %+v, %v", name, standing, err)
		}
		b := domain.NewAccount(user)
		if _, _, err := b.Exchange(noon.Add(time.Minute), o, domain.Refreshing{}); c.want != domain.SessionExpired && !errors.Is(err, c.want) {
			t.Errorf("%s, exchanged: %v", name, err)
		}
	}
}

// TestALogoutEndsATokenOfAClockThatWasAhead: its login is the user's too, and so not after the logout.
func TestALogoutEndsATokenOfAClockThatWasAhead(t *testing.T) {
	a := domain.NewAccount(domain.User{ID: "u"})
	if _, err := a.Adopt(noon, adoption(noon.Add(20*time.Second))); err != nil {
		t.Fatal(err)
	}
	a.LogOutEverywhere(noon.Add(time.Second))
	if s, _ := a.Session(sid(1)); domain.StandingOf(a.User, s).Refuse(noon.Add(time.Minute)) == nil {
		t.Error("it stands after the logout")
	}
	again := domain.NewAccount(a.User) // purged meanwhile
	if _, err := again.Adopt(noon.Add(time.Minute), adoption(noon.Add(20*time.Second))); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("it is adopted again: %v", err)
	}
}

func TestAnAdoptedSessionFollowsItsToken(t *testing.T) {
	a := domain.NewAccount(domain.User{ID: "u"})
	if _, err := a.Adopt(noon, adoption(noon)); err != nil {
		t.Fatal(err)
	}
	later := adoption(noon)
	later.Until = noon.Add(10 * time.Hour)
	if st, err := a.Adopt(noon.Add(5*time.Hour), later); err != nil || !st.Until.Equal(later.Until) || !st.IdleUntil.Equal(later.Until) {
		t.Errorf("%+v, %v", st, err)
	}
	a.LogOut(noon.Add(5*time.Hour), sid(1), domain.Local)
	later.Until = noon.Add(20 * time.Hour)
	if st, err := a.Adopt(noon.Add(6*time.Hour), later); !errors.Is(err, domain.TokenRevoked) || !st.Until.Equal(noon.Add(10*time.Hour)) {
		t.Errorf("one that ended: %+v, %v", st, err)
	}
}

func TestAnExchangeHappensOnce(t *testing.T) {
	r := domain.Refreshing{Idle: time.Hour, Retry: 10 * time.Second}
	o := adoption(noon.Add(-time.Hour))
	o.Until, o.Idle = noon.Add(30*time.Hour), time.Hour
	a := domain.NewAccount(domain.User{ID: "u"})
	first, outcome, err := a.Exchange(noon, o, r)
	if err != nil || outcome != domain.Rotated || !first.IdleUntil.Equal(noon.Add(time.Hour)) || !first.Until.Equal(o.Until) || !first.KeepUntil.Equal(o.Keep) {
		t.Fatalf("%+v %v %v", first, outcome, err)
	}
	if again, outcome, err := a.Exchange(noon.Add(10*time.Second), o, r); err != nil || outcome != domain.Repeated || !again.Equal(first) {
		t.Errorf("soon after: %+v %v %v", again, outcome, err)
	}
	b := domain.NewAccount(a.User, first)
	if _, outcome, err := b.Exchange(noon.Add(11*time.Second), o, r); err != nil || outcome != domain.Reused {
		t.Errorf("later: %v %v", outcome, err)
	}
	c := domain.NewAccount(a.User, first)
	if _, outcome, _ := c.Refresh(noon.Add(time.Second), sid(1), 0, r); outcome != domain.Rotated {
		t.Fatal("its successor is no refresh token")
	}
	if _, outcome, err := c.Exchange(noon.Add(2*time.Second), o, r); err != nil || outcome != domain.Reused {
		t.Errorf("after its successor was used: %v %v", outcome, err)
	}
}

func TestLogOutFormer(t *testing.T) {
	const longest = 30 * 24 * time.Hour
	expired := adoption(noon.Add(-time.Hour))
	expired.Until = noon.Add(-time.Minute)
	old := expired
	old.LoggedIn = noon.Add(-longest)
	out := domain.User{ID: "u", LogoutTime: noon.Add(-time.Hour)}
	for name, c := range map[string]struct {
		user  domain.User
		o     domain.Adoption
		scope domain.Scope
		want  bool
	}{
		"a live token":                    {domain.User{ID: "u"}, adoption(noon.Add(-time.Hour)), domain.Global, true},
		"a live token, alone":             {domain.User{ID: "u"}, adoption(noon.Add(-time.Hour)), domain.Local, true},
		"an expired token":                {domain.User{ID: "u"}, expired, domain.Global, true},
		"an expired token, alone":         {domain.User{ID: "u"}, expired, domain.Local, false},
		"one older than any session":      {domain.User{ID: "u"}, old, domain.Global, false},
		"one from before the last logout": {out, expired, domain.Global, false},
	} {
		a := domain.NewAccount(c.user)
		did := a.LogOutFormer(noon, c.o, c.scope, longest)
		out := !a.User.LogoutTime.Equal(c.user.LogoutTime)
		if did != c.want || out != (c.want && c.scope == domain.Global) {
			t.Errorf("%s: %t, and the user is logged out: %t", name, did, out)
		}
		if _, err := a.Adopt(noon, c.o); c.want && err == nil {
			t.Errorf("%s: the token begins a session after it", name)
		}
	}
}

func TestTakeOver(t *testing.T) {
	user := domain.User{ID: "u", Email: "a@example.com", PasswordHash: "h", LoginTime: noon, LogoutTime: noon.Add(-time.Hour), VerifiedAt: noon}
	a := domain.NewAccount(user)
	a.TakeOver(domain.Update{LoginTime: noon.Add(-time.Hour), LogoutTime: noon.Add(-2 * time.Hour),
		Password: domain.Replacement{Was: "another", Is: "x"}, Email: domain.Replacement{Was: "b@example.com", Is: "c@example.com"}})
	if a.Changes().User != nil {
		t.Errorf("what is older there, or was changed here, changed %+v", *a.Changes().User)
	}
	a.TakeOver(domain.Update{LogoutTime: noon.Add(time.Minute), Password: domain.Replacement{Was: "h", Is: "x"},
		Email: domain.Replacement{Was: "a@example.com", Is: "c@example.com"}})
	want := user
	want.LogoutTime, want.LogoutReason, want.PasswordHash, want.Email, want.VerifiedAt = noon.Add(time.Minute), domain.ByLogout, "x", "c@example.com", time.Time{}
	if !a.User.Equal(want) {
		t.Errorf("%+v", a.User)
	}
}

func TestImportedEqual(t *testing.T) {
	i := domain.Imported{Key: "1", Refused: noon}
	each(t, i, func(field string, differs domain.Imported) {
		if i.Equal(differs) || differs.Equal(i) {
			t.Errorf("%s differs, and Equal does not see it", field)
		}
	})
}
