package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Logout is documented at Gate.
func (c *Core) Logout(ctx context.Context, access string, scope domain.Scope) (err error) {
	e := Event{Name: EventLogout}
	defer c.record(ctx, &e, &err)
	scope, err = domain.ParseScope(string(scope))
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	claims, err := c.read(domain.Access, access)
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	e.by(claims)
	e.Detail = string(scope)
	if err := claims.CheckIssued(c.d.Clock(), c.d.Leeway); err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	did := false
	if claims.Former != nil {
		did, err = c.logoutFormer(ctx, claims, scope, &e)
	} else {
		err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) error {
			did = a.LogOut(c.d.Clock(), claims.Session, scope)
			return nil
		}, claims.Session)
	}
	if err != nil && !errors.Is(err, domain.NotFound) { // a deleted user is logged out
		return fmt.Errorf("logout: %w", failure(err))
	}
	if !did {
		e.Detail += ", over already"
	}
	return nil
}
