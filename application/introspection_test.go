package application_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestIntrospection(t *testing.T) {
	contract.Introspections(t, func(t *testing.T, clock application.Clock) contract.Inspected {
		core, err := application.New(application.Deps{
			Store: memory.New(memory.Clock(clock)), Tokens: &tokens{}, Passwords: &passwords{}, Clock: clock, Registration: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return contract.Inspected{
			Service:       contract.Service{Gate: core, Accounts: core, Sessions: core, Administration: core},
			Introspection: core, Registry: core,
		}
	})
}

// client is how whatever asks gets to ask.
func (s *scene) client() application.Credentials {
	s.t.Helper()
	_, key, err := s.AddClient(s.ctx, "gate")
	if err != nil {
		s.t.Fatal(err)
	}
	s.events.heard()
	return application.Credentials{ID: "gate", Secret: key}
}

// Only what was read may say that a token is good for nothing.
func TestIntrospectionOfWhatCannotBeKnown(t *testing.T) {
	s := newScene(t)
	by := s.client()
	for _, c := range []struct {
		method, token string
	}{{"Standings", s.grant.AccessToken}, {"Change", s.grant.RefreshToken}} {
		s.wire.cut(c.method, errBroken)
		info, err := s.Introspect(s.ctx, by, c.token)
		if !errors.Is(err, domain.Unavailable) || info.Active {
			t.Errorf("%s: %v, %v", c.method, info, err)
		}
		s.wire.cut(c.method, nil)
	}
	s.wire.cut("Change", errBroken)
	if err := s.Revoke(s.ctx, by, s.grant.RefreshToken); !errors.Is(err, domain.Unavailable) {
		t.Errorf("Revoke: %v", err)
	}
	s.tokens.noRead = domain.Unavailable // its key may be one that nobody here has learned of
	if _, err := s.Introspect(s.ctx, by, s.grant.AccessToken); !errors.Is(err, domain.Unavailable) {
		t.Errorf("Introspect: %v", err)
	}
	if err := s.Revoke(s.ctx, by, s.grant.AccessToken); !errors.Is(err, domain.Unavailable) {
		t.Errorf("Revoke: %v", err)
	}
}

// Without a store of clients nobody has credentials, and nobody can be given any.
func TestNoStoreOfClients(t *testing.T) {
	s := withAna(t, func(d *application.Deps) { d.Clients = nil })
	if _, err := s.Introspect(s.ctx, application.Credentials{ID: "gate"}, "x"); !errors.Is(err, domain.InvalidClient) {
		t.Errorf("Introspect: %v", err)
	}
	if _, _, err := s.AddClient(s.ctx, "gate"); !errors.Is(err, domain.Unavailable) {
		t.Errorf("AddClient: %v", err)
	}
	if _, err := s.ListClients(s.ctx); !errors.Is(err, domain.Unavailable) {
		t.Errorf("ListClients: %v", err)
	}
}

// T099, T097: the log says why a token is inactive, which nobody else is told, and holds no secret.
func TestEventsOfClients(t *testing.T) {
	for name, row := range map[string]struct {
		do   func(s *scene, by application.Credentials) error
		want told
	}{
		"active": {func(s *scene, by application.Credentials) error {
			_, err := s.Introspect(s.ctx, by, s.grant.AccessToken)
			return err
		},
			told{"introspection", "ok", "client: gate", "USER", "", "SESSION", "active"}},
		"expired": {func(s *scene, by application.Credentials) error {
			s.clock.wait(time.Hour)
			_, err := s.Introspect(s.ctx, by, s.grant.AccessToken)
			return err
		}, told{"introspection", "ok", "client: gate", "USER", "", "SESSION", "inactive: token_expired"}},
		"forged": {func(s *scene, by application.Credentials) error { _, err := s.Introspect(s.ctx, by, "x"); return err },
			told{"introspection", "ok", "client: gate", "", "", "", "inactive: token_invalid"}},
		"guessed": {func(s *scene, by application.Credentials) error {
			_, err := s.Introspect(s.ctx, application.Credentials{ID: by.ID, Secret: "guess"}, s.grant.AccessToken)
			return err
		}, told{"introspection", "invalid_client", "anonymous", "", "", "", ""}},
		"revoked": {func(s *scene, by application.Credentials) error { return s.Revoke(s.ctx, by, s.grant.RefreshToken) },
			told{"revocation", "ok", "client: gate", "USER", "", "SESSION", ""}},
		"revoked, guessed": {func(s *scene, by application.Credentials) error {
			return s.Revoke(s.ctx, application.Credentials{}, s.grant.RefreshToken)
		}, told{"revocation", "invalid_client", "anonymous", "", "", "", ""}},
		"revoked, over": {func(s *scene, by application.Credentials) error {
			s.LogOut(s.ctx, ana)
			s.events.heard()
			return s.Revoke(s.ctx, by, s.grant.AccessToken)
		}, told{"revocation", "ok", "client: gate", "USER", "", "SESSION", "over already"}},
		"revoked, forged": {func(s *scene, by application.Credentials) error { return s.Revoke(s.ctx, by, "x") },
			told{"revocation", "ok", "client: gate", "", "", "", "no token of this service"}},
		"added": {func(s *scene, _ application.Credentials) error { _, _, err := s.AddClient(s.ctx, "other"); return err },
			told{"clients", "ok", "anonymous", "", "", "", "add other"}},
		"added, taken": {func(s *scene, _ application.Credentials) error { _, _, err := s.AddClient(s.ctx, "gate"); return err },
			told{"clients", "request_invalid", "anonymous", "", "", "", "add gate"}},
		"deleted": {func(s *scene, _ application.Credentials) error { return s.DeleteClient(s.ctx, "gate") },
			told{"clients", "ok", "anonymous", "", "", "", "delete gate"}},
		"deleted, no name": {func(s *scene, _ application.Credentials) error { return s.DeleteClient(s.ctx, "a\nb") },
			told{"clients", "not_found", "anonymous", "", "", "", "delete"}},
		"everybody": {func(s *scene, _ application.Credentials) error { _, _, err := s.LogOutAll(s.ctx, ""); return err },
			told{"administration", "ok", "anonymous", "", "", "", "log out all: 1 users"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			by := s.client()
			err := row.do(s, by)
			heard := s.events.heard()
			if len(heard) != 1 {
				t.Fatalf("got %d events: %+v; want one", len(heard), heard)
			}
			e := heard[0]
			got := told{e.Name, e.Outcome, e.Actor, string(e.User), e.Account, string(e.Session), e.Detail}
			if want := s.fill(row.want, e); got != want || (err == nil) != (e.Outcome == application.Done) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
			if e.Origin != s.origin {
				t.Errorf("it comes from %+v", e.Origin)
			}
		})
	}
}
