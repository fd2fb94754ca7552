package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
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

func roleRows() []row[*stage] {
	return []row[*stage]{
		{"roles are read afresh", "A role that is given or taken away counts at the next request.", rolesAfresh},
		{"any of them", "One of the roles that are asked for is enough; none of them is InsufficientRole.", anyRole},
		{"a role that is none", "A role that is none is RequestInvalid: it must not let everybody in.", noRole},
	}
}

func rolesAfresh(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	_, before := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	if err := is("without the role", before, domain.InsufficientRole); err != nil {
		return err
	}
	if err := s.Administration.SetRoles(ctx, ana, "writer", "admin", "admin"); err != nil {
		return err
	}
	id, err := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	if err != nil {
		return err
	}
	if fmt.Sprint(id.Roles) != "[admin writer]" {
		return fmt.Errorf("the roles are %v", id.Roles)
	}
	if err := s.Administration.SetRoles(ctx, ana); err != nil {
		return err
	}
	_, after := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin")
	return is("after the role was taken away", after, domain.InsufficientRole)
}

func anyRole(ctx context.Context, s *stage) error {
	if _, err := s.Administration.Add(ctx, ana, password, "billing:read"); err != nil {
		return err
	}
	grants, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	if _, err := s.Gate.Authorize(ctx, grants[0].AccessToken, "admin", "billing:read"); err != nil {
		return err
	}
	_, err = s.Gate.Authorize(ctx, grants[0].AccessToken, "admin", "billing:write")
	return is("with neither role", err, domain.InsufficientRole)
}

func noRole(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	for _, role := range []domain.Role{"", "Admin", "a b", "a,b", "-a", "ação", domain.Role(make([]byte, 65))} {
		_, err := s.Gate.Authorize(ctx, grants[0].AccessToken, role)
		if err := is(fmt.Sprintf("the role %q", role), err, domain.RequestInvalid); err != nil {
			return err
		}
	}
	return nil
}

func accountRows() []row[*stage] {
	return []row[*stage]{
		{"registration", "A registration is refused for an email that is none or is taken, and for a weak password: too short, too long, common, the email or the service's name.", registration},
		{"disabling", "Disabling a user ends every session at once; enabling revives none, and lets the user log in.", disabling},
		{"deleting", "Deleting a user ends every session at once, and the email may be registered anew as somebody else.", deleting},
		{"a new password", "A new password ends every session at once, and the old one is wrong from then on.", newPassword},
	}
}

func registration(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	for _, try := range []struct {
		email, password string
		want            domain.Refusal
	}{
		{ana, password, domain.EmailTaken},
		{"no address", password, domain.EmailInvalid},
		{"", password, domain.EmailInvalid},
		{"a@b@c", password, domain.EmailInvalid},
		{"ana@exa mple.com", password, domain.EmailInvalid},
		{"çã@example.com", password, domain.EmailInvalid},
		{bea, "seven77", domain.PasswordWeak},
		{bea, "", domain.PasswordWeak},
		{bea, "BEA@example.com", domain.PasswordWeak},
		{bea, strings.Repeat("é", 257), domain.PasswordWeak}, // T029
		{bea, "password123", domain.PasswordWeak},            // T033
		{bea, "Password123", domain.PasswordWeak},
		{bea, "QWERTYUIOP", domain.PasswordWeak},
		{bea, "Porteiro", domain.PasswordWeak},
		{"margarida@example.com", "MARGARIDA", domain.PasswordWeak},
	} {
		_, err := s.Accounts.Register(ctx, try.email, try.password)
		if err := is(fmt.Sprintf("registering %q with %q", try.email, try.password), err, try.want); err != nil {
			return err
		}
	}
	return nil
}

// ends has a session ended by f, and then f's user try the refresh token.
func (s *stage) ends(ctx context.Context, f func(context.Context, string) error) (application.Grant, error) {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return application.Grant{}, err
	}
	if err := f(ctx, ana); err != nil {
		return application.Grant{}, err
	}
	_, refreshed := s.refresh(ctx, grants[0])
	return grants[0], errors.Join(
		s.refused(ctx, "the access token", grants[0], domain.TokenRevoked),
		is("the refresh token", refreshed, domain.TokenRevoked))
}

func disabling(ctx context.Context, s *stage) error {
	old, err := s.ends(ctx, s.Administration.Disable)
	if err != nil {
		return err
	}
	if err := s.Administration.Enable(ctx, ana); err != nil {
		return err
	}
	next, err := s.logins(ctx, ana, 1)
	if err != nil {
		return err
	}
	return errors.Join(
		s.refused(ctx, "the old token after enabling", old, domain.TokenRevoked),
		s.passes(ctx, "a new login", next[0]))
}

func deleting(ctx context.Context, s *stage) error {
	old, err := s.ends(ctx, s.Administration.Delete)
	if err != nil {
		return err
	}
	next, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	return errors.Join(
		s.refused(ctx, "the old token after another registration", old, domain.TokenRevoked),
		s.passes(ctx, "the new user", next[0]))
}

func newPassword(ctx context.Context, s *stage) error {
	set := func(ctx context.Context, email string) error {
		return s.Administration.SetPassword(ctx, email, renewed)
	}
	if _, err := s.ends(ctx, set); err != nil {
		return err
	}
	_, old := s.Gate.Login(ctx, ana, password)
	_, err := s.Gate.Login(ctx, ana, renewed)
	return errors.Join(is("the old password", old, domain.InvalidCredentials), err)
}
