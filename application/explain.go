package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Reasons is what Tokens may say of a token beside Read: why. It is for whoever runs the service and asks about one
// token; no client is told.
type Reasons interface {
	// Why says what a token is by its own word, and which rule it breaks first. Broken is "" exactly when Read takes it
	// as a token of that kind.
	Why(token string) Reason
}

// Reason is what a token is by its own word: nothing of it but Broken has been verified.
type Reason struct {
	Kind      domain.Kind // "" when that cannot be read
	Key       string      // the id of the key that it names; "" when it names none that could be one
	Algorithm string
	Broken    string // the first rule that it breaks, in words; "" when Read takes it
}

// Explanation is all that there is to say of one token at one time.
type Explanation struct {
	Reason
	At      time.Time     // by this node's clock
	Verdict error         // what Refresh would answer now to a refresh token, and Authorize to any other; nil when it passes
	Claims  domain.Claims // zero when Read does not take it
	User    domain.User   // whose it is; zero when there is none, or Claims is
	Session domain.Session
	Becomes domain.Rotation // of a refresh token: what would become of it; 0 when it would be refused before
}

// Explain says of a token what Authorize or Refresh would answer, and on which grounds: it asks the same functions. It
// writes nothing, and it ends no session whose refresh token it is shown for the second time. Unavailable when it cannot
// know.
func (c *Core) Explain(ctx context.Context, token string) (Explanation, error) {
	x := Explanation{Reason: c.why(token), At: c.d.Clock()}
	kind := domain.Access // what is of no kind is refused as an access token
	if x.Kind == domain.Refresh {
		kind = domain.Refresh
	}
	if claims, err := c.read(kind, token); err == nil && claims.Former != nil {
		return c.explainFormer(ctx, x, claims)
	}
	if kind == domain.Refresh {
		_, x.Verdict = c.refreshing(token, &Event{})
	} else {
		_, _, x.Verdict = c.pass(ctx, token, &Event{})
	}
	if errors.Is(x.Verdict, domain.Unavailable) {
		return Explanation{}, fmt.Errorf("explain: %w", x.Verdict)
	}
	var err error
	if x.Claims, err = c.read(kind, token); err != nil {
		return x, nil
	}
	rotates := kind == domain.Refresh && x.Verdict == nil
	var refused error
	err = c.look(ctx, x.Claims.Subject, func(a *domain.Account) error {
		x.User = a.User.Clone()
		x.Session, _ = a.Session(x.Claims.Session)
		if rotates {
			_, x.Becomes, refused = c.rotate(a, x.Claims)
		}
		return nil
	}, x.Claims.Session)
	switch {
	case errors.Is(err, domain.NotFound):
		refused = err
	case err != nil:
		return Explanation{}, fmt.Errorf("explain: %w", failure(err))
	}
	if rotates {
		x.Verdict = refreshed(x.Becomes, refused)
	}
	return x, nil
}

// explainFormer explains a token of the service before. What would begin its session is undone.
func (c *Core) explainFormer(ctx context.Context, x Explanation, claims domain.Claims) (Explanation, error) {
	x.Claims = claims
	who, adoption, err := c.former(ctx, claims)
	if err == nil {
		x.Claims.Subject = who.User.ID
		err = c.look(ctx, x.Claims.Subject, func(a *domain.Account) error {
			x.User = a.User.Clone()
			if x.Verdict = claims.Check(x.At, c.d.Leeway); x.Verdict != nil {
				return nil
			}
			if claims.Kind == domain.Refresh {
				_, x.Becomes, x.Verdict = a.Exchange(x.At, adoption, c.rotation())
				x.Verdict = refreshed(x.Becomes, x.Verdict)
			} else {
				_, x.Verdict = a.Adopt(x.At, adoption)
			}
			x.Session, _ = a.Session(claims.Session)
			return nil
		}, claims.Session)
	}
	switch {
	case errors.Is(err, domain.TokenRevoked), errors.Is(err, domain.NotFound):
		x.Verdict = domain.TokenRevoked
	case err != nil:
		return Explanation{}, fmt.Errorf("explain: %w", failure(err))
	}
	return x, nil
}

// look is Store.Change, and saves nothing.
func (c *Core) look(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	looked := errors.New("looked, and nothing else")
	err := c.d.Store.Change(ctx, id, func(a *domain.Account) error {
		if err := f(a); err != nil {
			return err
		}
		return looked
	}, about...)
	if errors.Is(err, looked) {
		return nil
	}
	return err
}

func (c *Core) why(token string) Reason {
	if r, ok := c.d.Tokens.(Reasons); ok {
		return r.Why(token)
	}
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		if _, err := c.d.Tokens.Read(kind, token); err == nil {
			return Reason{Kind: kind}
		}
	}
	return Reason{Broken: "it is none of this service's"}
}
