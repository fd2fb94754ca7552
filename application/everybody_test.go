package application_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// LogOutAll goes through more users than one page has, and can be gone on with where it failed.
func TestLogOutAll(t *testing.T) {
	s := withAna(t)
	const others = 1200
	for i := range others {
		s.put(domain.User{ID: domain.UserID(fmt.Sprintf("ffffffff-0000-7000-8000-%012x", i)), Email: domain.Email(fmt.Sprintf("p%d@example.com", i))})
	}
	g := s.login()
	s.wire.eachFails = 2 // its third page
	users, last, err := s.LogOutAll(s.ctx, "")
	if !errors.Is(err, domain.Unavailable) || users != 1000 || last == "" {
		t.Fatalf("it came to %d users, as far as %q, %v", users, last, err)
	}
	if _, err := s.Authorize(s.ctx, g.AccessToken); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("a session of the first page: %v", err)
	}
	if users, last, err = s.LogOutAll(s.ctx, last); err != nil || users != others+1-1000 || last != "" {
		t.Errorf("gone on with it came to %d users, as far as %q, %v", users, last, err)
	}
	for i := range others {
		u, err := s.wire.Store.ByEmail(s.ctx, domain.Email(fmt.Sprintf("p%d@example.com", i)))
		if err != nil || u.LogoutReason != domain.ByAdministrator || !u.LogoutTime.Equal(domain.Instant(s.clock.read())) {
			t.Fatalf("p%d: %v, %v", i, u, err)
		}
	}
	if _, err := s.Authorize(s.ctx, s.login().AccessToken); err != nil {
		t.Errorf("who logs in afterwards: %v", err)
	}
}

// A store that cannot says so, and nobody is told that all were logged out.
func TestLogOutAllOfAStoreThatCannot(t *testing.T) {
	s := withAna(t, func(d *application.Deps) { d.Store = struct{ application.Store }{d.Store} })
	if n, _, err := s.LogOutAll(s.ctx, ""); !errors.Is(err, domain.Unavailable) || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}

func (w *wire) LogOutEach(ctx context.Context, after domain.UserID, n int, f func(*domain.User)) (domain.UserID, int, error) {
	if err := w.call("LogOutEach"); err != nil {
		return after, 0, err
	}
	if w.eachFails > 0 && w.called("LogOutEach") == w.eachFails+1 {
		return after, 0, errBroken
	}
	return w.Store.(application.Everybody).LogOutEach(ctx, after, n, f)
}
