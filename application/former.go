package application

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/porteiro/porteiro/domain"
)

// A token of the service before this one gets a session here when it is first shown, and is from then on a token like any
// other. So it costs those of ours nothing, and there is one rule, one logout and one list of sessions.

// changing is Store.Change, or what is called in its place.
type changing func(context.Context, domain.UserID, func(*domain.Account) error, ...domain.SessionID) error

// adopted returns the standing of a token of the service before, and its claims with the user, who is known by now.
func (c *Core) adopted(
	ctx context.Context, claims domain.Claims, standing domain.Standing, change changing,
) (domain.Claims, domain.Standing, error) {
	until := domain.Instant(claims.Expires.Add(c.d.Leeway))
	if standing.Session == "" || !standing.Ended && standing.Until.Before(until) { // what was ended stays so
		var err error
		if standing, err = c.adopt(ctx, claims, change); err != nil {
			return claims, domain.Standing{}, err
		}
	}
	claims.Subject = standing.User
	return claims, standing, nil
}

// adopt opens the session of an access token.
func (c *Core) adopt(ctx context.Context, claims domain.Claims, change changing) (standing domain.Standing, err error) {
	who, adoption, err := c.former(ctx, claims)
	if err != nil {
		return domain.Standing{}, err
	}
	if err := adoption.Refuse(who.User); err != nil { // most that are refused are, without the lock
		return domain.Standing{}, err
	}
	err = change(ctx, who.User.ID, func(a *domain.Account) (err error) {
		standing, err = a.Adopt(c.d.Clock(), adoption)
		return err
	}, claims.Session)
	if errors.Is(err, domain.NotFound) {
		return domain.Standing{}, domain.TokenRevoked
	}
	return standing, failure(err)
}

// exchange opens the session of a refresh token.
func (c *Core) exchange(ctx context.Context, claims domain.Claims, e *Event) (session domain.Session, outcome domain.Rotation, err error) {
	who, adoption, err := c.former(ctx, claims)
	if err != nil {
		return domain.Session{}, 0, err
	}
	e.User = who.User.ID
	err = c.d.Store.Change(ctx, who.User.ID, func(a *domain.Account) (err error) {
		session, outcome, err = a.Exchange(c.d.Clock(), adoption, c.rotation())
		return err
	}, claims.Session)
	return session, outcome, err
}

// logoutFormer ends what the scope says, and reports whether it did.
func (c *Core) logoutFormer(ctx context.Context, claims domain.Claims, scope domain.Scope, e *Event) (did bool, err error) {
	return c.endFormer(ctx, claims, e, func(a *domain.Account, adoption domain.Adoption) bool {
		return a.LogOutFormer(c.d.Clock(), adoption, scope, c.d.SessionTTL)
	})
}

// revokeFormer ends the session of a token of either kind, and reports whether it did. One that it has not begun yet begins,
// and is over: nothing else would keep the token from beginning it later.
func (c *Core) revokeFormer(ctx context.Context, claims domain.Claims, e *Event) (did bool, err error) {
	return c.endFormer(ctx, claims, e, func(a *domain.Account, adoption domain.Adoption) bool {
		now := c.d.Clock()
		if _, there := a.Session(claims.Session); !there && claims.Kind == domain.Refresh {
			_, _, _ = a.Exchange(now, adoption, c.rotation()) // what is refused has nothing to end
		} else if !there {
			_, _ = a.Adopt(now, adoption)
		}
		return a.Revoke(now, claims.Session)
	})
}

// endFormer runs f, which reports whether it ended something, on the account of a token of the service before. Of
// nobody's there is nothing to end.
func (c *Core) endFormer(
	ctx context.Context, claims domain.Claims, e *Event, f func(*domain.Account, domain.Adoption) bool,
) (did bool, err error) {
	who, adoption, err := c.former(ctx, claims)
	if errors.Is(err, domain.TokenRevoked) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	e.User = who.User.ID
	err = c.d.Store.Change(ctx, who.User.ID, func(a *domain.Account) error {
		did = f(a, adoption)
		return nil
	}, claims.Session)
	return did, err
}

// former finds whose a token of the service before is: TokenRevoked when it has begun no session, and nobody came from
// there as its subject.
func (c *Core) former(ctx context.Context, claims domain.Claims) (domain.Arrival, domain.Adoption, error) {
	who, err := c.begunOrImported(ctx, claims)
	if errors.Is(err, domain.NotFound) || err == nil && who.User.ID == "" { // deleted since
		return domain.Arrival{}, domain.Adoption{}, domain.TokenRevoked
	}
	if err != nil {
		return domain.Arrival{}, domain.Adoption{}, failure(err)
	}
	origin := OriginOf(ctx)
	adoption := domain.Adoption{
		ID: claims.Session, LoggedIn: claims.Former.LoggedIn, Refused: who.Imported.Refused,
		Until: claims.Expires.Add(c.d.Leeway), Keep: claims.Former.Keep.Add(c.d.Leeway),
		UserAgent: origin.UserAgent, IP: origin.IP,
	}
	if claims.Kind == domain.Refresh {
		adoption.Until, adoption.Idle = c.d.Clock().Add(c.d.SessionTTL), c.d.IdleTTL
	}
	return who, adoption, nil
}

// begunOrImported is the user of the session that the token has begun, of whom the ID will do, whatever has become of its
// subject since; otherwise the one who came with it.
func (c *Core) begunOrImported(ctx context.Context, claims domain.Claims) (domain.Arrival, error) {
	standing, err := c.d.Standing.Standing(ctx, claims.Session)
	if err != nil || standing.Session != "" {
		return domain.Arrival{User: domain.User{ID: standing.User}}, err
	}
	return c.importedAs(ctx, claims.Former.Subject)
}

// importedAs takes a subject with an @ for an email, and any other for an ID. The email is the one that the service before
// had: who has it here by now may be somebody else.
func (c *Core) importedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	if c.d.Imports == nil {
		return domain.Arrival{}, ErrNoImports
	}
	if strings.Contains(subject, "@") {
		return c.d.Imports.ImportedAs(ctx, remembered(subject))
	}
	found, err := c.d.Imports.Imported(ctx, subject)
	if err != nil {
		return domain.Arrival{}, err
	}
	who, known := found[subject]
	if !known {
		return domain.Arrival{}, domain.NotFound
	}
	return who, nil
}

// ErrNoImports says that what was assembled cannot take over anybody from another service. It never reaches a caller.
var ErrNoImports = errors.New("the store does not remember who came from another service")

// remembered is the digest by which a text of the service before is known again.
func remembered(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
