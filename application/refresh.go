package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Refresh is documented at Gate.
func (c *Core) Refresh(ctx context.Context, refresh string) (g Grant, err error) {
	e := Event{Name: EventRefresh}
	defer func() { c.record(ctx, &e, &err) }()
	claims, err := c.read(domain.Refresh, refresh)
	if err != nil {
		return Grant{}, fmt.Errorf("refresh: %w", err)
	}
	e.by(claims)
	if err := claims.Check(c.d.Clock(), c.d.Leeway); err != nil {
		return Grant{}, fmt.Errorf("refresh: %w", err)
	}
	var session domain.Session
	var outcome domain.Rotation
	err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) (err error) {
		session, outcome, err = a.Refresh(c.d.Clock(), claims.Session, claims.Count, domain.Refreshing{
			Idle: c.d.IdleTTL, Retry: c.d.RefreshRetry, Leeway: c.d.Leeway,
		})
		return err
	}, claims.Session)
	switch {
	case errors.Is(err, domain.NotFound): // the user was deleted
		return Grant{}, fmt.Errorf("refresh: %w", domain.TokenRevoked)
	case err != nil:
		return Grant{}, fmt.Errorf("refresh: %w", failure(err))
	case outcome == domain.Reused: // saved; refused only now
		e.Detail = "the session has ended"
		return Grant{}, fmt.Errorf("refresh: %w", domain.TokenReused)
	case outcome == domain.Repeated:
		e.Detail = "repeated"
	}
	return c.grant(session)
}

// read tells a token that is missing from one that does not hold.
func (c *Core) read(kind domain.Kind, token string) (domain.Claims, error) {
	if token == "" {
		return domain.Claims{}, domain.TokenMissing
	}
	claims, err := c.d.Tokens.Read(kind, token)
	return claims, failure(err)
}
