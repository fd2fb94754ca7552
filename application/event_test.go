package application_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// recorder keeps the events that it hears of.
type recorder struct {
	mu     sync.Mutex
	events []application.Event
}

func (r *recorder) Record(_ context.Context, e application.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// heard returns what was recorded since it was last called.
func (r *recorder) heard() []application.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// scene is a service with Ana, signed in, and who comes from where.
type scene struct {
	*service
	grant  application.Grant
	claims domain.Claims // of her access token
	origin application.Origin
}

// told is what an event has to say beside its time and origin. Places are filled in from the scene: USER, SESSION.
type told struct{ name, outcome, actor, user, account, session, detail string }

// anaDigest and beaDigest name the accounts in the log: the first 8 bytes of SHA-256 of their emails.
const (
	anaDigest = "8e43ca37701228e7"
	beaDigest = "5da2db4a243c1cb2"
)

func (s *scene) recorder() *recorder { return s.events }

// T099: whatever is asked for is exactly one event, once it is decided, that says who, whom, from where and what came of it.
func TestEvents(t *testing.T) {
	for name, row := range events() {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			err := row.do(s)
			heard := s.recorder().heard()
			if row.want == (told{}) {
				if err != nil || len(heard) != 0 {
					t.Errorf("got %v, %+v; want no event", err, heard)
				}
				return
			}
			if len(heard) != 1 {
				t.Fatalf("got %d events: %+v; want one", len(heard), heard)
			}
			e := heard[0]
			got := told{e.Name, e.Outcome, e.Actor, string(e.User), e.Account, string(e.Session), e.Detail}
			if want := s.fill(row.want, e); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if (err == nil) != (e.Outcome == application.Done) {
				t.Errorf("the caller was told %v, the log %q", err, e.Outcome)
			}
			if e.Origin != s.origin || !e.Time.Equal(domain.Instant(s.clock.read())) || e.Time.Location() != time.UTC {
				t.Errorf("got %+v at %v; want %+v at %v", e.Origin, e.Time, s.origin, s.clock.read())
			}
		})
	}
}

func newScene(t *testing.T) *scene {
	t.Helper()
	r := &recorder{}
	s := withAna(t, func(d *application.Deps) { d.Events = r })
	s.events = r
	origin := application.Origin{IP: "192.0.2.7", UserAgent: "curl", RequestID: "r1"}
	s.ctx = application.WithOrigin(s.ctx, origin)
	g := s.login()
	r.heard()
	return &scene{service: s, grant: g, claims: s.claims(domain.Access, g.AccessToken), origin: origin}
}

// fill puts what the scene made into the places of a row.
func (s *scene) fill(w told, e application.Event) told {
	s.t.Helper()
	opened := s.wire.sessions()
	newest := string(opened[len(opened)-1].ID)
	bea := ""
	if u, err := s.wire.Store.ByEmail(s.t.Context(), "bea@example.com"); err == nil {
		bea = string(u.ID)
	}
	places := strings.NewReplacer("USER", string(s.claims.Subject), "SESSION", string(s.claims.Session), "NEW", newest, "BEA", bea)
	w.user, w.session, w.detail = places.Replace(w.user), places.Replace(w.session), places.Replace(w.detail)
	return w
}

// Who runs the service names themselves; their name counts before any other.
func TestEventsNameTheOperator(t *testing.T) {
	s := newScene(t)
	ctx := application.WithOrigin(t.Context(), application.Origin{Actor: "command line: root"})
	if err := s.Disable(ctx, ana); err != nil {
		t.Fatal(err)
	}
	if heard := s.recorder().heard(); len(heard) != 1 || heard[0].Actor != "command line: root" {
		t.Errorf("got %+v", heard)
	}
}

// T097: no event holds an email, a password or a token, whatever field one looks at.
func TestEventsHoldNoSecret(t *testing.T) {
	for name, row := range events() {
		s := newScene(t)
		row.do(s)
		for _, e := range s.recorder().heard() {
			for _, field := range []string{e.Name, e.Outcome, e.Actor, string(e.User), e.Account, string(e.Session), e.Detail} {
				for _, secret := range []string{ana, "bea@", secret, "another password", s.grant.AccessToken, s.grant.RefreshToken} {
					if strings.Contains(field, secret) {
						t.Errorf("%s: %q holds %q", name, field, secret)
					}
				}
			}
		}
	}
}

// A fault of the service is no success in its log, and stays a fault.
func TestAPanicIsNoSuccess(t *testing.T) {
	s := newScene(t)
	s.passwords.during(func() { panic("out of order") })
	defer func() {
		if p := recover(); p != "out of order" {
			t.Errorf("got the panic %v", p)
		}
		if heard := s.recorder().heard(); len(heard) != 1 || heard[0].Outcome != application.Panicked || heard[0].Name != application.EventLogin {
			t.Errorf("got %+v", heard)
		}
	}()
	s.Login(s.ctx, ana, secret)
	t.Error("it went on")
}
