package application_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestAuthorizeSaysWhoPassed(t *testing.T) {
	s := withAna(t)
	g := s.login()
	got, err := s.Authorize(s.ctx, g.AccessToken)
	session := s.wire.sessions()[0]
	if err != nil || got.User != s.user().ID || got.Email != ana || got.Session != session.ID || !got.LoginTime.Equal(session.LoginTime) ||
		!slices.Equal(got.Roles, []domain.Role{"admin", "billing"}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAuthorizeRoles(t *testing.T) {
	s := withAna(t)
	g := s.login()
	for _, asked := range [][]domain.Role{nil, {"admin"}, {"x", "billing"}} {
		if _, err := s.Authorize(s.ctx, g.AccessToken, asked...); err != nil {
			t.Errorf("%v: got %v, want it to pass", asked, err)
		}
	}
	got, err := s.Authorize(s.ctx, g.AccessToken, "x", "y")
	only(t, "roles that she lacks", err, domain.InsufficientRole)
	if got.User != "" {
		t.Errorf("got %+v beside the refusal", got)
	}
	for _, role := range []domain.Role{"", "Admin", "a b"} {
		_, err := s.Authorize(s.ctx, g.AccessToken, "admin", role)
		field(t, "a role that is none", err, domain.RequestInvalid, "role")
	}
	t.Run("are read afresh", func(t *testing.T) {
		if err := s.SetRoles(s.ctx, ana, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authorize(s.ctx, g.AccessToken, "x"); err != nil {
			t.Errorf("a new role: got %v, want it to pass", err)
		}
		_, err := s.Authorize(s.ctx, g.AccessToken, "admin")
		only(t, "a role that was taken", err, domain.InsufficientRole)
	})
	t.Run("count only for who passes", func(t *testing.T) {
		if err := s.Logout(s.ctx, g.AccessToken, ""); err != nil {
			t.Fatal(err)
		}
		_, err := s.Authorize(s.ctx, g.AccessToken, "admin")
		only(t, "logged out, and lacks the role", err, domain.TokenRevoked)
	})
}

// T024.
func TestAuthorizeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *service, g application.Grant) string
		want  domain.Refusal
		asks  int // how often the store is asked
	}{
		"nothing":         {func(*service, application.Grant) string { return "" }, domain.TokenMissing, 0},
		"garbage":         {func(*service, application.Grant) string { return "a.b.c" }, domain.TokenInvalid, 0},
		"a refresh token": {func(_ *service, g application.Grant) string { return g.RefreshToken }, domain.TokenInvalid, 0},
		"cut":             {func(_ *service, g application.Grant) string { return g.AccessToken[:len(g.AccessToken)-1] }, domain.TokenInvalid, 0},
		"expired": {func(s *service, g application.Grant) string {
			s.clock.set(noon.Truncate(second).Add(15*time.Minute + 30*second))
			return g.AccessToken
		}, domain.TokenExpired, 0},
		"issued ahead": {func(s *service, g application.Grant) string { s.clock.wait(-31 * second); return g.AccessToken }, domain.TokenInvalid, 0},
		"another's session": {func(s *service, g application.Grant) string {
			c := s.claims(domain.Access, g.AccessToken)
			c.Subject = "00000000-0000-7000-8000-000000000000"
			return s.issue(c)
		}, domain.TokenInvalid, 1},
		"an unknown session": {func(s *service, g application.Grant) string {
			c := s.claims(domain.Access, g.AccessToken)
			c.Session = "00000000-0000-7000-8000-000000000000"
			return s.issue(c)
		}, domain.TokenRevoked, 1},
		"logged out":         {after(func(s *service) error { return s.LogOut(s.ctx, ana) }), domain.TokenRevoked, 1},
		"disabled":           {after(func(s *service) error { return s.Disable(s.ctx, ana) }), domain.TokenRevoked, 1},
		"deleted":            {after(func(s *service) error { return s.Delete(s.ctx, ana) }), domain.TokenRevoked, 1},
		"password set":       {after(func(s *service) error { return s.SetPassword(s.ctx, ana, secret) }), domain.TokenRevoked, 1},
		"a codec that fails": {after(func(s *service) error { s.tokens.noRead = errBroken; return nil }), domain.Unavailable, 0},
		"a store that fails": {after(func(s *service) error { s.wire.cut("Standings", errBroken); return nil }), domain.Unavailable, 1},
		"a store that fails, beside a session that is over": {after(func(s *service) error {
			s.wire.cut("Standings", errBroken)
			return s.LogOut(s.ctx, ana)
		}), domain.Unavailable, 1},
		"expired while the store was asked": {after(func(s *service) error {
			s.wire.during = func() { s.clock.wait(time.Hour) }
			return nil
		}), domain.TokenExpired, 1},
	} {
		s := withAna(t)
		token := c.spoil(s, s.login())
		got, err := s.Authorize(s.ctx, token)
		only(t, name, err, c.want)
		if got.User != "" || got.Session != "" {
			t.Errorf("%s: got %+v beside the refusal", name, got)
		}
		if n := s.wire.called("Standings"); n != c.asks {
			t.Errorf("%s: the store was asked %d times, want %d", name, n, c.asks)
		}
	}
}

