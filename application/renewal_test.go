package application_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// T035.
func TestLoginRenewsAStaleHash(t *testing.T) {
	imported := domain.User{ID: "imported", Email: ana, PasswordHash: stale(secret)}
	t.Run("once", func(t *testing.T) {
		s := open(t)
		s.put(imported)
		for range 3 {
			s.passes("a login", s.login())
		}
		if len(s.wire.hashes) != 1 || s.user().PasswordHash != s.wire.hashes[0] || !strings.HasPrefix(s.user().PasswordHash, "new$") {
			t.Errorf("saved %q, the user has %q", s.wire.hashes, s.user().PasswordHash)
		}
	})
	t.Run("not when the login fails", func(t *testing.T) {
		s := open(t)
		s.put(imported)
		_, err := s.Login(s.ctx, ana, "incorrect")
		only(t, "login", err, domain.InvalidCredentials)
		if _, hashed := s.passwords.work(); hashed != 0 || s.wire.hashes != nil {
			t.Errorf("hashed %d times, saved %q", hashed, s.wire.hashes)
		}
	})
	t.Run("not when the user is disabled", func(t *testing.T) {
		s := open(t)
		u := imported
		u.DisabledAt = noon
		s.put(u)
		_, err := s.Login(s.ctx, ana, secret)
		only(t, "login", err, domain.InvalidCredentials)
		if got := s.user(); !got.Equal(u) {
			t.Errorf("the user is %v, was %v", got, u)
		}
	})
	t.Run("at the next login when it cannot now", func(t *testing.T) {
		s := open(t)
		s.put(imported)
		s.passwords.noHash = domain.Unavailable
		s.passes("a login while the hasher is busy", s.login())
		if got := s.user().PasswordHash; got != imported.PasswordHash {
			t.Errorf("the hash is %q, want it as it was", got)
		}
		s.passwords.noHash = nil
		s.login()
		if len(s.wire.hashes) != 1 {
			t.Errorf("saved %q, want one", s.wire.hashes)
		}
	})
	t.Run("once when two first logins meet", func(t *testing.T) {
		s := open(t)
		s.put(imported)
		var met, done sync.WaitGroup
		met.Add(2)
		first := make(chan struct{}, 2)
		first <- struct{}{}
		first <- struct{}{}
		s.passwords.during(func() {
			select {
			case <-first: // both have verified the old hash before either is saved
				met.Done()
				met.Wait()
			default:
			}
		})
		grants := make([]application.Grant, 2)
		errs := make([]error, 2)
		for i := range 2 {
			done.Go(func() { grants[i], errs[i] = s.Login(s.ctx, ana, secret) })
		}
		done.Wait()
		for i := range 2 {
			if errs[i] != nil {
				t.Fatalf("a login that met another: %v", errs[i])
			}
			s.passes("a login that met another", grants[i])
		}
		if len(s.wire.hashes) != 1 || s.user().PasswordHash != s.wire.hashes[0] {
			t.Errorf("saved %q, the user has %q", s.wire.hashes, s.user().PasswordHash)
		}
		if verified, _ := s.passwords.work(); len(verified) != 3 {
			t.Errorf("verified against %q, want the old one twice, then the new one", verified)
		}
	})
}
