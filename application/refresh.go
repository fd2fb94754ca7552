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
	defer c.record(ctx, &e, &err)
	claims, err := c.refreshing(refresh, &e)
	if err != nil {
		return Grant{}, fmt.Errorf("refresh: %w", err)
	}
	var session domain.Session
	var outcome domain.Rotation
	if claims.Former != nil {
		e.Detail = "exchanged"
		session, outcome, err = c.exchange(ctx, claims, &e)
	} else {
		err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) (err error) {
			session, outcome, err = c.rotate(a, claims)
			return err
		}, claims.Session)
	}
	if err := refreshed(outcome, err); err != nil {
		if errors.Is(err, domain.TokenReused) {
			e.Detail = "the session has ended"
		}
		return Grant{}, fmt.Errorf("refresh: %w", err)
	}
	if outcome == domain.Repeated {
		e.Detail = "repeated"
	}
	return c.grant(session)
}

// refreshing reads a refresh token whose own times hold.
func (c *Core) refreshing(refresh string, e *Event) (domain.Claims, error) {
	claims, err := c.read(domain.Refresh, refresh)
	if err != nil {
		return domain.Claims{}, err
	}
	e.by(claims)
	return claims, claims.Check(c.d.Clock(), c.d.Leeway)
}

// rotate decides under the lock.
func (c *Core) rotate(a *domain.Account, claims domain.Claims) (domain.Session, domain.Rotation, error) {
	return a.Refresh(c.d.Clock(), claims.Session, claims.Count, c.rotation())
}

func (c *Core) rotation() domain.Refreshing {
	return domain.Refreshing{Idle: c.d.IdleTTL, Retry: c.d.RefreshRetry, Leeway: c.d.Leeway}
}

// refreshed is what the caller is told of what the lock showed.
func refreshed(outcome domain.Rotation, err error) error {
	switch {
	case errors.Is(err, domain.NotFound): // the user was deleted
		return domain.TokenRevoked
	case err != nil:
		return failure(err)
	case outcome == domain.Reused: // saved; refused only now
		return domain.TokenReused
	}
	return nil
}

// read tells a token that is missing from one that does not hold.
func (c *Core) read(kind domain.Kind, token string) (domain.Claims, error) {
	if token == "" {
		return domain.Claims{}, domain.TokenMissing
	}
	claims, err := c.d.Tokens.Read(kind, token)
	return claims, failure(err)
}
