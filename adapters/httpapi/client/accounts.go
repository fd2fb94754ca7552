package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

// Register is documented at application.Accounts.
func (c *Client) Register(ctx context.Context, email, password string) (application.Registered, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Registered{}, fmt.Errorf("register: %w", err)
	}
	var a accountAnswer
	body := wire.Credentials{Email: &email, Password: &password}
	if err := c.call(ctx, http.MethodPost, wire.Register, "", body, &a); err != nil {
		return application.Registered{}, fmt.Errorf("register: %w", err)
	}
	return registered(a), nil
}

// ChangePassword is documented at application.Accounts.
func (c *Client) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	if err := application.ReadablePasswords(current, next); err != nil {
		return application.Grant{}, fmt.Errorf("change password: %w", err)
	}
	var t tokensAnswer
	body := wire.PasswordChange{Current: &current, New: &next}
	if err := c.callAs(ctx, access, http.MethodPost, wire.Password, body, &t); err != nil {
		return application.Grant{}, fmt.Errorf("change password: %w", err)
	}
	return grant(t), nil
}

// ChangeEmail is documented at application.Accounts.
func (c *Client) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Registered{}, fmt.Errorf("change email: %w", err)
	}
	var a accountAnswer
	body := wire.Credentials{Email: &email, Password: &password}
	if err := c.callAs(ctx, access, http.MethodPost, wire.Email, body, &a); err != nil {
		return application.Registered{}, fmt.Errorf("change email: %w", err)
	}
	return registered(a), nil
}

// DeleteAccount is documented at application.Accounts.
func (c *Client) DeleteAccount(ctx context.Context, access, password string) error {
	if err := application.Readable("", password); err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	if err := c.callAs(ctx, access, http.MethodDelete, wire.Me, wire.Confirmation{Password: &password}, nil); err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	return nil
}

// callAs is call with a token that may be anything.
func (c *Client) callAs(ctx context.Context, token, method, path string, body any, into answer) error {
	if err := sendable(token); err != nil {
		return err
	}
	return c.call(ctx, method, path, token, body, into)
}
