package application

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Authorize is documented at Gate.
func (c *Core) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (Identity, error) {
	for _, role := range anyOf {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return Identity{}, fmt.Errorf("authorize: %w", err)
		}
	}
	claims, err := c.read(domain.Access, access)
	if err != nil {
		return Identity{}, fmt.Errorf("authorize: %w", err)
	}
	if err := claims.Check(c.d.Clock(), c.d.Leeway); err != nil { // no need to ask the store
		return Identity{}, fmt.Errorf("authorize: %w", err)
	}
	standing, err := c.d.Standing.Standing(ctx, claims.Session)
	if err != nil {
		return Identity{}, fmt.Errorf("authorize: %w", failure(err))
	}
	if err := domain.Pass(claims, standing, c.d.Clock(), c.d.Leeway); err != nil {
		return Identity{}, fmt.Errorf("authorize: %w", err)
	}
	if !standing.HasAny(anyOf...) {
		return Identity{}, fmt.Errorf("authorize: %w", domain.InsufficientRole)
	}
	return Identity{
		User: standing.User, Email: standing.Email, Roles: standing.Roles, Session: standing.Session,
		LoginTime: standing.LoginTime,
	}, nil
}
