package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func ownSessionRows() []row[*stage] {
	return []row[*stage]{
		{"a list of one's own", "T071: a list shows the caller's sessions that stand, the newest login first, and marks the caller's.", listOwn},
		{"a list shows what stands", "What was ended, logged out or is too old is not shown, and neither is anybody else's.", listWhatStands},
		{"a list is bounded", "A list shows MaxSessions at most, and those are the newest.", listBounded},
		{"ending another of one's own", "Ending a session refuses its tokens at once, and no other one's; twice is once.", endOwn},
		{"ending one's own", "A session may end itself.", endItself},
		{"nobody ends another's", "T069: another user's session, an unknown one and one that is over are nil and stay as they are.", endNobody},
	}
}

func (s *stage) id(ctx context.Context, g application.Grant) (domain.SessionID, error) {
	id, err := s.Gate.Authorize(ctx, g.AccessToken)
	return id.Session, err
}

func listOwn(ctx context.Context, s *stage) error {
	start := domain.Instant(s.clock())
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for range 2 {
		s.wait(time.Minute)
		more, err := s.logins(ctx, ana, 1)
		if err != nil {
			return err
		}
		grants = append(grants, more...)
	}
	s.wait(time.Minute)
	if grants[0], err = s.refresh(ctx, grants[0]); err != nil {
		return err
	}
	list, err := s.Sessions.ListSessions(ctx, grants[1].AccessToken)
	if err != nil {
		return err
	}
	if len(list) != 3 {
		return fmt.Errorf("%d of 3 sessions are shown: %+v", len(list), list)
	}
	for i, shown := range list {
		n := 2 - i // the newest first
		id, err := s.id(ctx, grants[n])
		if err != nil {
			return err
		}
		login := start.Add(time.Duration(n) * time.Minute)
		refreshed := login
		if n == 0 {
			refreshed = start.Add(3 * time.Minute)
		}
		if shown.ID != id || shown.Current != (n == 1) || !shown.LoginTime.Equal(login) || !shown.RefreshedAt.Equal(refreshed) {
			return fmt.Errorf("session %d is shown as %+v, want %s, login %v, refreshed %v", n, shown, id, login, refreshed)
		}
	}
	return nil
}

func listWhatStands(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 1); err != nil { // rests too long
		return err
	}
	s.wait(8 * 24 * time.Hour)
	dead, err := s.logins(ctx, ana, 3)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, dead[0].AccessToken, domain.Local); err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, dead[1].AccessToken, domain.Global); err != nil {
		return err
	}
	live, err := s.logins(ctx, ana, 2)
	if err != nil {
		return err
	}
	s.wait(time.Minute) // so that nothing but their user keeps these out
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	if _, err := s.logins(ctx, bea, 2); err != nil {
		return err
	}
	list, err := s.Sessions.ListSessions(ctx, live[0].AccessToken)
	if err != nil {
		return err
	}
	want := map[domain.SessionID]bool{}
	for _, g := range live {
		id, err := s.id(ctx, g)
		if err != nil {
			return err
		}
		want[id] = true
	}
	for _, shown := range list {
		if !want[shown.ID] {
			return fmt.Errorf("%s is shown, which does not stand or is another's", shown.ID)
		}
	}
	if len(list) != len(want) {
		return fmt.Errorf("%d of %d sessions are shown", len(list), len(want))
	}
	return nil
}

func endOwn(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 3)
	if err != nil {
		return err
	}
	id, err := s.id(ctx, grants[1])
	if err != nil {
		return err
	}
	for range 2 {
		if err := s.Sessions.EndSession(ctx, grants[0].AccessToken, id); err != nil {
			return err
		}
	}
	list, err := s.Sessions.ListSessions(ctx, grants[0].AccessToken)
	if err != nil || len(list) != 2 {
		return fmt.Errorf("then %d sessions are shown, %w", len(list), err)
	}
	return errors.Join(
		s.over(ctx, "the session that was ended", grants[1]),
		s.passes(ctx, "the caller's session", grants[0]), s.passes(ctx, "the third session", grants[2]))
}

func endItself(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	id, err := s.id(ctx, grants[0])
	if err != nil {
		return err
	}
	return errors.Join(
		s.Sessions.EndSession(ctx, grants[0].AccessToken, id),
		s.over(ctx, "the session that ended itself", grants[0]), s.passes(ctx, "the other session", grants[1]))
}

func endNobody(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	theirs, err := s.logins(ctx, bea, 1)
	if err != nil {
		return err
	}
	another, err := s.id(ctx, theirs[0])
	if err != nil {
		return err
	}
	over, err := s.id(ctx, grants[1])
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[1].AccessToken, domain.Local); err != nil {
		return err
	}
	for _, id := range []domain.SessionID{another, over, sessionID(1)} {
		if err := s.Sessions.EndSession(ctx, grants[0].AccessToken, id); err != nil {
			return fmt.Errorf("ending %s: %w", id, err)
		}
	}
	for _, id := range []domain.SessionID{"", "..", "a/b", "018F0000-0000-7000-8000-000000000002"} {
		if err := atFault("ending what is no session", s.Sessions.EndSession(ctx, grants[0].AccessToken, id), domain.RequestInvalid, "id"); err != nil {
			return err
		}
	}
	return errors.Join(s.passes(ctx, "another's session", theirs[0]), s.passes(ctx, "the caller's session", grants[0]))
}

// listBounded logs in more often than a list shows.
func listBounded(ctx context.Context, s *stage) error {
	const more = 2
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for len(grants) < application.MaxSessions+more {
		s.wait(time.Second)
		next, err := s.logins(ctx, ana, 1)
		if err != nil {
			return err
		}
		grants = append(grants, next...)
	}
	list, err := s.Sessions.ListSessions(ctx, grants[0].AccessToken)
	if err != nil || len(list) != application.MaxSessions {
		return fmt.Errorf("of %d sessions %d are shown, %w", len(grants), len(list), err)
	}
	for i, shown := range list {
		if i > 0 && shown.LoginTime.After(list[i-1].LoginTime) {
			return fmt.Errorf("session %d is newer than the one before it", i)
		}
		for _, old := range grants[:more] {
			if id, err := s.id(ctx, old); err != nil || shown.ID == id {
				return fmt.Errorf("one of the oldest sessions is shown in place of a newer one, %w", err)
			}
		}
	}
	return nil
}
