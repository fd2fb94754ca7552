package application

import (
	"context"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Login is documented at Gate. The password is verified outside the lock, because hashing is slow, and what was
// verified is compared again under it.
func (c *Core) Login(ctx context.Context, email, password string) (Grant, error) {
	if err := Readable(email, password); err != nil {
		return Grant{}, err
	}
	// One more try when the hash changed in between: two first logins with an imported hash may both renew it.
	for range 2 {
		session, err := c.login(ctx, email, password)
		if errors.Is(err, domain.ErrPasswordChanged) {
			continue
		}
		if err != nil {
			return Grant{}, fmt.Errorf("login: %w", failure(err))
		}
		return c.grant(session)
	}
	return Grant{}, fmt.Errorf("login: %w: the password keeps changing", domain.Unavailable)
}

func (c *Core) login(ctx context.Context, email, password string) (domain.Session, error) {
	user, err := c.candidate(ctx, email)
	if err != nil {
		return domain.Session{}, err
	}
	ok, stale, err := c.d.Passwords.Verify(ctx, password, user.PasswordHash)
	if err != nil {
		return domain.Session{}, err
	}
	if !ok {
		return domain.Session{}, domain.InvalidCredentials
	}
	opening := domain.Opening{
		Verified: user.PasswordHash, Methods: []domain.Method{domain.PasswordMethod},
		Lifetime: domain.Lifetime{Absolute: c.d.SessionTTL, Idle: c.d.IdleTTL},
	}
	if stale {
		// A hash that could not be renewed now is renewed at the next login: no reason to refuse this one.
		opening.Renewed, _ = c.d.Passwords.Hash(ctx, password)
	}
	return c.open(ctx, user.ID, opening)
}

// candidate finds whose password is to be verified. Nobody is the zero user, whose empty hash costs the same.
func (c *Core) candidate(ctx context.Context, email string) (domain.User, error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		return domain.User{}, nil
	}
	user, err := c.d.Store.ByEmail(ctx, address)
	if errors.Is(err, domain.NotFound) {
		return domain.User{}, nil
	}
	return user, err
}

func (c *Core) open(ctx context.Context, id domain.UserID, o domain.Opening) (domain.Session, error) {
	origin := OriginOf(ctx)
	now := c.d.Clock()
	o.ID, o.IP, o.UserAgent = newSessionID(now), origin.IP, origin.UserAgent
	var session domain.Session
	err := c.d.Store.Change(ctx, id, func(a *domain.Account) (err error) {
		session, err = a.Open(c.d.Clock(), o)
		return err
	})
	if errors.Is(err, domain.NotFound) { // deleted since it was found
		err = domain.InvalidCredentials
	}
	return session, err
}

// grant issues the pair of tokens for a session. The refresh token is made of what the session keeps and of nothing
// else, so that a repeated refresh gets the same one.
func (c *Core) grant(s domain.Session) (Grant, error) {
	now := c.d.Clock()
	expires := now.Add(c.d.AccessTTL)
	if s.Until.Before(expires) {
		expires = s.Until
	}
	access, err := c.d.Tokens.Issue(domain.Claims{
		Kind: domain.Access, Subject: s.UserID, Session: s.ID, ID: newID(now), IssuedAt: now, Expires: expires,
	})
	if err != nil {
		return Grant{}, fmt.Errorf("access token: %w", failure(err))
	}
	refresh, err := c.d.Tokens.Issue(domain.Claims{
		Kind: domain.Refresh, Subject: s.UserID, Session: s.ID, Count: s.RefreshCount, IssuedAt: s.RefreshedAt, Expires: s.Until,
	})
	if err != nil {
		return Grant{}, fmt.Errorf("refresh token: %w", failure(err))
	}
	return Grant{AccessToken: access, RefreshToken: refresh, ExpiresIn: expires.Sub(now).Truncate(1e9)}, nil
}
