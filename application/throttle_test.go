package application_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// from is the service as somebody at an address reaches it.
func (s *service) from(ip string) *service {
	other := *s
	other.ctx = application.WithOrigin(s.t.Context(), application.Origin{IP: ip})
	return &other
}

// tries presents a password and says whether it was looked at, and how long to wait when it was not.
func (s *service) tries(email, password string) (looked bool, wait time.Duration) {
	s.t.Helper()
	_, err := s.Login(s.ctx, email, password)
	var d *domain.Denied
	switch {
	case err == nil, errors.Is(err, domain.InvalidCredentials):
		return true, 0
	case errors.Is(err, domain.TooManyAttempts) && errors.As(err, &d):
		return false, d.RetryAfter
	}
	s.t.Fatalf("login: %v", err)
	return false, 0
}

// guesses tries n wrong passwords and says how many were looked at.
func (s *service) guesses(email string, n int) (looked int) {
	s.t.Helper()
	for i := range n {
		if ok, _ := s.tries(email, fmt.Sprint("wrong ", i)); ok {
			looked++
		}
	}
	return looked
}

// T044: however long and from wherever somebody guesses, whoever has the password gets in.
func TestNobodyIsLockedOut(t *testing.T) {
	t.Run("by one who never stops, from an address that was never seen", func(t *testing.T) {
		s := withAna(t)
		attacker, owner := s.from("203.0.113.1"), s.from("198.51.100.7")
		for range 20 {
			s.clock.wait(100 * time.Millisecond)
			attacker.guesses(ana, 20)
		}
		deadline := s.clock.read().Add(time.Minute)
		for {
			looked, wait := owner.tries(ana, secret)
			if looked {
				return
			}
			for until := s.clock.read().Add(wait); s.clock.read().Before(until); {
				s.clock.wait(100 * time.Millisecond)
				attacker.guesses(ana, 1)
			}
			if s.clock.read().After(deadline) {
				t.Fatal("the owner is kept out for a minute")
			}
		}
	})
	t.Run("by a thousand addresses, from one that they signed in from", func(t *testing.T) {
		s := withAna(t)
		owner := s.from("198.51.100.7")
		owner.login()
		for i := range 1000 {
			s.from(fmt.Sprintf("203.0.%d.%d", i/250, i%250)).guesses(ana, 3)
			if i%100 == 0 {
				if looked, wait := owner.tries(ana, secret); !looked {
					t.Fatalf("the owner is told to wait %v", wait)
				}
			}
		}
	})
	t.Run("for ninety days after each time that they signed in there", func(t *testing.T) {
		const day = 24 * time.Hour
		s := withAna(t)
		owner := s.from("198.51.100.7")
		for range 2 { // the second time early within those of the first
			if looked, wait := owner.tries(ana, secret); !looked {
				t.Fatalf("told to wait %v", wait)
			}
			s.clock.wait(40 * day)
		}
		s.clock.wait(49 * day)
		for n := range 1000 {
			s.from(fmt.Sprintf("203.0.%d.%d", n/250, n%250)).guesses(ana, 10)
		}
		if looked, wait := owner.tries(ana, secret); !looked {
			t.Errorf("after 89 days the owner is told to wait %v", wait)
		}
	})
}

// T043: a crowd of addresses is bounded by the account, and one address by itself over all accounts.
func TestGuessingIsBoundedByAccountAndByAddress(t *testing.T) {
	t.Run("a hundred addresses at one account", func(t *testing.T) {
		s := withAna(t)
		looked := 0
		for i := range 100 {
			looked += s.from(fmt.Sprint("203.0.113.", i)).guesses(ana, 1)
		}
		if looked != 10 {
			t.Errorf("%d were looked at", looked)
		}
	})
	t.Run("one address at a thousand accounts", func(t *testing.T) {
		s := withAna(t)
		looked := 0
		for i := range 1000 {
			looked += s.from("203.0.113.1").guesses(fmt.Sprintf("user%d@example.com", i), 1)
		}
		if looked != 100 {
			t.Errorf("%d were looked at", looked)
		}
	})
	t.Run("T046: an IPv6 network is one address, and so is an IPv4 one in IPv6", func(t *testing.T) {
		for name, c := range map[string]struct {
			of      func(i int) string
			another string
		}{
			"a /64":             {func(i int) string { return fmt.Sprintf("2001:db8::%x:%x", i, i) }, "2001:db8:0:1::1"},
			"a zone":            {func(i int) string { return fmt.Sprintf("fe80::1%%eth%d", i) }, "fe80:0:0:1::1"},
			"an IPv4 and in v6": {func(i int) string { return []string{"203.0.113.1", "::ffff:203.0.113.1"}[i%2] }, "203.0.113.2"},
		} {
			s := withAna(t)
			looked := 0
			for i := range 200 {
				looked += s.from(c.of(i)).guesses(fmt.Sprintf("user%d@example.com", i), 1)
			}
			if looked != 100 {
				t.Errorf("%s: %d were looked at", name, looked)
			}
			if ok, _ := s.from(c.another).tries("other@example.com", "wrong"); !ok {
				t.Errorf("%s shares its bound with %s", name, c.another)
			}
		}
	})
}

