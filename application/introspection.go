package application

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Credentials are a client's own. They are no user's.
type Credentials struct{ ID, Secret string }

// TokenInfo is what a token is good for.
type TokenInfo struct {
	Active   bool // all else is zero when it is not
	Kind     domain.Kind
	User     domain.UserID
	Session  domain.SessionID
	ID       string // of an access token
	IssuedAt time.Time
	Expires  time.Time
	Email    domain.Email  // with an access token; a refresh token is nobody's pass
	Roles    []domain.Role // with an access token; sorted
}

// Introspect is documented at Introspection.
func (c *Core) Introspect(ctx context.Context, by Credentials, token string) (info TokenInfo, err error) {
	e := Event{Name: EventAsk}
	defer c.record(ctx, &e, &err)
	if err := c.admit(ctx, by, token, &e); err != nil {
		return TokenInfo{}, fmt.Errorf("introspect: %w", err)
	}
	var about Event // whom it is about; who asks is the client
	info, err = c.inspect(ctx, token, &about)
	e.User, e.Session = about.User, about.Session
	switch {
	case err == nil:
		e.Detail = "active"
		return info, nil
	case errors.Is(err, domain.Unavailable):
		return TokenInfo{}, fmt.Errorf("introspect: %w", err)
	}
	e.Detail = "inactive: " + outcome(err) // for the log alone
	return TokenInfo{}, nil
}

// inspect applies the rule, as Authorize and Refresh would, and saves nothing.
func (c *Core) inspect(ctx context.Context, token string, e *Event) (TokenInfo, error) {
	claims, err := c.read(domain.Access, token)
	if errors.Is(err, domain.TokenInvalid) {
		return c.inspectRefresh(ctx, token, e)
	}
	if err != nil {
		return TokenInfo{}, err
	}
	claims, standing, err := c.stands(ctx, claims, e, c.look)
	if err != nil {
		return TokenInfo{}, err
	}
	info := infoOf(claims)
	info.Email, info.Roles = standing.Email, standing.Roles
	return info, nil
}

func (c *Core) inspectRefresh(ctx context.Context, token string, e *Event) (TokenInfo, error) {
	claims, err := c.refreshing(token, e)
	if err != nil {
		return TokenInfo{}, err
	}
	rotate := func(a *domain.Account) (domain.Session, domain.Rotation, error) { return c.rotate(a, claims) }
	if claims.Former != nil {
		who, adoption, err := c.former(ctx, claims)
		if err != nil {
			return TokenInfo{}, err
		}
		e.User, claims.Subject = who.User.ID, who.User.ID
		rotate = func(a *domain.Account) (domain.Session, domain.Rotation, error) {
			return a.Exchange(c.d.Clock(), adoption, c.rotation())
		}
	}
	var becomes domain.Rotation
	err = c.look(ctx, claims.Subject, func(a *domain.Account) (err error) {
		_, becomes, err = rotate(a)
		return err
	}, claims.Session)
	if err := refreshed(becomes, err); err != nil {
		return TokenInfo{}, err
	}
	return infoOf(claims), nil
}

func infoOf(c domain.Claims) TokenInfo {
	return TokenInfo{
		Active: true, Kind: c.Kind, User: c.Subject, Session: c.Session, ID: c.ID, IssuedAt: c.IssuedAt, Expires: c.Expires,
	}
}

// Revoke is documented at Introspection. Sessions end, and with each all of its tokens: no token is known by itself.
// Whoever holds a token can log its session out, so that a client with one gets no power by this that it lacked.
func (c *Core) Revoke(ctx context.Context, by Credentials, token string) (err error) {
	e := Event{Name: EventRevoke}
	defer c.record(ctx, &e, &err)
	if err := c.admit(ctx, by, token, &e); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	claims, err := c.readEither(token)
	if err == nil {
		err = claims.CheckIssued(c.d.Clock(), c.d.Leeway)
	}
	if errors.Is(err, domain.TokenInvalid) { // invalid already (RFC 7009 section 2.2)
		e.Detail = "no token of this service"
		return nil
	}
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	e.User, e.Session = claims.Subject, claims.Session
	did := false
	if claims.Former != nil {
		did, err = c.revokeFormer(ctx, claims, &e)
	} else {
		err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) error {
			did = a.Revoke(c.d.Clock(), claims.Session)
			return nil
		}, claims.Session)
	}
	if err != nil && !errors.Is(err, domain.NotFound) {
		return fmt.Errorf("revoke: %w", failure(err))
	}
	if !did {
		e.Detail = "over already"
	}
	return nil
}

// readEither reads a token of whichever kind it is: its own word says so, and a hint could only be wrong.
func (c *Core) readEither(token string) (domain.Claims, error) {
	claims, err := c.read(domain.Access, token)
	if errors.Is(err, domain.TokenInvalid) {
		return c.read(domain.Refresh, token)
	}
	return claims, err
}

// admit holds the credentials against what is kept, and names the client in the event. Nothing throttles it: a secret
// of 32 random bytes is not guessed, and a guess costs one look-up and one SHA-256.
func (c *Core) admit(ctx context.Context, by Credentials, token string, e *Event) error {
	kept, err := c.clientOf(ctx, by.ID)
	if err != nil {
		return err
	}
	given := sha256.Sum256([]byte(by.Secret))
	if subtle.ConstantTimeCompare(given[:], kept.Digest[:]) != 1 || kept.ID == "" {
		return domain.InvalidClient
	}
	e.Actor = "client: " + string(kept.ID)
	if token == "" {
		return &domain.Denied{Refusal: domain.RequestInvalid, Field: "token"}
	}
	return nil
}

// clientOf returns the client, or the zero one, whose digest is of no secret.
func (c *Core) clientOf(ctx context.Context, text string) (domain.Client, error) {
	id, err := domain.ParseClientID(text)
	if err != nil || c.d.Clients == nil {
		return domain.Client{}, nil
	}
	kept, err := c.d.Clients.Client(ctx, id)
	if errors.Is(err, domain.NotFound) {
		return domain.Client{}, nil
	}
	return kept, failure(err)
}
