package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Login is documented at application.Gate.
func (c *Client) Login(ctx context.Context, email, password string) (application.Grant, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Grant{}, fmt.Errorf("login: %w", err)
	}
	var t tokensAnswer
	body := wire.Credentials{Email: &email, Password: &password}
	if err := c.call(ctx, http.MethodPost, wire.Login, "", body, &t); err != nil {
		return application.Grant{}, fmt.Errorf("login: %w", err)
	}
	return grant(t), nil
}

// Refresh is documented at application.Gate.
func (c *Client) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	if err := sendable(refresh); err != nil {
		return application.Grant{}, fmt.Errorf("refresh: %w", err)
	}
	var t tokensAnswer
	if err := c.call(ctx, http.MethodPost, wire.Refresh, refresh, nil, &t); err != nil {
		return application.Grant{}, fmt.Errorf("refresh: %w", err)
	}
	return grant(t), nil
}

// Logout is documented at application.Gate.
func (c *Client) Logout(ctx context.Context, access string, scope domain.Scope) error {
	scope, err := domain.ParseScope(string(scope))
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	if err := sendable(access); err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	path := wire.Logout + "?" + url.Values{"scope": {string(scope)}}.Encode()
	if err := c.call(ctx, http.MethodPost, path, access, nil, &messageAnswer{}); err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	return nil
}

// Authorize is documented at application.Gate.
func (c *Client) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	query := url.Values{}
	for _, role := range anyOf {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return application.Identity{}, fmt.Errorf("authorize: %w", err)
		}
		query.Add("role", string(role))
	}
	if err := sendable(access); err != nil {
		return application.Identity{}, fmt.Errorf("authorize: %w", err)
	}
	path := wire.Authorize
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var id identityAnswer
	if err := c.call(ctx, http.MethodGet, path, access, nil, &id); err != nil {
		return application.Identity{}, fmt.Errorf("authorize: %w", err)
	}
	return identity(id), nil
}
