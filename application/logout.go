package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Logout is documented at Gate.
func (c *Core) Logout(ctx context.Context, access string, scope domain.Scope) error {
	scope, err := domain.ParseScope(string(scope))
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	claims, err := c.read(domain.Access, access)
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	if err := claims.CheckIssued(c.d.Clock(), c.d.Leeway); err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) error {
		a.LogOut(c.d.Clock(), claims.Session, scope)
		return nil
	}, claims.Session)
	if err != nil && !errors.Is(err, domain.NotFound) { // a deleted user is logged out
		return fmt.Errorf("logout: %w", failure(err))
	}
	return nil
}
