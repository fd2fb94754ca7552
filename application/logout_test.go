package application_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestLogoutScopes(t *testing.T) {
	for scope, want := range map[domain.Scope]struct{ caller, other error }{
		"":            {domain.TokenRevoked, domain.TokenRevoked},
		domain.Global: {domain.TokenRevoked, domain.TokenRevoked},
		domain.Local:  {domain.TokenRevoked, nil},
		domain.Others: {nil, domain.TokenRevoked},
	} {
		s := withAna(t)
		caller, other := s.login(), s.login()
		if err := s.Logout(s.ctx, caller.AccessToken, scope); err != nil {
			t.Fatalf("%q: %v", scope, err)
		}
		for _, g := range []struct {
			who   string
			grant application.Grant
			want  error
		}{{"the caller", caller, want.caller}, {"the other session", other, want.other}} {
			if _, err := s.Authorize(s.ctx, g.grant.AccessToken); !errors.Is(err, g.want) {
				t.Errorf("%q: %s: got %v, want %v", scope, g.who, err, g.want)
			}
			if _, err := s.Refresh(s.ctx, g.grant.RefreshToken); !errors.Is(err, g.want) {
				t.Errorf("%q: %s: refresh: got %v, want %v", scope, g.who, err, g.want)
			}
		}
	}
}

func TestLogoutTouchesNobodyElse(t *testing.T) {
	s := withAna(t)
	if _, err := s.Register(s.ctx, "bea@example.com", secret); err != nil {
		t.Fatal(err)
	}
	bea, err := s.Login(s.ctx, "bea@example.com", secret)
	if err != nil {
		t.Fatal(err)
	}
	c := s.claims(domain.Access, s.login().AccessToken)
	c.Session = s.claims(domain.Access, bea.AccessToken).Session
	for _, scope := range []domain.Scope{domain.Global, domain.Local, domain.Others} {
		if err := s.Logout(s.ctx, s.issue(c), scope); err != nil {
			t.Errorf("%s: got %v, want none", scope, err)
		}
	}
	s.passes("whose session was named by another's token", bea)
}

// TestLogoutByTokenThatIsOver: an old stolen token is no kill switch.
func TestLogoutByTokenThatIsOver(t *testing.T) {
	for name, end := range map[string]func(s *service, g application.Grant) error{
		"logged out":   func(s *service, g application.Grant) error { return s.Logout(s.ctx, g.AccessToken, domain.Global) },
		"ended":        func(s *service, g application.Grant) error { return s.Logout(s.ctx, g.AccessToken, domain.Local) },
		"session idle": func(s *service, _ application.Grant) error { s.clock.wait(7 * day); return nil },
		"session over": func(s *service, _ application.Grant) error { s.clock.wait(30 * day); return nil },
		"password set": func(s *service, _ application.Grant) error { return s.SetPassword(s.ctx, ana, secret) },
		"disabled once": func(s *service, _ application.Grant) error {
			return errors.Join(s.Disable(s.ctx, ana), s.Enable(s.ctx, ana))
		},
	} {
		for _, scope := range []domain.Scope{"", domain.Local, domain.Others} {
			s := withAna(t)
			old := s.login()
			if err := end(s, old); err != nil {
				t.Fatal(err)
			}
			since := s.login()
			before := s.user()
			if err := s.Logout(s.ctx, old.AccessToken, scope); err != nil {
				t.Errorf("%s, %q: got %v, want none", name, scope, err)
			}
			s.passes(name+": a login since", since)
			if got := s.user(); !got.Equal(before) {
				t.Errorf("%s, %q: the user is %v, was %v", name, scope, got, before)
			}
		}
	}
	t.Run("a deleted user is logged out", func(t *testing.T) {
		s := withAna(t)
		g := s.login()
		if err := s.Delete(s.ctx, ana); err != nil {
			t.Fatal(err)
		}
		if err := s.Logout(s.ctx, g.AccessToken, ""); err != nil {
			t.Errorf("got %v, want none", err)
		}
	})
	t.Run("an unknown session", func(t *testing.T) {
		s := withAna(t)
		g := s.login()
		c := s.claims(domain.Access, g.AccessToken)
		c.Session = "00000000-0000-7000-8000-000000000000"
		if err := s.Logout(s.ctx, s.issue(c), ""); err != nil {
			t.Errorf("got %v, want none", err)
		}
		s.passes("the user's session", g)
	})
}

func TestLogoutByAnExpiredToken(t *testing.T) {
	s := withAna(t)
	g := s.login()
	s.clock.wait(time.Hour)
	if _, err := s.Authorize(s.ctx, g.AccessToken); !errors.Is(err, domain.TokenExpired) {
		t.Fatalf("the token: got %v, want %v", err, domain.TokenExpired)
	}
	if err := s.Logout(s.ctx, g.AccessToken, ""); err != nil {
		t.Fatal(err)
	}
	_, err := s.Refresh(s.ctx, g.RefreshToken)
	only(t, "its session", err, domain.TokenRevoked)
}

func TestLogoutRefuses(t *testing.T) {
	s := withAna(t)
	g := s.login()
	field(t, "an unknown scope", s.Logout(s.ctx, g.AccessToken, "all"), domain.RequestInvalid, "scope")
	only(t, "no token", s.Logout(s.ctx, "", ""), domain.TokenMissing)
	for what, token := range map[string]string{"a refresh token": g.RefreshToken, "cut": g.AccessToken[:len(g.AccessToken)-1], "garbage": "a.b.c"} {
		only(t, what, s.Logout(s.ctx, token, ""), domain.TokenInvalid)
	}
	s.tokens.noRead = errBroken
	only(t, "a codec that fails", s.Logout(s.ctx, g.AccessToken, ""), domain.Unavailable)
	s.tokens.noRead = nil
	s.clock.wait(-31 * second)
	only(t, "issued ahead", s.Logout(s.ctx, g.AccessToken, ""), domain.TokenInvalid)
	s.clock.set(noon)
	s.passes("after all that", g)
}

// TestLogoutIsAnsweredOnceItIsSaved: whoever hears of it may rely on it, and whoever does not may ask again.
func TestLogoutIsAnsweredOnceItIsSaved(t *testing.T) {
	s := withAna(t)
	g := s.login()
	s.wire.cut("Change", errBroken)
	err := s.Logout(s.ctx, g.AccessToken, "")
	only(t, "while the store is silent", err, domain.Unavailable)
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v, want it to keep the store's error", err)
	}
	s.wire.cut("Change", nil)
	s.passes("nothing has happened", g)
	s.wire.unknown = errBroken
	only(t, "while the answer is lost", s.Logout(s.ctx, g.AccessToken, ""), domain.Unavailable)
	s.wire.unknown = nil
	s.refused("it happened", g, domain.TokenRevoked)
	if err := s.Logout(s.ctx, g.AccessToken, ""); err != nil {
		t.Errorf("asking again: got %v, want none", err)
	}
}
