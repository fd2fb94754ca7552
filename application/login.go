package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Login is documented at Gate. The password is verified outside the lock, because hashing is slow, and what was
// verified is compared again under it.
func (c *Core) Login(ctx context.Context, email, password string) (g Grant, err error) {
	e := Event{Name: EventLogin}
	defer c.record(ctx, &e, &err)
	if err := Readable(email, password); err != nil {
		return Grant{}, fmt.Errorf("login: %w", err)
	}
	address, _ := domain.ParseEmail(email) // what is no address is nobody's
	e.Account = digest(address)
	ctx, tried, err := c.charge(ctx, address)
	if err != nil {
		return Grant{}, fmt.Errorf("login: %w", err)
	}
	defer tried.leave()
	// One more try when the hash changed in between: two first logins with an imported hash may both renew it.
	for range 2 {
		session, v, err := c.login(ctx, address, password, &e)
		if errors.Is(err, domain.ErrPasswordChanged) {
			continue
		}
		c.settle(ctx, tried, v)
		if err != nil {
			return Grant{}, fmt.Errorf("login: %w", failure(err))
		}
		e.Actor, e.Session = byUser, session.ID
		return c.grant(session)
	}
	return Grant{}, fmt.Errorf("login: %w: the password keeps changing", domain.Unavailable)
}

func (c *Core) login(ctx context.Context, email domain.Email, password string, e *Event) (domain.Session, verdict, error) {
	user, err := c.candidate(ctx, email)
	if err != nil {
		return domain.Session{}, unseen, err
	}
	e.User = user.ID
	ok, stale, err := c.d.Passwords.Verify(ctx, password, user.PasswordHash)
	if err != nil {
		return domain.Session{}, unseen, err
	}
	if !ok {
		return domain.Session{}, wrong, domain.InvalidCredentials
	}
	opening := c.opening(ctx)
	opening.Verified = user.PasswordHash
	if stale {
		// A hash that could not be renewed now is renewed at the next login: no reason to refuse this one.
		opening.Renewed, _ = c.d.Passwords.Hash(ctx, password)
	}
	session, err := c.open(ctx, user.ID, opening)
	if errors.Is(err, domain.InvalidCredentials) { // disabled: like a wrong password in every way
		return domain.Session{}, wrong, err
	}
	return session, right, err
}

// candidate finds whose password is to be verified. Nobody is the zero user, whose empty hash costs the same.
func (c *Core) candidate(ctx context.Context, email domain.Email) (domain.User, error) {
	if email == "" {
		return domain.User{}, nil
	}
	user, err := c.d.Store.ByEmail(ctx, email)
	if errors.Is(err, domain.NotFound) {
		return domain.User{}, nil
	}
	return user, err
}

// opening is a session that begins now, after a password.
func (c *Core) opening(ctx context.Context) domain.Opening {
	origin := OriginOf(ctx)
	return domain.Opening{
		ID: newSessionID(c.d.Clock()), Methods: []domain.Method{domain.PasswordMethod}, IP: origin.IP, UserAgent: origin.UserAgent,
		Lifetime: domain.Lifetime{Absolute: c.d.SessionTTL, Idle: c.d.IdleTTL},
	}
}

func (c *Core) open(ctx context.Context, id domain.UserID, o domain.Opening) (domain.Session, error) {
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
	ends := s.Until
	if s.IdleUntil.Before(ends) {
		ends = s.IdleUntil
	}
	return Grant{
		AccessToken: access, RefreshToken: refresh, ExpiresIn: expires.Sub(now).Truncate(time.Second),
		RefreshExpiresIn: max(ends.Sub(now), 0).Truncate(time.Second),
	}, nil
}
