package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func claims() domain.Claims {
	return domain.Claims{
		Kind: domain.Access, Subject: uid(1), Session: sid(1), IssuedAt: noon, Expires: noon.Add(15 * time.Minute),
	}
}

func TestClaimsCheck(t *testing.T) {
	for _, leeway := range []time.Duration{0, time.Second, 30 * time.Second} {
		for name, c := range map[string]struct {
			now          time.Time
			want, issued error
		}{
			"when it was issued":               {noon, nil, nil},
			"issued as far ahead as may be":    {noon.Add(-leeway), nil, nil},
			"issued farther ahead":             {noon.Add(-leeway - 1), domain.TokenInvalid, domain.TokenInvalid},
			"issued a day ahead":               {noon.Add(-day), domain.TokenInvalid, domain.TokenInvalid},
			"just before its end":              {noon.Add(15*time.Minute + leeway - 1), nil, nil},
			"at its end":                       {noon.Add(15*time.Minute + leeway), domain.TokenExpired, nil},
			"after its end":                    {noon.Add(15*time.Minute + leeway + 1), domain.TokenExpired, nil},
			"at its end, without the leeway":   {noon.Add(15 * time.Minute), within(leeway > 0), nil},
			"years after its end":              {noon.Add(10000 * day), domain.TokenExpired, nil},
			"by a clock of another place":      {noon.In(time.FixedZone("", -5*3600)), nil, nil},
			"at the end of a clock's numbers":  {time.Unix(1<<40, 0), domain.TokenExpired, nil},
			"at the start of a clock's number": {time.Time{}, domain.TokenInvalid, domain.TokenInvalid},
		} {
			if got := claims().Check(c.now, leeway); !errors.Is(got, c.want) {
				t.Errorf("leeway %v: %s: Check: got %v, want %v", leeway, name, got, c.want)
			}
			if got := claims().CheckIssued(c.now, leeway); !errors.Is(got, c.issued) {
				t.Errorf("leeway %v: %s: CheckIssued: got %v, want %v", leeway, name, got, c.issued)
			}
		}
	}
	t.Run("a token without times has expired", func(t *testing.T) {
		if got := (domain.Claims{}).Check(noon, 30*time.Second); !errors.Is(got, domain.TokenExpired) {
			t.Errorf("got %v, want %v", got, domain.TokenExpired)
		}
	})
	t.Run("issued ahead goes before expired", func(t *testing.T) {
		c := claims()
		c.Expires = c.IssuedAt.Add(-day)
		if got := c.Check(noon.Add(-time.Hour), 0); !errors.Is(got, domain.TokenInvalid) {
			t.Errorf("got %v, want %v", got, domain.TokenInvalid)
		}
	})
}

func within(ok bool) error {
	if ok {
		return nil
	}
	return domain.TokenExpired
}

func TestPass(t *testing.T) {
	type spoil = func(*domain.Claims, *domain.Standing)
	for name, c := range map[string]struct {
		spoil spoil
		want  error
	}{
		"passes":              {func(*domain.Claims, *domain.Standing) {}, nil},
		"issued ahead":        {func(c *domain.Claims, _ *domain.Standing) { c.IssuedAt = noon.Add(time.Minute) }, domain.TokenInvalid},
		"expired":             {func(c *domain.Claims, _ *domain.Standing) { c.Expires = noon.Add(-time.Minute) }, domain.TokenExpired},
		"unknown session":     {func(_ *domain.Claims, s *domain.Standing) { *s = domain.Standing{} }, domain.TokenRevoked},
		"another session":     {func(_ *domain.Claims, s *domain.Standing) { s.Session = sid(2) }, domain.TokenRevoked},
		"another subject":     {func(_ *domain.Claims, s *domain.Standing) { s.User = uid(2) }, domain.TokenInvalid},
		"no session anywhere": {func(c *domain.Claims, s *domain.Standing) { c.Session, s.Session = "", "" }, domain.TokenRevoked},
		"nobody's nothing":    {func(c *domain.Claims, s *domain.Standing) { c.Session, c.Subject, *s = "", "", domain.Standing{} }, domain.TokenRevoked},
		"ended":               {func(_ *domain.Claims, s *domain.Standing) { s.Ended = true }, domain.TokenRevoked},
		"disabled":            {func(_ *domain.Claims, s *domain.Standing) { s.Disabled = true }, domain.TokenRevoked},
		"logged out":          {func(_ *domain.Claims, s *domain.Standing) { s.LogoutTime = noon }, domain.TokenRevoked},
		"idle":                {func(_ *domain.Claims, s *domain.Standing) { s.IdleUntil = noon }, domain.SessionExpired},
		"over":                {func(_ *domain.Claims, s *domain.Standing) { s.Until = noon }, domain.SessionExpired},
		"its own time goes before the session": {
			func(c *domain.Claims, s *domain.Standing) { c.Expires, s.Ended = noon.Add(-time.Minute), true }, domain.TokenExpired,
		},
	} {
		claims, s := claims(), standing()
		c.spoil(&claims, &s)
		if got := domain.Pass(claims, s, noon, 30*time.Second); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	t.Run("the leeway is for the token, not for the session", func(t *testing.T) {
		s := standing()
		if got := domain.Pass(domain.Claims{Subject: uid(1), Session: sid(1), IssuedAt: noon, Expires: noon}, s, noon.Add(29*time.Second), 30*time.Second); got != nil {
			t.Errorf("a token within the leeway: got %v, want none", got)
		}
		s.IdleUntil = noon
		if got := domain.Pass(claims(), s, noon, 30*time.Second); !errors.Is(got, domain.SessionExpired) {
			t.Errorf("a session at its end: got %v, want %v", got, domain.SessionExpired)
		}
	})
}
