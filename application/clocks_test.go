package application_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// TestFarFutureClock: a node whose clock is thousands of years ahead must not lock anybody out of the others.
func TestFarFutureClock(t *testing.T) {
	s := withAna(t)
	before := s.login()
	future := s.node(0)
	future.clock.set(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))
	there := future.login()
	future.passes("its own login there", there)
	if err := future.Logout(s.ctx, there.AccessToken, domain.Global); err != nil {
		t.Fatal(err)
	}
	s.refused("a session from before", before, domain.TokenRevoked)
	for range 3 {
		g := s.login()
		s.passes("a login since", g)
		s.refresh(g.RefreshToken)
		if err := s.Logout(s.ctx, g.AccessToken, ""); err != nil {
			t.Fatal(err)
		}
		s.refused("a login since, logged out", g, domain.TokenRevoked)
	}
	s.refused("a session from before, after later logins", before, domain.TokenRevoked)
}

// TestNodesAnHourApart: whose clock is ahead decides nothing but ages.
func TestNodesAnHourApart(t *testing.T) {
	for name, apart := range map[string]time.Duration{"the other is ahead": time.Hour, "the other is behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			wide := func(d *application.Deps) { d.AccessTTL, d.Leeway = 3*time.Hour, 2*time.Hour }
			s := withAna(t, wide)
			other := s.node(apart, wide)
			here, there := s.login(), other.login()
			other.passes("a login here", here)
			s.passes("a login there", there)
			for round := range 3 {
				if err := other.Logout(s.ctx, here.AccessToken, domain.Global); err != nil {
					t.Fatal(err)
				}
				for _, node := range []*service{s, other} {
					node.refused("here, logged out there", here, domain.TokenRevoked)
					node.refused("there, logged out there", there, domain.TokenRevoked)
				}
				here, there = s.login(), other.login()
				for _, node := range []*service{s, other} {
					node.passes("a login since, here", here)
					node.passes("a login since, there", there)
				}
				if round == 1 {
					s, other = other, s
				}
			}
		})
	}
}
