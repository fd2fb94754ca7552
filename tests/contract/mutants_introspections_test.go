package contract

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// faulty is a core that tells programs something else.
type faulty struct {
	*application.Core
	ask    func(c *application.Core, ctx context.Context, by application.Credentials, token string) (application.TokenInfo, error)
	revoke func(c *application.Core, ctx context.Context, by application.Credentials, token string) error
	listed func([]domain.Client) []domain.Client
}

func (f faulty) Introspect(ctx context.Context, by application.Credentials, token string) (application.TokenInfo, error) {
	if f.ask == nil {
		return f.Core.Introspect(ctx, by, token)
	}
	return f.ask(f.Core, ctx, by, token)
}

func (f faulty) Revoke(ctx context.Context, by application.Credentials, token string) error {
	if f.revoke == nil {
		return f.Core.Revoke(ctx, by, token)
	}
	return f.revoke(f.Core, ctx, by, token)
}

func (f faulty) ListClients(ctx context.Context) ([]domain.Client, error) {
	all, err := f.Core.ListClients(ctx)
	if f.listed != nil {
		all = f.listed(all)
	}
	return all, err
}

func (f faulty) open(t testing.TB) *inspected {
	s := &inspected{stage: newStage()}
	core, err := application.New(application.Deps{
		Store: memory.New(memory.Clock(s.clock)), Tokens: secondTokens{}, Passwords: plainPasswords{}, Clock: s.clock, Registration: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Core = core
	s.Service = Service{Gate: f, Accounts: f, Sessions: f, Administration: f}
	s.Introspection, s.Registry = f, f
	return s
}

type nearCore = *application.Core

type credentials = application.Credentials

// ofInspected is a mutant of introspection.
func ofInspected(wrong string, f faulty, rows ...string) mutant[*inspected] {
	return mutant[*inspected]{wrong: wrong, rows: rows, open: f.open}
}

// toldWith changes what is told of active tokens.
func toldWith(change func(*application.TokenInfo)) faulty {
	return faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
		info, err := c.Introspect(ctx, by, token)
		if info.Active {
			change(&info)
		}
		return info, err
	}}
}

func introspectionSuite() suite[*inspected] {
	return suite[*inspected]{
		name: "Introspections", rows: inspectionRows(), right: faulty{}.open,
		mutants: slices.Concat(brokenIntrospection(), brokenRevocations(), brokenClients()),
	}
}

func brokenIntrospection() []mutant[*inspected] {
	remembers := map[string]application.TokenInfo{} // one goroutine asks, of one row
	return []mutant[*inspected]{
		ofInspected("every token is active", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			info.Active = err == nil
			return info, err
		}}, "what is inactive looks alike", "active is what passes"),
		ofInspected("a user is not told", toldWith(func(i *application.TokenInfo) { i.User = "" }), "an access token that passes"),
		ofInspected("a token that lives a second longer", toldWith(func(i *application.TokenInfo) { i.Expires = i.Expires.Add(time.Second) }), "an access token that passes"),
		ofInspected("a refresh token is called an access token", toldWith(func(i *application.TokenInfo) { i.Kind, i.Email = domain.Access, ana }), "a refresh token that refreshes"),
		ofInspected("it is told whose an inactive token was", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			var claims application.TokenInfo
			if was, _ := (plainTokens{}).Read(domain.Access, token); !info.Active {
				claims.User = was.Subject // whose it was
				return claims, err
			}
			return info, err
		}}, "what is inactive looks alike"),
		ofInspected("answers are remembered", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			if info, found := remembers[token]; found {
				return info, nil
			}
			info, err := c.Introspect(ctx, by, token)
			if info.Active {
				remembers[token] = info
			}
			return info, err
		}}, "active is what passes"),
		ofInspected("asking is refreshing", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			if _, err := c.Refresh(ctx, token); errors.Is(err, domain.TokenReused) {
				return application.TokenInfo{}, nil
			}
			return c.Introspect(ctx, by, token)
		}}, "asking changes nothing"),
	}
}

func brokenRevocations() []mutant[*inspected] {
	return []mutant[*inspected]{
		ofInspected("nothing is revoked", faulty{revoke: func(c nearCore, ctx context.Context, by credentials, token string) error {
			_, err := c.Introspect(ctx, by, token)
			return err
		}}, "a revoked refresh token", "a revoked access token"),
		ofInspected("no token is nothing to revoke", faulty{revoke: func(c nearCore, ctx context.Context, by credentials, token string) error {
			if token == "" {
				return nil
			}
			return c.Revoke(ctx, by, token)
		}}, "no token"),
		ofInspected("a refresh token is not revoked", faulty{revoke: func(c nearCore, ctx context.Context, by credentials, token string) error {
			if info, _ := c.Introspect(ctx, by, token); info.Kind == domain.Refresh {
				return nil // it should have ended its access tokens too
			}
			return c.Revoke(ctx, by, token)
		}}, "a revoked refresh token"),
		ofInspected("revoking logs out everywhere", faulty{revoke: func(c nearCore, ctx context.Context, by credentials, token string) error {
			if _, err := (plainTokens{}).Read(domain.Access, token); err == nil {
				return c.Logout(ctx, token, domain.Global)
			}
			return c.Revoke(ctx, by, token)
		}}, "a revoked access token"),
		ofInspected("what is over cannot be revoked", faulty{revoke: func(c nearCore, ctx context.Context, by credentials, token string) error {
			info, err := c.Introspect(ctx, by, token)
			if err == nil && !info.Active {
				return domain.TokenRevoked
			}
			return c.Revoke(ctx, by, token)
		}}, "revoking what is over"),
	}
}

func brokenClients() []mutant[*inspected] {
	return []mutant[*inspected]{
		ofInspected("whoever asks gets an answer", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			if errors.Is(err, domain.InvalidClient) {
				return application.TokenInfo{}, nil
			}
			return info, err
		}}, "credentials that do not hold"),
		ofInspected("no client is no token", faulty{ask: func(c nearCore, ctx context.Context, by credentials, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			if by.ID == "" {
				return application.TokenInfo{}, domain.TokenMissing
			}
			return info, err
		}}, "credentials that do not hold"),
		ofInspected("one client is listed", faulty{listed: func(all []domain.Client) []domain.Client { return all[:min(1, len(all))] }}, "clients are listed and taken once"),
	}
}

// secondTokens are plain ones with the times of real ones, which are whole seconds.
type secondTokens struct{ plainTokens }

func (p secondTokens) Issue(c domain.Claims) (string, error) {
	c.IssuedAt, c.Expires = c.IssuedAt.Truncate(time.Second), c.Expires.Truncate(time.Second)
	return p.plainTokens.Issue(c)
}
