package application_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// counting counts how often the store is asked about attempts.
type counting struct {
	application.Attempts
	asked *int
}

func (c counting) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	*c.asked++
	return c.Attempts.Count(ctx, buckets, f)
}

// counted is a service with Ana, and how often its store was asked about attempts.
func counted(t *testing.T) (s *service, asked *int) {
	asked = new(int)
	s = withAna(t, func(d *application.Deps) {
		d.Attempts, d.Registration = counting{d.Attempts, asked}, true
	})
	return s.from("203.0.113.9"), asked
}

// T048: who finds no place with the passwords has cost the store nothing.
func TestACrowdDoesNotReachTheStore(t *testing.T) {
	s, asked := counted(t)
	g := s.login()
	*asked = 0
	s.passwords.noPlace = domain.Unavailable
	s.wire.cut("ByEmail", errBroken)
	_, err := s.Login(s.ctx, ana, secret)
	only(t, "a login", err, domain.Unavailable)
	_, err = s.Register(s.ctx, "new@example.com", secret)
	only(t, "a registration", err, domain.Unavailable)
	_, err = s.ChangePassword(s.ctx, g.AccessToken, secret, "another long secret")
	only(t, "a change of password", err, domain.Unavailable)
	if *asked != 0 {
		t.Errorf("the store was asked %d times", *asked)
	}
}

// Whoever has a place works in it, and leaves it, whatever becomes of them.
func TestPlacesAreLeft(t *testing.T) {
	s, _ := counted(t)
	s.passwords.outside = 0
	g := s.login()
	s.guesses(ana, 12) // the last ones are told to wait
	_, _ = s.Register(s.ctx, "new@example.com", secret)
	_, _ = s.Register(s.ctx, ana, secret)
	s = s.from("203.0.113.10")
	if _, err := s.ChangePassword(s.ctx, g.AccessToken, secret, "another long secret"); err != nil {
		t.Error(err)
	}
	s.wire.cut("ByEmail", errBroken)
	_, _ = s.Login(s.ctx, ana, secret)
	if s.passwords.placed != 0 || s.passwords.outside != 0 {
		t.Errorf("%d places are still taken, and %d passwords were worked on outside", s.passwords.placed, s.passwords.outside)
	}
}

// Whoever is told to wait and does not is told so again, without the store, for a second.
func TestWhoDoesNotWaitIsToldSoAgain(t *testing.T) {
	s, asked := counted(t)
	s.guesses(ana, 11)
	first := *asked
	_, wait := s.tries(ana, secret)
	s.clock.wait(999 * time.Millisecond)
	if looked, later := s.tries(ana, secret); looked || later != wait-999*time.Millisecond {
		t.Errorf("looked at: %v, to wait %v, want %v less 999 ms", looked, later, wait)
	}
	if *asked != first {
		t.Errorf("the store was asked %d times more", *asked-first)
	}
	s.clock.wait(time.Millisecond)
	if s.tries(ana, secret); *asked != first+1 {
		t.Errorf("after a second the store was asked %d times more, want once", *asked-first)
	}
	if looked := s.from("203.0.113.77").guesses("bia@example.com", 1); looked != 1 {
		t.Error("another address and account has to wait too")
	}
	s.clock.wait(-time.Hour)
	if s.tries(ana, secret); *asked != first+3 {
		t.Errorf("on a clock that went back the store was asked %d times more, want 3", *asked-first)
	}
}

// believing shows f what is not there before it shows what is.
type believing struct {
	application.Attempts
	believed time.Time
}

func (b believing) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	f(slices.Repeat([]time.Time{b.believed}, len(buckets)))
	return b.Attempts.Count(ctx, buckets, f)
}

// TestWhatIsOnlyBelievedDecidesNothing: an attempt is what the last run says, whatever a store has shown before it.
func TestWhatIsOnlyBelievedDecidesNothing(t *testing.T) {
	for name, believed := range map[string]time.Time{"empty": {}, "full": noon.Add(1000 * time.Hour)} {
		s := withAna(t, func(d *application.Deps) { d.Attempts = believing{d.Attempts, believed} }).from("203.0.113.9")
		plain := withAna(t).from("203.0.113.9")
		for _, of := range []*service{s, plain} {
			of.login()
		}
		if got, want := s.guesses(ana, 30), plain.guesses(ana, 30); got != want || want == 0 || want == 30 {
			t.Errorf("of 30 guesses %d were looked at instead of %d, when buckets were believed to be %s", got, want, name)
		}
	}
}
