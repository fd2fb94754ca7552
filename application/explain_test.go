package application_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// fates is what can become of a session and its tokens.
func fates() map[string]func(s *service, g application.Grant) {
	must := func(s *service, err error) {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return map[string]func(*service, application.Grant){
		"stands":           func(*service, application.Grant) {},
		"refreshed":        func(s *service, g application.Grant) { s.refresh(g.RefreshToken) },
		"refreshed before": func(s *service, g application.Grant) { s.refresh(g.RefreshToken); s.clock.wait(time.Minute) },
		"access expired":   func(s *service, _ application.Grant) { s.clock.wait(time.Hour) },
		"idle":             func(s *service, _ application.Grant) { s.clock.wait(8 * day) },
		"too old":          func(s *service, _ application.Grant) { s.clock.wait(31 * day) },
		"from the future":  func(s *service, _ application.Grant) { s.clock.wait(-time.Hour) },
		"logged out":       func(s *service, g application.Grant) { must(s, s.Logout(s.ctx, g.AccessToken, domain.Global)) },
		"logged out, here": func(s *service, g application.Grant) { must(s, s.Logout(s.ctx, g.AccessToken, domain.Local)) },
		"disabled":         func(s *service, _ application.Grant) { must(s, s.Disable(s.ctx, ana)) },
		"password set":     func(s *service, _ application.Grant) { must(s, s.SetPassword(s.ctx, ana, "another password")) },
		"deleted":          func(s *service, _ application.Grant) { must(s, s.Delete(s.ctx, ana)) },
		"reused": func(s *service, g application.Grant) {
			s.refresh(g.RefreshToken)
			s.clock.wait(time.Minute)
			s.Refresh(s.ctx, g.RefreshToken)
		},
		"purged": func(s *service, g application.Grant) {
			must(s, s.Logout(s.ctx, g.AccessToken, domain.Local))
			s.clock.wait(8 * day)
			_, err := s.Purge(s.ctx, "")
			must(s, err)
		},
	}
}

// The verdict is what whoever holds the token is told, and asking for it changes nothing.
func TestExplainAgrees(t *testing.T) {
	for name, fate := range fates() {
		for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				s := withAna(t)
				g := s.login()
				fate(s, g)
				token := map[domain.Kind]string{domain.Access: g.AccessToken, domain.Refresh: g.RefreshToken}[kind]
				x, err := s.Explain(s.ctx, token)
				again, err2 := s.Explain(s.ctx, token)
				if err != nil || err2 != nil {
					t.Fatal(err, err2)
				}
				var told error
				if kind == domain.Access {
					_, told = s.Authorize(s.ctx, token)
				} else {
					_, told = s.Refresh(s.ctx, token)
				}
				if x.Kind != kind || code(x.Verdict) != code(told) || code(again.Verdict) != code(told) || x.Becomes != again.Becomes {
					t.Errorf("explained twice as %v and %v (%v); the caller was told %v", x.Verdict, again.Verdict, x.Becomes, told)
				}
				if x.Claims != s.claims(kind, token) || !x.At.Equal(s.clock.read()) {
					t.Errorf("got %+v at %v", x.Claims, x.At)
				}
			})
		}
	}
}

func code(err error) domain.Refusal {
	var r domain.Refusal
	errors.As(err, &r)
	return r
}

func TestExplainShowsTheGrounds(t *testing.T) {
	s := withAna(t)
	g := s.login()
	s.clock.wait(second)
	if err := s.Logout(s.ctx, g.AccessToken, domain.Local); err != nil {
		t.Fatal(err)
	}
	x, err := s.Explain(s.ctx, g.AccessToken)
	if err != nil || x.User.Email != ana || x.Session.ID != x.Claims.Session || x.Session.EndReason != domain.ByLogout {
		t.Errorf("got %+v, %v", x, err)
	}
	x, err = s.Explain(s.ctx, g.RefreshToken)
	if err != nil || x.User.Email != ana || x.Session.ID != x.Claims.Session || x.Becomes != 0 {
		t.Errorf("got %+v, %v", x, err)
	}
	for _, token := range []string{"", "x.y.z"} {
		x, err := s.Explain(s.ctx, token)
		if err != nil || x.Verdict == nil || x.Claims != (domain.Claims{}) || x.User.ID != "" || x.Broken == "" {
			t.Errorf("%q: got %+v, %v", token, x, err)
		}
	}
}

// Being asked about a refresh token that was used is no use of it: it is not a kill switch.
func TestExplainEndsNothing(t *testing.T) {
	s := withAna(t)
	old := s.login()
	current := s.refresh(old.RefreshToken)
	s.clock.wait(time.Minute)
	x, err := s.Explain(s.ctx, old.RefreshToken)
	if err != nil || x.Becomes != domain.Reused || !errors.Is(x.Verdict, domain.TokenReused) {
		t.Fatalf("got %+v, %v", x, err)
	}
	s.passes("after it was explained", current)
	s.refresh(current.RefreshToken)
}

func TestExplainCannotKnow(t *testing.T) {
	for _, method := range []string{"Standings", "Change"} {
		s := withAna(t)
		g := s.login()
		s.wire.cut(method, errBroken)
		_, err := s.Explain(s.ctx, g.AccessToken)
		only(t, method, err, domain.Unavailable)
		if method == "Change" {
			_, err = s.Explain(s.ctx, g.RefreshToken)
			only(t, "a refresh token", err, domain.Unavailable)
		}
	}
}

func TestSessionsOf(t *testing.T) {
	s := withAna(t)
	first := s.login()
	s.clock.wait(second)
	second := s.login()
	s.clock.wait(time.Second)
	ended := s.login()
	if err := s.Logout(s.ctx, ended.AccessToken, domain.Local); err != nil {
		t.Fatal(err)
	}
	user, sessions, err := s.SessionsOf(s.ctx, " ANA@example.com")
	if err != nil || !user.Equal(s.user()) || len(sessions) != 2 {
		t.Fatalf("got %+v, %+v, %v", user, sessions, err)
	}
	for i, g := range []application.Grant{second, first} { // the newest first
		if want := s.claims(domain.Access, g.AccessToken).Session; sessions[i].ID != want {
			t.Errorf("session %d: got %s, want %s", i, sessions[i].ID, want)
		}
	}
}