// after spoils something and presents the access token as it is.
func after(spoil func(*service) error) func(*service, application.Grant) string {
	return func(s *service, g application.Grant) string {
		s.t.Helper()
		if err := spoil(s); err != nil {
			s.t.Fatal(err)
		}
		return g.AccessToken
	}
}

// TestAuthorizeAtTheEndOfASession: ages are the session's own, and get no leeway.
func TestAuthorizeAtTheEndOfASession(t *testing.T) {
	s := withAna(t, func(d *application.Deps) { d.AccessTTL, d.IdleTTL, d.SessionTTL = time.Hour, time.Hour, day })
	g := s.login()
	s.clock.wait(time.Hour - domain.Tick)
	s.passes("a tick before it is idle", g)
	s.clock.wait(domain.Tick)
	s.refused("idle", g, domain.SessionExpired)
}

// TestAuthorizeAsksStanding: an adapter may gather many questions into one, and then it is the one that is asked.
func TestAuthorizeAsksStanding(t *testing.T) {
	d := &desk{}
	s := withAna(t, func(deps *application.Deps) { deps.Standing = d })
	g := s.login()
	d.standings = s.wire.Store
	s.passes("by the given desk", g)
	if n := s.wire.called("Standings"); n != 0 || d.asked != 1 {
		t.Errorf("the desk was asked %d times, the store %d times beside it", d.asked, n)
	}
	d.err = errBroken
	_, err := s.Authorize(s.ctx, g.AccessToken)
	only(t, "a desk that fails", err, domain.Unavailable)
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v, want it to keep the desk's error", err)
	}
}

type desk struct {
	standings application.Standings
	err       error
	asked     int
}

func (d *desk) Standing(ctx context.Context, id domain.SessionID) (domain.Standing, error) {
	d.asked++
	found, err := d.standings.Standings(ctx, id)
	return found[id], errors.Join(err, d.err)
}

// one answers with a standing that it keeps, and tokens that it keeps are read at no cost.
type one struct {
	application.Tokens
	claims   domain.Claims
	standing domain.Standing
}

func (o *one) Read(domain.Kind, string) (domain.Claims, error) { return o.claims, nil }

func (o *one) Standing(context.Context, domain.SessionID) (domain.Standing, error) {
	return o.standing, nil
}

// Every request of every service asks: of its own the decision, and its event, put nothing on the heap.
func TestAuthorizeAllocatesNothing(t *testing.T) {
	s := withAna(t)
	o := &one{claims: s.claims(domain.Access, s.login().AccessToken)}
	found, err := s.wire.Standings(s.ctx, o.claims.Session)
	if err != nil {
		t.Fatal(err)
	}
	o.standing = found[o.claims.Session]
	core := s.core(s.clock, func(d *application.Deps) { d.Tokens, d.Standing = o, o })
	if n := testing.AllocsPerRun(100, func() {
		if _, err := core.Authorize(s.ctx, "x"); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
