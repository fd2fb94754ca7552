package application_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
)

// However many newer sessions have rested too long, one that stands is shown.
func TestListSessionsBehindOnesThatRested(t *testing.T) {
	s := withAna(t)
	for range application.MaxSessions + 20 {
		s.login()
	}
	grant := s.login()
	for range application.MaxSessions + 20 {
		s.clock.wait(time.Millisecond)
		s.login()
	}
	s.clock.wait(6 * day)
	grant = s.refresh(grant.RefreshToken)
	s.clock.wait(2 * day)
	grant = s.refresh(grant.RefreshToken)
	list, err := s.ListSessions(s.ctx, grant.AccessToken)
	if err != nil || len(list) != 1 || !list[0].Current {
		t.Errorf("got %d sessions, %v", len(list), err)
	}
	for range application.MaxSessions + 20 {
		s.login()
	}
	if list, err = s.ListSessions(s.ctx, grant.AccessToken); err != nil || len(list) != application.MaxSessions {
		t.Errorf("of many that stand: got %d, %v", len(list), err)
	}
}