// T041: one account is one bucket, however it is written.
func TestOneAddressIsOneBucket(t *testing.T) {
	s := withAna(t)
	looked := s.guesses(ana, 4) + s.guesses(" ANA@example.com", 4) + s.guesses("Ana@EXAMPLE.com\t", 4)
	if looked != 10 {
		t.Errorf("%d were looked at", looked)
	}
}

func TestRegistrationIsBoundedByAddress(t *testing.T) {
	s := open(t).from("203.0.113.1")
	register := func(s *service, i int) error {
		_, err := s.Register(s.ctx, fmt.Sprintf("user%d@example.com", i), secret)
		return err
	}
	for i := range 20 {
		if _, err := s.Register(s.ctx, "user@example.com", "short"); !errors.Is(err, domain.PasswordWeak) {
			t.Fatalf("a weak password: %v", err) // counts for nothing
		}
		if err := register(s, i); err != nil {
			t.Fatalf("registration %d: %v", i, err)
		}
	}
	err := register(s, 20)
	var d *domain.Denied
	if !errors.Is(err, domain.TooManyAttempts) || !errors.As(err, &d) || d.RetryAfter <= 0 {
		t.Fatalf("registration 20: %v", err)
	}
	if err := register(s.from("203.0.113.2"), 20); err != nil {
		t.Errorf("from another address: %v", err)
	}
	s.clock.wait(d.RetryAfter)
	if err := register(s, 21); err != nil {
		t.Errorf("after %v: %v", d.RetryAfter, err)
	}
}

// T050: whoever has an account finds out which emails are taken no faster than somebody who registers.
func TestChangesOfEmailAreBoundedAsRegistrations(t *testing.T) {
	s := withAna(t).from("203.0.113.1")
	access := s.login().AccessToken
	change := func(s *service, email string) error {
		_, err := s.ChangeEmail(s.ctx, access, secret, email)
		return err
	}
	s.put(domain.User{ID: "01890000-0000-7000-8000-000000000009", Email: "taken@example.com"})
	for i := range 20 {
		if err := change(s, ana); err != nil { // it tells nothing
			t.Fatalf("to the email so far: %v", err)
		}
		if err := change(s, "taken@example.com"); !errors.Is(err, domain.EmailTaken) {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	var d *domain.Denied
	if err := change(s, "taken@example.com"); !errors.Is(err, domain.TooManyAttempts) || !errors.As(err, &d) || d.RetryAfter <= 0 {
		t.Fatalf("change 20: %v", err)
	}
	if err := change(s.from("203.0.113.2"), "taken@example.com"); !errors.Is(err, domain.EmailTaken) {
		t.Errorf("from another address: %v", err)
	}
	if looked := s.guesses(ana, 20); looked != 10 {
		t.Errorf("%d guesses were looked at: what was right counts", looked)
	}
}

// What nobody looked at is not counted: the charge is taken back.
func TestUnseenPasswordsAreNotCounted(t *testing.T) {
	s := withAna(t)
	for name, cut := range map[string]func(error){
		"the hasher is busy": func(err error) { s.passwords.noVerify = err }, "the store is away": func(err error) { s.wire.cut("ByEmail", err) },
	} {
		cut(errBroken)
		for range 20 {
			if _, err := s.Login(s.ctx, ana, secret); !errors.Is(err, domain.Unavailable) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		cut(nil)
	}
	if looked := s.guesses(ana, 20); looked != 10 {
		t.Errorf("%d were looked at", looked)
	}
}

func TestUnlimited(t *testing.T) {
	s := withAna(t, func(d *application.Deps) {
		d.LoginLimit, d.AddressLimit, d.RegisterLimit = application.Unlimited(), application.Unlimited(), application.Unlimited()
		d.Attempts = nil
	})
	if looked := s.from("203.0.113.1").guesses(ana, 300); looked != 300 {
		t.Errorf("%d were looked at", looked)
	}
}
