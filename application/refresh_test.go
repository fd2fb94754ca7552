package application_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestRefreshAfterALostAnswer(t *testing.T) {
	s := withAna(t)
	first := s.login()
	s.clock.wait(time.Minute)
	s.wire.unknown = errBroken
	_, err := s.Refresh(s.ctx, first.RefreshToken)
	only(t, "while the answer is lost", err, domain.Unavailable)
	s.wire.unknown = nil
	s.clock.wait(3 * second)
	again := s.refresh(first.RefreshToken)
	s.clock.wait(3 * second)
	if third := s.refresh(first.RefreshToken); third.RefreshToken != again.RefreshToken || third.AccessToken == again.AccessToken {
		t.Errorf("got %+v and %+v, want the same refresh token, byte for byte, and an access token of its own", third, again)
	}
	s.passes("the repeated one", again)
	s.clock.wait(time.Hour)
	s.refresh(again.RefreshToken)
}

func TestRefreshAtOnce(t *testing.T) {
	s := withAna(t)
	first := s.login()
	grants := make([]application.Grant, 16)
	errs := make([]error, len(grants))
	var all sync.WaitGroup
	for i := range grants {
		all.Go(func() { grants[i], errs[i] = s.Refresh(s.ctx, first.RefreshToken) })
	}
	all.Wait()
	for i := range grants {
		if errs[i] != nil || grants[i].RefreshToken != grants[0].RefreshToken {
			t.Fatalf("got %v and %q, want the one successor %q", errs[i], grants[i].RefreshToken, grants[0].RefreshToken)
		}
		s.passes("each access token", grants[i])
	}
}

func TestReuseIsSavedAndThenRefused(t *testing.T) {
	s := withAna(t)
	first, bystander := s.login(), s.login()
	second := s.refresh(first.RefreshToken)
	s.clock.wait(time.Minute)
	g, err := s.Refresh(s.ctx, first.RefreshToken)
	only(t, "the first one again", err, domain.TokenReused)
	if g != (application.Grant{}) {
		t.Errorf("got a grant beside the refusal: %+v", g)
	}
	s.refused("the session of the one presented twice", first, domain.TokenRevoked)
	s.refused("its successor", second, domain.TokenRevoked)
	s.passes("another session of the user", bystander)
	t.Run("and is no reuse before it is saved", func(t *testing.T) {
		s := withAna(t)
		first := s.login()
		second := s.refresh(first.RefreshToken)
		s.clock.wait(time.Minute)
		s.wire.cut("Change", errBroken)
		_, err := s.Refresh(s.ctx, first.RefreshToken)
		only(t, "the first one again", err, domain.Unavailable)
		s.wire.cut("Change", nil)
		s.passes("nothing has happened", second)
	})
}

func TestRefreshRefuses(t *testing.T) {
	s := withAna(t)
	g := s.login()
	for what, token := range map[string]string{
		"an access token": g.AccessToken, "cut": g.RefreshToken[:len(g.RefreshToken)-1], "longer": g.RefreshToken + "x", "garbage": "a.b.c",
	} {
		_, err := s.Refresh(s.ctx, token)
		only(t, what, err, domain.TokenInvalid)
	}
	_, err := s.Refresh(s.ctx, "")
	only(t, "nothing", err, domain.TokenMissing)
	s.tokens.noRead = errBroken
	_, err = s.Refresh(s.ctx, g.RefreshToken)
	only(t, "a codec that fails", err, domain.Unavailable)
	s.tokens.noRead = nil
	if n := s.wire.called("Change"); n != 1 {
		t.Errorf("the store was asked to write %d times, want once, for the login", n)
	}
	s.passes("what was refused ended nothing", g)

	for name, c := range map[string]struct {
		spoil func(s *service, g application.Grant) error
		want  domain.Refusal
	}{
		"logged out": {func(s *service, g application.Grant) error { return s.Logout(s.ctx, g.AccessToken, "") }, domain.TokenRevoked},
		"ended":      {func(s *service, g application.Grant) error { return s.Logout(s.ctx, g.AccessToken, domain.Local) }, domain.TokenRevoked},
		"disabled":   {func(s *service, _ application.Grant) error { return s.Disable(s.ctx, ana) }, domain.TokenRevoked},
		"disabled and enabled": {func(s *service, _ application.Grant) error {
			return errors.Join(s.Disable(s.ctx, ana), s.Enable(s.ctx, ana))
		}, domain.TokenRevoked},
		"deleted":      {func(s *service, _ application.Grant) error { return s.Delete(s.ctx, ana) }, domain.TokenRevoked},
		"password set": {func(s *service, _ application.Grant) error { return s.SetPassword(s.ctx, ana, secret) }, domain.TokenRevoked},
		"idle":         {func(s *service, _ application.Grant) error { s.clock.wait(7 * day); return nil }, domain.SessionExpired},
		"expired":      {func(s *service, _ application.Grant) error { s.clock.wait(30*day + 30*second); return nil }, domain.TokenExpired},
		"issued ahead": {func(s *service, _ application.Grant) error { s.clock.wait(-31 * second); return nil }, domain.TokenInvalid},
	} {
		for _, rotated := range []bool{false, true} { // a retry inside the window revives nothing either
			s := withAna(t)
			g := s.login()
			if rotated {
				s.refresh(g.RefreshToken)
			}
			if err := c.spoil(s, g); err != nil {
				t.Fatal(err)
			}
			got, err := s.Refresh(s.ctx, g.RefreshToken)
			only(t, name, err, c.want)
			if got != (application.Grant{}) {
				t.Errorf("%s: got a grant beside the refusal: %+v", name, got)
			}
		}
	}
	t.Run("a session of somebody else", func(t *testing.T) {
		s := withAna(t)
		bea, err := s.Add(s.ctx, "bea@example.com", secret)
		if err != nil {
			t.Fatal(err)
		}
		g := s.login()
		c := s.claims(domain.Refresh, g.RefreshToken)
		c.Subject = bea.ID
		if _, err := s.Refresh(s.ctx, s.issue(c)); err == nil {
			t.Error("it was refreshed")
		}
		s.refresh(g.RefreshToken) // and is none the worse for it
	})
}

func TestRefreshKeepsTheAges(t *testing.T) {
	s := withAna(t)
	g := s.login()
	for range 4 {
		s.clock.wait(7*day - domain.Tick)
		g = s.refresh(g.RefreshToken)
	}
	s.clock.set(noon.Add(30*day - domain.Tick))
	g = s.refresh(g.RefreshToken)
	s.clock.wait(domain.Tick)
	_, err := s.Refresh(s.ctx, g.RefreshToken)
	only(t, "at its end, however often it was refreshed", err, domain.SessionExpired)
}
