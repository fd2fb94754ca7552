package contract

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func ownRows() []row[*stage] {
	return []row[*stage]{
		{"a new password of one's own", "T037: a changed password ends every session at once but the one that it opens, and the old one is wrong from then on.", ownPassword},
		{"a new password is confirmed", "Without the current password, and with one that the policy refuses, nothing changes, and the refusal names the input.", passwordConfirmed},
		{"a new email", "With a new email the session goes on, the new one logs in and the old one is nobody's.", ownEmail},
		{"a new email is confirmed", "A new email is refused without the password, when it is none and when it is another's, and nothing changes.", emailConfirmed},
		{"nothing is inherited", "T074: whoever registers an email that somebody gave up inherits nothing, neither sessions nor tokens.", nothingInherited},
		{"deleting oneself", "A deleted account is gone with every session, and the email may be registered anew.", ownDeletion},
		{"only who passes", "What people do with their own asks for an access token that passes, as Authorize does.", onlyWhoPasses},
		{"unreadable input of one's own", "Text that is not UTF-8 is RequestInvalid with the field, and too much is BodyTooLarge.", unreadableOwn},
	}
}

func ownPassword(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 3)
	if err != nil {
		return err
	}
	fresh, err := s.Accounts.ChangePassword(ctx, grants[0].AccessToken, password, renewed)
	if err != nil {
		return err
	}
	for i, g := range grants {
		if err := s.over(ctx, fmt.Sprintf("session %d", i), g); err != nil {
			return err
		}
	}
	if err := s.passes(ctx, "the fresh session", fresh); err != nil {
		return err
	}
	if _, err := s.refresh(ctx, fresh); err != nil {
		return err
	}
	_, old := s.Gate.Login(ctx, ana, password)
	_, now := s.Gate.Login(ctx, ana, renewed)
	return errors.Join(is("the old password", old, domain.InvalidCredentials), now)
}

// over returns nil if a session is over for access and for refresh.
func (s *stage) over(ctx context.Context, what string, g application.Grant) error {
	_, refreshed := s.Gate.Refresh(ctx, g.RefreshToken)
	return errors.Join(s.refused(ctx, what, g, domain.TokenRevoked), is("refresh of "+what, refreshed, domain.TokenRevoked))
}

// at fault returns nil if a refusal is the one wanted and names the input.
func atFault(what string, err error, want domain.Refusal, field string) error {
	var d *domain.Denied
	if !errors.Is(err, want) || !errors.As(err, &d) || d.Field != field {
		return fmt.Errorf("%s: %+v, want %s with the field %s", what, err, want, field)
	}
	return nil
}

func passwordConfirmed(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	_, wrong := s.Accounts.ChangePassword(ctx, grants[0].AccessToken, renewed, renewed)
	_, weak := s.Accounts.ChangePassword(ctx, grants[0].AccessToken, password, "seven77")
	_, own := s.Accounts.ChangePassword(ctx, grants[0].AccessToken, password, "ANA@example.com")
	_, login := s.Gate.Login(ctx, ana, password)
	return errors.Join(
		atFault("a wrong current password", wrong, domain.InvalidCredentials, "current_password"),
		atFault("a weak new password", weak, domain.PasswordWeak, "new_password"),
		atFault("the email as the new password", own, domain.PasswordWeak, "new_password"),
		login, s.passes(ctx, "after refusals the session", grants[0]))
}

func ownEmail(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	before, err := s.Gate.Authorize(ctx, grants[0].AccessToken)
	if err != nil {
		return err
	}
	moved, err := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, password, " Bea@Example.com")
	if err != nil {
		return err
	}
	if moved.User != before.User || moved.Email != bea {
		return fmt.Errorf("the answer is %+v for user %s", moved, before.User)
	}
	for _, g := range grants {
		after, err := s.Gate.Authorize(ctx, g.AccessToken)
		if err != nil {
			return err
		}
		if after.Email != bea || after.User != before.User {
			return fmt.Errorf("the identity is %+v after the change", after)
		}
	}
	_, old := s.Gate.Login(ctx, ana, password)
	_, now := s.Gate.Login(ctx, bea, password)
	_, again := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, password, bea)
	return errors.Join(is("login with the old email", old, domain.InvalidCredentials), now, again)
}

func emailConfirmed(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	_, wrong := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, renewed, "new@example.com")
	_, taken := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, password, bea)
	_, none := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, password, "no address")
	id, err := s.Gate.Authorize(ctx, grants[0].AccessToken)
	if err == nil && id.Email != ana {
		err = fmt.Errorf("after refusals the email is %s", id.Email)
	}
	return errors.Join(
		atFault("a wrong password", wrong, domain.InvalidCredentials, "password"),
		is("another's email", taken, domain.EmailTaken), atFault("what is no email", none, domain.EmailInvalid, "email"), err)
}

