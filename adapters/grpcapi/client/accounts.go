package client

import (
	"context"
	"fmt"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Register is documented at application.Accounts.
func (c *Client) Register(ctx context.Context, email, password string) (application.Registered, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Registered{}, fmt.Errorf("register: %w", err)
	}
	r, err := c.accounts.Register(ctx, &porteirov1.RegisterRequest{Email: email, Password: password})
	if err != nil {
		return application.Registered{}, fmt.Errorf("register: %w", failed(ctx, err))
	}
	return registered(r.GetAccount())
}

// ChangePassword is documented at application.Accounts.
func (c *Client) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	if err := application.ReadablePasswords(current, next); err != nil {
		return application.Grant{}, fmt.Errorf("change password: %w", err)
	}
	ctx, err := as(ctx, access)
	if err != nil {
		return application.Grant{}, fmt.Errorf("change password: %w", err)
	}
	r, err := c.accounts.ChangePassword(ctx, &porteirov1.ChangePasswordRequest{CurrentPassword: current, NewPassword: next})
	if err != nil {
		return application.Grant{}, fmt.Errorf("change password: %w", failed(ctx, err))
	}
	return grant(r.GetGrant())
}

// ChangeEmail is documented at application.Accounts.
func (c *Client) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Registered{}, fmt.Errorf("change email: %w", err)
	}
	ctx, err := as(ctx, access)
	if err != nil {
		return application.Registered{}, fmt.Errorf("change email: %w", err)
	}
	r, err := c.accounts.ChangeEmail(ctx, &porteirov1.ChangeEmailRequest{Password: password, Email: email})
	if err != nil {
		return application.Registered{}, fmt.Errorf("change email: %w", failed(ctx, err))
	}
	return registered(r.GetAccount())
}

// DeleteAccount is documented at application.Accounts.
func (c *Client) DeleteAccount(ctx context.Context, access, password string) error {
	if err := application.Readable("", password); err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	ctx, err := as(ctx, access)
	if err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	if _, err := c.accounts.DeleteAccount(ctx, &porteirov1.DeleteAccountRequest{Password: password}); err != nil {
		return fmt.Errorf("delete account: %w", failed(ctx, err))
	}
	return nil
}

func registered(a *porteirov1.Account) (application.Registered, error) {
	if a.GetId() == "" {
		return application.Registered{}, fmt.Errorf("%w: no account in the answer", domain.Unavailable)
	}
	return application.Registered{User: domain.UserID(a.GetId()), Email: domain.Email(a.GetEmail())}, nil
}
