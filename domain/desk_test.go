package domain_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

var seed = flag.Uint64("seed", 0, "replays the random histories of a seed; 0 draws a new one")

// draw returns a source of randomness, and prints its seed if the test fails.
func draw(t *testing.T) *rand.Rand {
	t.Helper()
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to see it again: -seed=%d", s)
		}
	})
	return rand.New(rand.NewPCG(s, 0))
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const (
	day  = 24 * time.Hour
	hash = "the hash of a password"
)

var life = domain.Lifetime{Absolute: 30 * day, Idle: 7 * day}

func user() domain.User {
	return domain.User{
		ID: uid(1), Email: "ana@example.com", PasswordHash: hash, Roles: []domain.Role{"admin", "billing"}, CreatedAt: noon,
	}
}

func uid(n int) domain.UserID { return domain.UserID(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)) }

func sid(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("00000000-0000-7000-9000-%012d", n))
}

func opening(n int) domain.Opening {
	return domain.Opening{
		ID: sid(n), Verified: hash, Methods: []domain.Method{domain.PasswordMethod}, UserAgent: "Mozilla/5.0", IP: "192.0.2.1",
		Lifetime: life,
	}
}

// desk is a store for one user: it hands an account to each decision and keeps what Changes says, nothing else.
type desk struct {
	t        *testing.T
	user     domain.User
	sessions []domain.Session
	deleted  bool
}

func newDesk(t *testing.T) *desk { return &desk{t: t, user: user()} }

// change runs one decision on the named sessions. It fails the test when Changes is not exactly the difference, or when
// what it kept is not what the account shows.
func (d *desk) change(decide func(*domain.Account), about ...domain.SessionID) domain.Changes {
	d.t.Helper()
	var read []domain.Session
	for _, id := range about {
		if s, ok := d.session(id); ok {
			read = append(read, s)
		}
	}
	a := domain.NewAccount(d.user, read...)
	decide(a)
	c := a.Changes()
	if c.Deleted {
		*d = desk{t: d.t, deleted: true}
		return c
	}
	if (c.User != nil) == a.User.Equal(d.user) {
		d.t.Fatalf("Changes().User is %v, the user went from %v to %v", c.User, d.user, a.User)
	}
	if c.User != nil {
		d.user = c.User.Clone()
	}
	for _, s := range c.Changed {
		i := slices.IndexFunc(d.sessions, func(o domain.Session) bool { return o.ID == s.ID })
		if i < 0 || d.sessions[i].Equal(s) {
			d.t.Fatalf("Changes().Changed has %v, which did not change", s)
		}
		d.sessions[i] = s
	}
	for _, s := range c.Opened {
		if _, ok := d.session(s.ID); ok {
			d.t.Fatalf("Changes().Opened has %v, which was there", s)
		}
		d.sessions = append(d.sessions, s)
		about = append(about, s.ID)
	}
	if !d.user.Equal(a.User) {
		d.t.Fatalf("replaying Changes() gave the user %v, the account shows %v", d.user, a.User)
	}
	for _, id := range about {
		kept, ok := d.session(id)
		shown, shows := a.Session(id)
		if ok != shows || !kept.Equal(shown) {
			d.t.Fatalf("replaying Changes() gave the session %v, the account shows %v", kept, shown)
		}
	}
	return c
}

func (d *desk) session(id domain.SessionID) (domain.Session, bool) {
	i := slices.IndexFunc(d.sessions, func(s domain.Session) bool { return s.ID == id })
	if i < 0 {
		return domain.Session{}, false
	}
	return d.sessions[i], true
}

func (d *desk) refuse(now time.Time, id domain.SessionID) error {
	d.t.Helper()
	s, ok := d.session(id)
	if !ok {
		return domain.Standing{}.Refuse(now)
	}
	return domain.StandingOf(d.user, s).Refuse(now)
}

// open opens the n-th session.
func (d *desk) open(now time.Time, n int) domain.Session {
	d.t.Helper()
	var s domain.Session
	var err error
	d.change(func(a *domain.Account) { s, err = a.Open(now, opening(n)) })
	if err != nil {
		d.t.Fatalf("Open: %v", err)
	}
	return s
}

func none(c domain.Changes) bool {
	return c.User == nil && c.Opened == nil && c.Changed == nil && !c.Deleted
}