func nothingInherited(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if _, err := s.Accounts.ChangeEmail(ctx, grants[0].AccessToken, password, bea); err != nil {
		return err
	}
	second, err := s.Accounts.Register(ctx, ana, renewed)
	if err != nil {
		return fmt.Errorf("registering the email that was given up: %w", err)
	}
	for _, g := range grants {
		id, err := s.Gate.Authorize(ctx, g.AccessToken)
		if err != nil || id.User == second.User || id.Email != bea {
			return fmt.Errorf("a token of the first user is %+v, %w", id, err)
		}
	}
	g, err := s.Gate.Login(ctx, ana, renewed)
	if err != nil {
		return err
	}
	own, err := s.Sessions.ListSessions(ctx, g.AccessToken)
	if err != nil || len(own) != 1 {
		return fmt.Errorf("the second user has %d sessions, %w", len(own), err)
	}
	return nil
}

func ownDeletion(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if err := atFault("a wrong password", s.Accounts.DeleteAccount(ctx, grants[0].AccessToken, renewed), domain.InvalidCredentials, "password"); err != nil {
		return err
	}
	if err := s.passes(ctx, "after a refusal the session", grants[1]); err != nil {
		return err
	}
	if err := s.Accounts.DeleteAccount(ctx, grants[0].AccessToken, password); err != nil {
		return err
	}
	for _, g := range grants {
		if err := s.over(ctx, "a session of a deleted user", g); err != nil {
			return err
		}
	}
	_, login := s.Gate.Login(ctx, ana, password)
	_, anew := s.Accounts.Register(ctx, ana, renewed)
	again := s.Accounts.DeleteAccount(ctx, grants[0].AccessToken, password)
	return errors.Join(is("login", login, domain.InvalidCredentials), anew, is("deleting again", again, domain.TokenRevoked))
}

// asks is every call that takes an access token and asks that it passes.
func (s *stage) asks(ctx context.Context, access string) map[string]error {
	_, changed := s.Accounts.ChangePassword(ctx, access, password, renewed)
	_, moved := s.Accounts.ChangeEmail(ctx, access, password, bea)
	_, listed := s.Sessions.ListSessions(ctx, access)
	return map[string]error{
		"ChangePassword": changed, "ChangeEmail": moved, "ListSessions": listed,
		"DeleteAccount": s.Accounts.DeleteAccount(ctx, access, password),
		"EndSession":    s.Sessions.EndSession(ctx, access, sessionID(1)),
	}
}

func onlyWhoPasses(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, grants[1].AccessToken, domain.Local); err != nil {
		return err
	}
	for what, try := range map[string]struct {
		token string
		want  domain.Refusal
	}{
		"no token":        {"", domain.TokenMissing},
		"garbage":         {"a.b.c", domain.TokenInvalid},
		"a refresh token": {grants[0].RefreshToken, domain.TokenInvalid},
		"a dead session":  {grants[1].AccessToken, domain.TokenRevoked},
	} {
		for call, err := range s.asks(ctx, try.token) {
			if err := is(call+" with "+what, err, try.want); err != nil {
				return err
			}
		}
	}
	if err := s.passes(ctx, "after refusals the session", grants[0]); err != nil {
		return err
	}
	s.wait(grants[0].ExpiresIn + 31e9)
	for call, err := range s.asks(ctx, grants[0].AccessToken) {
		if err := is(call+" with an expired token", err, domain.TokenExpired); err != nil {
			return err
		}
	}
	_, login := s.Gate.Login(ctx, ana, password)
	return login
}

func unreadableOwn(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	access, odd, large := grants[0].AccessToken, "not \xff text", string(make([]byte, application.MaxCredentials+1))
	_, current := s.Accounts.ChangePassword(ctx, access, odd, renewed)
	_, next := s.Accounts.ChangePassword(ctx, access, password, odd)
	_, both := s.Accounts.ChangePassword(ctx, access, password, large)
	_, email := s.Accounts.ChangeEmail(ctx, access, password, "a\x00b@example.com")
	_, confirm := s.Accounts.ChangeEmail(ctx, access, odd, bea)
	return errors.Join(
		atFault("the current password", current, domain.RequestInvalid, "current_password"),
		atFault("the new password", next, domain.RequestInvalid, "new_password"),
		is("more than anybody needs", both, domain.BodyTooLarge),
		atFault("a NUL in the email", email, domain.RequestInvalid, "email"),
		atFault("the password beside an email", confirm, domain.RequestInvalid, "password"),
		atFault("the password of a deletion", s.Accounts.DeleteAccount(ctx, access, odd), domain.RequestInvalid, "password"),
		s.passes(ctx, "after all of them the session", grants[0]))
}
