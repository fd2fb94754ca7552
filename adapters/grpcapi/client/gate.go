package client

import (
	"context"
	"fmt"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Login is documented at application.Gate.
func (c *Client) Login(ctx context.Context, email, password string) (application.Grant, error) {
	if err := application.Readable(email, password); err != nil {
		return application.Grant{}, fmt.Errorf("login: %w", err)
	}
	r, err := c.gate.Login(ctx, &porteirov1.LoginRequest{Email: email, Password: password})
	if err != nil {
		return application.Grant{}, fmt.Errorf("login: %w", failed(ctx, err))
	}
	return grant(r.GetGrant())
}

// Refresh is documented at application.Gate.
func (c *Client) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	ctx, err := as(ctx, refresh)
	if err != nil {
		return application.Grant{}, fmt.Errorf("refresh: %w", err)
	}
	r, err := c.gate.Refresh(ctx, &porteirov1.RefreshRequest{})
	if err != nil {
		return application.Grant{}, fmt.Errorf("refresh: %w", failed(ctx, err))
	}
	return grant(r.GetGrant())
}

// Logout is documented at application.Gate.
func (c *Client) Logout(ctx context.Context, access string, scope domain.Scope) error {
	scope, err := domain.ParseScope(string(scope))
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	ctx, err = as(ctx, access)
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	if _, err := c.gate.Logout(ctx, &porteirov1.LogoutRequest{Scope: scopeOf(scope)}); err != nil {
		return fmt.Errorf("logout: %w", failed(ctx, err))
	}
	return nil
}

func scopeOf(s domain.Scope) porteirov1.Scope {
	switch s {
	case domain.Local:
		return porteirov1.Scope_SCOPE_LOCAL
	case domain.Others:
		return porteirov1.Scope_SCOPE_OTHERS
	}
	return porteirov1.Scope_SCOPE_GLOBAL
}

// Authorize is documented at application.Gate.
func (c *Client) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	var roles []string
	for _, role := range anyOf {
		if _, err := domain.ParseRole(string(role)); err != nil { // text that is not UTF-8 cannot be sent
			return application.Identity{}, fmt.Errorf("authorize: %w", err)
		}
		roles = append(roles, string(role))
	}
	ctx, err := as(ctx, access)
	if err != nil {
		return application.Identity{}, fmt.Errorf("authorize: %w", err)
	}
	r, err := c.gate.Authorize(ctx, &porteirov1.AuthorizeRequest{Role: roles})
	if err != nil {
		return application.Identity{}, fmt.Errorf("authorize: %w", failed(ctx, err))
	}
	return identity(r.GetIdentity())
}

func identity(id *porteirov1.Identity) (application.Identity, error) {
	if id.GetId() == "" { // nobody passed
		return application.Identity{}, fmt.Errorf("authorize: %w: no identity in the answer", domain.Unavailable)
	}
	roles := make([]domain.Role, len(id.GetRoles()))
	for i, r := range id.GetRoles() {
		roles[i] = domain.Role(r)
	}
	return application.Identity{
		User: domain.UserID(id.GetId()), Email: domain.Email(id.GetEmail()), Roles: roles,
		Session: domain.SessionID(id.GetSession()), LoginTime: id.GetLoginTime().AsTime(),
	}, nil
}

func grant(g *porteirov1.Grant) (application.Grant, error) {
	if g.GetAccessToken() == "" || g.GetRefreshToken() == "" {
		return application.Grant{}, fmt.Errorf("%w: no tokens in the answer", domain.Unavailable)
	}
	return application.Grant{
		AccessToken: g.GetAccessToken(), RefreshToken: g.GetRefreshToken(),
		ExpiresIn: g.GetExpiresIn().AsDuration(), RefreshExpiresIn: g.GetRefreshExpiresIn().AsDuration(),
	}, nil
}
