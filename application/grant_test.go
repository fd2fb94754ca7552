package application_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestGrant(t *testing.T) {
	s := withAna(t)
	whole := noon.Truncate(second)
	g := s.login()
	session := s.wire.sessions()[0]
	access, refresh := s.claims(domain.Access, g.AccessToken), s.claims(domain.Refresh, g.RefreshToken)
	if want := (domain.Claims{
		Kind: domain.Access, Subject: s.user().ID, Session: session.ID, ID: access.ID, IssuedAt: whole, Expires: whole.Add(15 * time.Minute),
	}); access != want || access.ID == "" {
		t.Errorf("the access token: got %+v, want %+v", access, want)
	}
	if want := (domain.Claims{
		Kind: domain.Refresh, Subject: s.user().ID, Session: session.ID, IssuedAt: whole, Expires: whole.Add(30 * day),
	}); refresh != want {
		t.Errorf("the refresh token: got %+v, want %+v", refresh, want)
	}
	s.clock.wait(time.Hour)
	next := s.refresh(g.RefreshToken)
	access2, refresh2 := s.claims(domain.Access, next.AccessToken), s.claims(domain.Refresh, next.RefreshToken)
	if access2.ID == access.ID || access2.Session != session.ID || !access2.IssuedAt.Equal(whole.Add(time.Hour)) {
		t.Errorf("the next access token: got %+v after %+v", access2, access)
	}
	if refresh2.Count != 1 || !refresh2.IssuedAt.Equal(whole.Add(time.Hour)) || !refresh2.Expires.Equal(refresh.Expires) {
		t.Errorf("the next refresh token: got %+v after %+v", refresh2, refresh)
	}
}

func TestExpiresIn(t *testing.T) {
	t.Run("is whole seconds, cut", func(t *testing.T) {
		s := withAna(t, func(d *application.Deps) { d.AccessTTL = 90*second + 999*time.Millisecond })
		if got := s.login().ExpiresIn; got != 90*second {
			t.Errorf("got %v, want 90s", got)
		}
	})
	t.Run("never reaches past the session", func(t *testing.T) {
		s := withAna(t, func(d *application.Deps) { d.SessionTTL = 20 * time.Minute })
		g := s.login()
		if g.ExpiresIn != 15*time.Minute {
			t.Errorf("far from its end: got %v, want 15m", g.ExpiresIn)
		}
		for _, c := range []struct{ wait, want time.Duration }{
			{5 * time.Minute, 15 * time.Minute}, {second, 15*time.Minute - second}, {500 * time.Millisecond, 15*time.Minute - 2*second},
		} {
			s.clock.wait(c.wait)
			g = s.refresh(g.RefreshToken)
			if g.ExpiresIn != c.want {
				t.Errorf("got %v, want %v", g.ExpiresIn, c.want)
			}
		}
		session := s.wire.sessions()[0]
		if got := s.claims(domain.Access, g.AccessToken).Expires; !got.Equal(session.Until.Truncate(second)) {
			t.Errorf("the token's own end: got %v, want the session's %v", got, session.Until)
		}
	})
}

// TestRefreshExpiresIn: a session ends at the earlier of its ages, and a refresh moves one of them.
func TestRefreshExpiresIn(t *testing.T) {
	s := withAna(t, func(d *application.Deps) {
		d.SessionTTL, d.IdleTTL = 10*time.Minute, 4*time.Minute
		d.AccessTTL = time.Minute
	})
	g := s.login()
	if g.RefreshExpiresIn != 4*time.Minute {
		t.Errorf("at the login: got %v, want the idle age", g.RefreshExpiresIn)
	}
	for _, want := range []time.Duration{4 * time.Minute, 4 * time.Minute, time.Minute} {
		s.clock.wait(3 * time.Minute)
		if g = s.refresh(g.RefreshToken); g.RefreshExpiresIn != want {
			t.Errorf("after a refresh: got %v, want %v", g.RefreshExpiresIn, want)
		}
	}
	s.clock.wait(500 * time.Millisecond)
	if g = s.refresh(g.RefreshToken); g.RefreshExpiresIn != 59*time.Second {
		t.Errorf("in whole seconds: got %v, want 59s", g.RefreshExpiresIn)
	}
}

func TestGrantWithoutAKey(t *testing.T) {
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		s := withAna(t)
		before := s.login()
		s.tokens.noIssue = map[domain.Kind]error{kind: errBroken}
		g, err := s.Login(s.ctx, ana, secret)
		only(t, "login", err, domain.Unavailable)
		if !errors.Is(err, errBroken) || g != (application.Grant{}) {
			t.Errorf("login without a key for %s: got %+v, %v", kind, g, err)
		}
		g, err = s.Refresh(s.ctx, before.RefreshToken)
		only(t, "refresh", err, domain.Unavailable)
		if !errors.Is(err, errBroken) || g != (application.Grant{}) {
			t.Errorf("refresh without a key for %s: got %+v, %v", kind, g, err)
		}
		s.tokens.noIssue = nil
		s.refresh(before.RefreshToken) // its answer was lost: it can be repeated
	}
}

// T026: a million at the same instant, when nothing but the random bits tells them apart.
func TestIDsAreUnique(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	seen := make(map[string]struct{}, n)
	for range n {
		seen[application.NewID(noon)] = struct{}{}
	}
	if len(seen) != n {
		t.Errorf("%d of %d are different", len(seen), n)
	}
}
