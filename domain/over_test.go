package domain_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func TestOverSoFar(t *testing.T) {
	day := 24 * time.Hour
	login := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return login.Add(d) }
	user := domain.User{ID: "u", LoginTime: login}
	session := domain.Session{ID: "s", UserID: "u", LoginTime: login, IdleUntil: at(7 * day), Until: at(30 * day)}
	for name, c := range map[string]struct {
		change func(*domain.User, *domain.Session)
		now    time.Time
		want   domain.Over
	}{
		"stands":             {func(*domain.User, *domain.Session) {}, at(day), domain.Over{}},
		"stands to the last": {func(*domain.User, *domain.Session) {}, at(7*day - 1), domain.Over{}},
		"idle":               {func(*domain.User, *domain.Session) {}, at(7 * day), domain.Over{How: domain.TooIdle, Since: at(7 * day)}},
		"too old, and as idle": {func(_ *domain.User, s *domain.Session) { s.IdleUntil = s.Until },
			at(31 * day), domain.Over{How: domain.TooOld, Since: at(30 * day)}},
		"ended": {func(_ *domain.User, s *domain.Session) { s.EndedAt, s.EndReason = at(day), domain.ByReuse },
			at(2 * day), domain.Over{How: domain.EndedItself, Since: at(day), Why: domain.ByReuse}},
		"logged out": {func(u *domain.User, _ *domain.Session) { u.LogoutTime, u.LogoutReason = at(day), domain.ByPassword },
			at(2 * day), domain.Over{How: domain.LoggedOut, Since: at(day), Why: domain.ByPassword}},
		"logged out before it began": {func(u *domain.User, _ *domain.Session) { u.LogoutTime = at(-domain.Tick) }, at(day), domain.Over{}},
		"disabled":                   {func(u *domain.User, _ *domain.Session) { u.DisabledAt = at(day) }, at(2 * day), domain.Over{How: domain.OfDisabled, Since: at(day)}},
		"what came first": {func(u *domain.User, s *domain.Session) {
			u.LogoutTime, u.LogoutReason, u.DisabledAt = at(3*day), domain.ByDisabling, at(3*day)
			s.EndedAt, s.EndReason = at(2*day), domain.ByLogout
		}, at(40 * day), domain.Over{How: domain.EndedItself, Since: at(2 * day), Why: domain.ByLogout}},
	} {
		u, s := user, session
		c.change(&u, &s)
		if got, over := s.OverSoFar(u, c.now); got != c.want || over != (c.want != domain.Over{}) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, over, c.want)
		}
	}
}

// Whatever the times, it says that a session is over exactly when the rule does.
func TestOverSoFarIsTheRule(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	some := func(zero bool) time.Time {
		if zero && r.IntN(2) == 0 {
			return time.Time{}
		}
		return begin.Add(time.Duration(r.IntN(5)) * domain.Tick)
	}
	seen := map[domain.End]int{}
	for range 20000 {
		u := domain.User{ID: "u", LogoutTime: some(true), DisabledAt: some(true)}
		s := domain.Session{ID: "s", UserID: "u", LoginTime: some(false), EndedAt: some(true), IdleUntil: some(false), Until: some(false)}
		now := some(false)
		how, over := s.OverSoFar(u, now)
		if refused := domain.StandingOf(u, s).Refuse(now); over != (refused != nil) || over && how.Since.IsZero() {
			t.Fatalf("%+v %+v at %v: got %+v, %v; the rule says %v", u, s, now, how, over, refused)
		}
		seen[how.How]++
	}
	if len(seen) != 6 {
		t.Errorf("seen only %v", seen)
	}
}
