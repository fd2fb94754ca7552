package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// ChangePassword is documented at Accounts.
func (c *Core) ChangePassword(ctx context.Context, access, current, next string) (g Grant, err error) {
	e := Event{Name: EventPassword}
	defer c.record(ctx, &e, &err)
	if err := ReadablePasswords(current, next); err != nil {
		return Grant{}, fmt.Errorf("change password: %w", err)
	}
	var session domain.Session
	allowed := func(s domain.Standing) error { return in("new_password", c.d.PasswordPolicy.Check(next, s.Email)) }
	err = c.own(ctx, access, "current_password", current, &e, allowed, func(ctx context.Context, user domain.User, by domain.Confirmation) error {
		hash, err := c.newHash(ctx, next, user.Email)
		if err != nil {
			return in("new_password", err)
		}
		opening := c.opening(ctx)
		return c.d.Store.Change(ctx, user.ID, func(a *domain.Account) (err error) {
			session, err = a.ChangePassword(c.d.Clock(), by, hash, opening)
			return err
		}, by.By)
	})
	if err != nil {
		return Grant{}, fmt.Errorf("change password: %w", err)
	}
	e.Detail = "opened " + string(session.ID)
	return c.grant(session)
}

// ChangeEmail is documented at Accounts.
func (c *Core) ChangeEmail(ctx context.Context, access, password, email string) (r Registered, err error) {
	e := Event{Name: EventEmail}
	defer c.record(ctx, &e, &err)
	if err := Readable(email, password); err != nil {
		return Registered{}, fmt.Errorf("change email: %w", err)
	}
	address, invalid := domain.ParseEmail(email)
	e.Account = digest(address)
	allowed := func(domain.Standing) error { return invalid }
	err = c.own(ctx, access, "password", password, &e, allowed, func(ctx context.Context, user domain.User, by domain.Confirmation) error {
		if address != user.Email { // the answer tells who else is there, as that to a registration does
			if err := c.chargeRegistration(ctx); err != nil {
				return err
			}
		}
		r = Registered{User: user.ID, Email: address}
		return c.d.Store.Change(ctx, user.ID, func(a *domain.Account) error {
			return a.ChangeEmail(c.d.Clock(), by, address)
		}, by.By)
	})
	if err != nil {
		return Registered{}, fmt.Errorf("change email: %w", err)
	}
	return r, nil
}

// DeleteAccount is documented at Accounts.
func (c *Core) DeleteAccount(ctx context.Context, access, password string) (err error) {
	e := Event{Name: EventDelete}
	defer c.record(ctx, &e, &err)
	if err := Readable("", password); err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	allowed := func(domain.Standing) error { return nil }
	err = c.own(ctx, access, "password", password, &e, allowed, func(ctx context.Context, user domain.User, by domain.Confirmation) error {
		return c.d.Store.Change(ctx, user.ID, func(a *domain.Account) error { return a.DeleteOwn(c.d.Clock(), by) }, by.By)
	})
	if err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	return nil
}

// own takes a decision about the caller's own account: the token passes, the input is allowed, the attempt at the
// password is counted and the password right, and decide repeats under the lock what can have changed since.
func (c *Core) own(ctx context.Context, access, field, password string, e *Event,
	allowed func(domain.Standing) error, decide func(context.Context, domain.User, domain.Confirmation) error) error {
	claims, standing, err := c.pass(ctx, access, e)
	if err != nil {
		return err
	}
	if err := allowed(standing); err != nil {
		return err
	}
	ctx, tried, err := c.charge(ctx, standing.Email)
	if err != nil {
		return err
	}
	defer tried.leave()
	for range 2 { // as for a login: the hash may be renewed in between
		v, err := c.confirmed(ctx, standing, password, func(user domain.User) error {
			return decide(ctx, user, domain.Confirmation{By: claims.Session, Verified: user.PasswordHash})
		})
		if errors.Is(err, domain.ErrPasswordChanged) {
			continue
		}
		c.settle(ctx, tried, v)
		switch {
		case v == wrong:
			return &domain.Denied{Refusal: domain.InvalidCredentials, Field: field}
		case errors.Is(err, domain.NotFound): // deleted since it passed
			return domain.TokenRevoked
		}
		return failure(err)
	}
	return fmt.Errorf("%w: the account keeps changing", domain.Unavailable)
}

// confirmed verifies the password of whoever stands there and calls f on the user that it is the password of.
func (c *Core) confirmed(ctx context.Context, s domain.Standing, password string, f func(domain.User) error) (verdict, error) {
	user, err := c.d.Store.ByEmail(ctx, s.Email)
	switch {
	case errors.Is(err, domain.NotFound), err == nil && user.ID != s.User: // the email went elsewhere since it was read
		return unseen, fmt.Errorf("%w: the email has just changed", domain.Unavailable)
	case err != nil:
		return unseen, err
	}
	ok, _, err := c.d.Passwords.Verify(ctx, password, user.PasswordHash)
	switch {
	case err != nil:
		return unseen, err
	case !ok:
		return wrong, nil
	}
	return right, f(user)
}

// in gives a refusal that names an input the name that the input has here.
func in(field string, err error) error {
	var d *domain.Denied
	if errors.As(err, &d) && d.Field != "" {
		return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter, Field: field}
	}
	return err
}
