package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

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
