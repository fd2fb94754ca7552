package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func standing() domain.Standing {
	return domain.Standing{
		Session: sid(1), LoginTime: noon, IdleUntil: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour),
		User: uid(1), Email: "ana@example.com", Roles: []domain.Role{"admin", "billing"},
	}
}

func TestRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*domain.Standing)
		after time.Duration
		want  error
	}{
		"stands":                              {func(*domain.Standing) {}, 0, nil},
		"unknown":                             {func(s *domain.Standing) { *s = domain.Standing{} }, 0, domain.TokenRevoked},
		"without an ID":                       {func(s *domain.Standing) { s.Session = "" }, 0, domain.TokenRevoked},
		"ended":                               {func(s *domain.Standing) { s.Ended = true }, 0, domain.TokenRevoked},
		"disabled":                            {func(s *domain.Standing) { s.Disabled = true }, 0, domain.TokenRevoked},
		"logged out in the instant of login":  {func(s *domain.Standing) { s.LogoutTime = noon }, 0, domain.TokenRevoked},
		"logged out a tick after the login":   {func(s *domain.Standing) { s.LogoutTime = noon.Add(domain.Tick) }, 0, domain.TokenRevoked},
		"logged out a tick before the login":  {func(s *domain.Standing) { s.LogoutTime = noon.Add(-domain.Tick) }, 0, nil},
		"logged out at the epoch":             {func(s *domain.Standing) { s.LogoutTime = time.Unix(0, 0) }, 0, nil},
		"login at the epoch, never out":       {func(s *domain.Standing) { s.LoginTime = time.Unix(0, 0) }, 0, nil},
		"login never, and never out":          {func(s *domain.Standing) { s.LoginTime = time.Time{} }, 0, nil},
		"a tick before its idle end":          {func(*domain.Standing) {}, time.Hour - domain.Tick, nil},
		"at its idle end":                     {func(*domain.Standing) {}, time.Hour, domain.SessionExpired},
		"a tick before its end":               {func(s *domain.Standing) { s.IdleUntil = noon.Add(day) }, 2*time.Hour - domain.Tick, nil},
		"at its end":                          {func(s *domain.Standing) { s.IdleUntil = noon.Add(day) }, 2 * time.Hour, domain.SessionExpired},
		"revoked and past its age is revoked": {func(s *domain.Standing) { s.Ended = true }, day, domain.TokenRevoked},
	} {
		s := standing()
		c.spoil(&s)
		if got := s.Refuse(noon.Add(c.after)); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestStandingOf(t *testing.T) {
	u := user()
	u.LogoutTime, u.DisabledAt = noon.Add(-time.Hour), noon.Add(time.Minute)
	s := domain.Session{ID: sid(1), UserID: u.ID, LoginTime: noon, EndedAt: noon, IdleUntil: noon.Add(day), Until: noon.Add(2 * day)}
	got := domain.StandingOf(u, s)
	if got.Session != s.ID || got.LoginTime != s.LoginTime || !got.Ended || got.IdleUntil != s.IdleUntil || got.Until != s.Until ||
		got.User != u.ID || got.Email != u.Email || len(got.Roles) != 2 || got.LogoutTime != u.LogoutTime || !got.Disabled {
		t.Errorf("got %+v", got)
	}
	u.DisabledAt, s.EndedAt = time.Time{}, time.Time{}
	if got := domain.StandingOf(u, s); got.Ended || got.Disabled || got.Refuse(noon) != nil {
		t.Errorf("got %+v, want it to stand", got)
	}
	s.UserID = uid(2)
	if got := domain.StandingOf(u, s); got.Session != "" || got.User != "" || !errors.Is(got.Refuse(noon), domain.TokenRevoked) {
		t.Errorf("another user's session: got %+v, want no standing", got)
	}
}

func TestHasAny(t *testing.T) {
	s := standing()
	for name, c := range map[string]struct {
		asked []domain.Role
		want  bool
	}{
		"asking for none asks nothing": {nil, true},
		"the first":                    {[]domain.Role{"admin"}, true},
		"the last of several":          {[]domain.Role{"x", "y", "billing"}, true},
		"none of several":              {[]domain.Role{"x", "y"}, false},
		"case counts":                  {[]domain.Role{"Admin"}, false},
		"a part is not a role":         {[]domain.Role{"bill"}, false},
	} {
		if got := s.HasAny(c.asked...); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if (domain.Standing{}).HasAny("admin") {
		t.Error("who has no roles has one")
	}
}
