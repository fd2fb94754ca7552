package application_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestRegister(t *testing.T) {
	s := open(t)
	got, err := s.Register(s.ctx, " Ana@Example.com ", secret)
	if err != nil {
		t.Fatal(err)
	}
	u := s.user()
	if got.User != u.ID || got.Email != ana || u.Roles != nil || u.Disabled() || !u.CreatedAt.Equal(domain.Instant(noon)) ||
		!u.LoginTime.IsZero() || !u.LogoutTime.IsZero() || !u.VerifiedAt.IsZero() || strings.Contains(u.PasswordHash, secret) {
		t.Errorf("got %+v and the user %+v", got, u)
	}
	if _, err := domain.ParseUserID(string(u.ID)); err != nil || u.ID[14] != '7' {
		t.Errorf("got the ID %q, want a UUIDv7", u.ID)
	}
	s.passes("a login with it", s.login())
}

func TestRegisterRefuses(t *testing.T) {
	s := withAna(t)
	for _, taken := range []string{ana, "ANA@EXAMPLE.COM", " ana@example.com"} {
		_, err := s.Register(s.ctx, taken, "another password")
		only(t, taken, err, domain.EmailTaken)
	}
	s.passwords.work()
	for _, none := range []string{"", "bea", "bea@", "béa@example.com"} {
		_, err := s.Register(s.ctx, none, secret)
		field(t, none, err, domain.EmailInvalid, "email")
	}
	for _, weak := range []string{"", "1234567", "Margarida", "margarida@EXAMPLE.com", strings.Repeat("x", 257)} {
		_, err := s.Register(s.ctx, "margarida@example.com", weak)
		field(t, weak, err, domain.PasswordWeak, "password")
	}
	_, err := s.Register(s.ctx, "bea\x00@example.com", secret)
	field(t, "a NUL in the email", err, domain.RequestInvalid, "email")
	_, err = s.Register(s.ctx, "bea@example.com", "\xffxxxxxxxx")
	field(t, "no UTF-8", err, domain.RequestInvalid, "password")
	_, err = s.Register(s.ctx, "bea@example.com", strings.Repeat("x", application.MaxCredentials))
	only(t, "too long", err, domain.BodyTooLarge)
	if _, hashed := s.passwords.work(); hashed != 0 {
		t.Errorf("%d passwords were hashed for nothing", hashed)
	}
	s.passwords.noHash = domain.Unavailable
	_, err = s.Register(s.ctx, "bea@example.com", secret)
	only(t, "a hasher that is busy", err, domain.Unavailable)
	s.passwords.noHash = errBroken
	_, err = s.Register(s.ctx, "bea@example.com", secret)
	only(t, "a hasher that fails", err, domain.Unavailable)

	closed := s.node(0, func(d *application.Deps) { d.Registration = false })
	for _, email := range []string{ana, "bea@example.com", "bea"} {
		_, err := closed.Register(s.ctx, email, secret)
		only(t, "closed", err, domain.RegistrationClosed)
	}
	if n := s.wire.called("Add"); n != 4 {
		t.Errorf("the store was asked to add %d times, want once for Ana and for each try to have her email", n)
	}
}

// T029, T031, T032.
func TestRegisterTakesTheBytesOfAPassword(t *testing.T) {
	for _, password := range []string{"        ", " leading and trailing ", "pass\x00word", strings.Repeat("🔑", 8), "סיסמה ארוכה", strings.Repeat("x", 256)} {
		s := open(t)
		if _, err := s.Register(s.ctx, ana, password); err != nil {
			t.Errorf("%q: %v", password, err)
			continue
		}
		if _, err := s.Login(s.ctx, ana, password); err != nil {
			t.Errorf("%q: login: %v", password, err)
		}
		for _, wrong := range []string{password + "x", password[:len(password)-1], strings.TrimSpace(password) + "\t", strings.ToUpper(password) + "!"} {
			if _, err := s.Login(s.ctx, ana, wrong); err == nil {
				t.Errorf("%q: logged in with %q", password, wrong)
			}
		}
	}
}

func TestRegisterAtOnce(t *testing.T) {
	s := open(t)
	var all sync.WaitGroup
	var added, taken atomic.Int32
	for range 16 {
		all.Go(func() {
			switch _, err := s.Register(s.ctx, ana, secret); {
			case err == nil:
				added.Add(1)
			case errors.Is(err, domain.EmailTaken):
				taken.Add(1)
			}
		})
	}
	all.Wait()
	if added.Load() != 1 || taken.Load() != 15 {
		t.Errorf("added %d, taken %d; want 1 and 15", added.Load(), taken.Load())
	}
}
