package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func logoutRows() []row[*stage] {
	return []row[*stage]{
		{"global", "A global logout ends every session of the user and nobody else's, and is the default.", logoutGlobal},
		{"the next login revives nothing", "What was logged out stays refused however many logins follow.", revivesNothing},
		{"local", "A local logout ends the caller's session and no other.", logoutLocal},
		{"others", "A logout of others ends every session but the caller's.", logoutOthers},
		{"an unknown scope", "A scope that is none is RequestInvalid, and nothing ends.", unknownScope},
		{"twice is once", "A logout by a session that is over answers nil.", logoutTwice},
		{"no kill switch", "A token that was logged out ends no session that came after it.", noKillSwitch},
		{"an expired token", "A logout works with an access token that has expired.", logoutExpired},
		{"all at one instant", "A login and a logout in the same instant leave old tokens dead and new ones alive.", oneInstant},
		{"a clock that goes back", "A clock that jumps back revives no token and kills no new one.", clockGoesBack},
	}
}

func logoutGlobal(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	other, err := s.logins(ctx, bea, 1)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[0].AccessToken, ""); err != nil {
		return err
	}
	return errors.Join(
		s.refused(ctx, "the caller's token", grants[0], domain.TokenRevoked),
		s.refused(ctx, "another session's token", grants[1], domain.TokenRevoked),
		s.passes(ctx, "another user's token", other[0]))
}

func revivesNothing(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[0].AccessToken, domain.Global); err != nil {
		return err
	}
	for i := range 3 {
		again, err := s.logins(ctx, ana, 1)
		if err != nil {
			return err
		}
		if err := errors.Join(
			s.refused(ctx, fmt.Sprintf("the old token after login %d", i+1), grants[0], domain.TokenRevoked),
			s.passes(ctx, fmt.Sprintf("the token of login %d", i+1), again[0])); err != nil {
			return err
		}
		s.wait(time.Second)
	}
	return nil
}

func logoutLocal(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[0].AccessToken, domain.Local); err != nil {
		return err
	}
	return errors.Join(
		s.refused(ctx, "the caller's token", grants[0], domain.TokenRevoked),
		s.passes(ctx, "the other session's token", grants[1]))
}

func logoutOthers(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 3)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[1].AccessToken, domain.Others); err != nil {
		return err
	}
	_, refreshed := s.refresh(ctx, grants[1])
	return errors.Join(
		s.refused(ctx, "a session before", grants[0], domain.TokenRevoked),
		s.passes(ctx, "the caller's token", grants[1]), refreshed,
		s.refused(ctx, "a session after", grants[2], domain.TokenRevoked))
}

func unknownScope(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	return errors.Join(
		is("a logout of everything", s.Gate.Logout(ctx, grants[0].AccessToken, "everything"), domain.RequestInvalid),
		s.passes(ctx, "the session", grants[0]))
}

func logoutTwice(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for range 3 {
		for _, scope := range []domain.Scope{domain.Global, domain.Local, domain.Others} {
			if err := s.Gate.Logout(ctx, grants[0].AccessToken, scope); err != nil {
				return fmt.Errorf("%s: %w", scope, err)
			}
		}
	}
	if err := s.Administration.Delete(ctx, ana); err != nil {
		return err
	}
	return s.Gate.Logout(ctx, grants[0].AccessToken, domain.Global)
}

func noKillSwitch(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := s.Gate.Logout(ctx, g.AccessToken, domain.Local); err != nil {
			return err
		}
	}
	later, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	for _, scope := range []domain.Scope{domain.Global, domain.Local, domain.Others} {
		if err := s.Gate.Logout(ctx, grants[0].AccessToken, scope); err != nil {
			return err
		}
	}
	return s.passes(ctx, "a session from after the logout", later[0])
}

func logoutExpired(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	s.wait(time.Hour)
	current, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	if err := s.refused(ctx, "an old access token", grants[0], domain.TokenExpired); err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[0].AccessToken, domain.Global); err != nil {
		return err
	}
	return s.refused(ctx, "a session of the user", current[0], domain.TokenRevoked)
}

func oneInstant(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for range 5 { // the clock stands still
		if err := s.Gate.Logout(ctx, grants[0].AccessToken, domain.Global); err != nil {
			return err
		}
		next, err := s.logins(ctx, ana, 1)
		if err != nil {
			return err
		}
		if err := errors.Join(
			s.refused(ctx, "the token from before", grants[0], domain.TokenRevoked),
			s.passes(ctx, "the token from after", next[0])); err != nil {
			return err
		}
		grants = next
	}
	return nil
}

func clockGoesBack(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	s.wait(20 * time.Second)
	if err := s.Gate.Logout(ctx, grants[0].AccessToken, domain.Global); err != nil {
		return err
	}
	s.wait(-20 * time.Second)
	next, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	return errors.Join(
		s.refused(ctx, "the token from before", grants[0], domain.TokenRevoked),
		s.passes(ctx, "the token from after", next[0]))
}
