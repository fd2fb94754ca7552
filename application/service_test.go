package application_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// TestCore runs the stories that every service keeps, whatever lies between it and its caller.
func TestCore(t *testing.T) {
	contract.Services(t, func(t *testing.T, clock application.Clock) contract.Service {
		core, err := application.New(application.Deps{
			Store: memory.New(memory.Clock(clock)), Tokens: &tokens{}, Passwords: &passwords{}, Clock: clock, Registration: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return contract.Service{Gate: core, Accounts: core, Sessions: core, Administration: core}
	})
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 250_000_000, time.UTC) // not on a whole second

const (
	ana    = "ana@example.com"
	secret = "correct horse"
	second = time.Second
	day    = 24 * time.Hour
)

// clock is a node's, to be set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *clock) wait(d time.Duration) { c.set(c.read().Add(d)) }

// service is a core and all that it drives. Another node of it shares everything but the clock.
type service struct {
	*application.Core
	t         *testing.T
	ctx       context.Context
	clock     *clock
	wire      *wire
	tokens    *tokens
	passwords *passwords
	events    *recorder // only in a scene
}

func open(t *testing.T, settings ...func(*application.Deps)) *service {
	t.Helper()
	c := &clock{now: noon}
	s := &service{
		t: t, ctx: t.Context(), clock: c, wire: &wire{Store: memory.New(memory.Clock(c.read))}, tokens: &tokens{}, passwords: &passwords{},
	}
	s.Core = s.core(c, settings...)
	return s
}

func (s *service) core(c *clock, settings ...func(*application.Deps)) *application.Core {
	s.t.Helper()
	d := application.Deps{
		Store: s.wire, Tokens: s.tokens, Passwords: s.passwords, Attempts: s.wire.Store.(application.Attempts), Clock: c.read,
		Clients:      s.wire.Store.(application.Clients),
		Registration: true,
	}
	for _, set := range settings {
		set(&d)
	}
	core, err := application.New(d)
	if err != nil {
		s.t.Fatal(err)
	}
	return core
}

// node returns another core on the same store, with a clock that is apart.
func (s *service) node(apart time.Duration, settings ...func(*application.Deps)) *service {
	s.t.Helper()
	other := *s
	other.clock = &clock{now: s.clock.read().Add(apart)}
	other.Core = s.core(other.clock, settings...)
	return &other
}

// withAna adds a user, with a current hash.
func withAna(t *testing.T, settings ...func(*application.Deps)) *service {
	t.Helper()
	s := open(t, settings...)
	if _, err := s.Add(s.ctx, ana, secret, "admin", "billing"); err != nil {
		t.Fatal(err)
	}
	s.passwords.work()
	return s
}

// put adds a user as an older service left them.
func (s *service) put(u domain.User) {
	s.t.Helper()
	if err := s.wire.Store.Add(s.ctx, u); err != nil {
		s.t.Fatal(err)
	}
}

func (s *service) user() domain.User {
	s.t.Helper()
	u, err := s.wire.Store.ByEmail(s.ctx, ana)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

func (s *service) login() application.Grant {
	s.t.Helper()
	g, err := s.Login(s.ctx, ana, secret)
	if err != nil {
		s.t.Fatalf("login: %v", err)
	}
	return g
}

func (s *service) refresh(token string) application.Grant {
	s.t.Helper()
	g, err := s.Refresh(s.ctx, token)
	if err != nil {
		s.t.Fatalf("refresh: %v", err)
	}
	return g
}

func (s *service) claims(kind domain.Kind, token string) domain.Claims {
	s.t.Helper()
	c, err := s.tokens.Read(kind, token)
	if err != nil {
		s.t.Fatalf("%s token: %v", kind, err)
	}
	return c
}

func (s *service) issue(c domain.Claims) string {
	s.t.Helper()
	token, err := s.tokens.Issue(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *service) passes(what string, g application.Grant) {
	s.t.Helper()
	if _, err := s.Authorize(s.ctx, g.AccessToken); err != nil {
		s.t.Errorf("%s: got %v, want it to pass", what, err)
	}
}

// refused fails the test unless both tokens are refused with want.
func (s *service) refused(what string, g application.Grant, want domain.Refusal) {
	s.t.Helper()
	identity, err := s.Authorize(s.ctx, g.AccessToken)
	if !errors.Is(err, want) || identity.User != "" {
		s.t.Errorf("%s: authorize: got %+v, %v, want %v", what, identity, err, want)
	}
	grant, err := s.Refresh(s.ctx, g.RefreshToken)
	if !errors.Is(err, want) || grant != (application.Grant{}) {
		s.t.Errorf("%s: refresh: got %+v, %v, want %v", what, grant, err, want)
	}
}

// only fails the test unless the error is this refusal and no other.
func only(t *testing.T, what string, err error, want domain.Refusal) {
	t.Helper()
	var got domain.Refusal
	if !errors.As(err, &got) || got != want || !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
		return
	}
	for _, other := range []domain.Refusal{
		domain.InvalidCredentials, domain.TokenMissing, domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked,
		domain.TokenReused, domain.SessionExpired, domain.NotFound, domain.Unavailable,
	} {
		if other != want && errors.Is(err, other) {
			t.Errorf("%s: %v is %v too", what, err, other)
		}
	}
}

// field fails the test unless the error is this refusal of this field.
func field(t *testing.T, what string, err error, want domain.Refusal, name string) {
	t.Helper()
	var d *domain.Denied
	if !errors.As(err, &d) || d.Refusal != want || d.Field != name {
		t.Errorf("%s: got %v, want %v of the field %s", what, err, want, name)
	}
}
