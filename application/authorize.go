package application

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Authorize is documented at Gate.
func (c *Core) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (id Identity, err error) {
	e := Event{Name: EventPass}
	defer c.record(ctx, &e, &err)
	for _, role := range anyOf {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return Identity{}, fmt.Errorf("authorize: %w", err)
		}
	}
	_, standing, err := c.pass(ctx, access, &e)
	if err != nil {
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

// pass applies the rule to an access token, on a standing that is read now. One of the service before begins its session.
func (c *Core) pass(ctx context.Context, access string, e *Event) (domain.Claims, domain.Standing, error) {
	claims, err := c.read(domain.Access, access)
	if err != nil {
		return domain.Claims{}, domain.Standing{}, err
	}
	return c.stands(ctx, claims, e, c.d.Store.Change)
}

// stands is pass for a token that was read; to begin a session it calls change, which saves it or does not.
func (c *Core) stands(ctx context.Context, claims domain.Claims, e *Event, change changing) (domain.Claims, domain.Standing, error) {
	e.by(claims)
	if err := claims.Check(c.d.Clock(), c.d.Leeway); err != nil { // no need to ask the store
		return domain.Claims{}, domain.Standing{}, err
	}
	standing, err := c.d.Standing.Standing(ctx, claims.Session)
	if err != nil {
		return domain.Claims{}, domain.Standing{}, failure(err)
	}
	if claims.Former != nil {
		if claims, standing, err = c.adopted(ctx, claims, standing, change); err != nil {
			return domain.Claims{}, domain.Standing{}, err
		}
		e.by(claims)
	}
	if err := domain.Pass(claims, standing, c.d.Clock(), c.d.Leeway); err != nil {
		return domain.Claims{}, domain.Standing{}, err
	}
	return claims, standing, nil
}
