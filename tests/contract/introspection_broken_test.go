package contract

import (
	"context"
	"errors"
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

func inspect(open func(clock application.Clock) *application.Core, f faulty) *inspected {
	s := &inspected{stage: &stage{now: at(0)}}
	f.Core = open(s.clock)
	s.Service = Service{Gate: f, Accounts: f, Sessions: f, Administration: f}
	s.Introspection, s.Registry = f, f
	return s
}

// faults breaks the promise of each row.
func faults() map[string]faulty {
	type core = *application.Core
	type by = application.Credentials
	told := func(change func(*application.TokenInfo)) faulty {
		return faulty{ask: func(c core, ctx context.Context, by by, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			if info.Active {
				change(&info)
			}
			return info, err
		}}
	}
	remembers := map[string]application.TokenInfo{} // one goroutine asks
	return map[string]faulty{
		"an access token that passes":    told(func(i *application.TokenInfo) { i.Expires = i.Expires.Add(time.Second) }),
		"a refresh token that refreshes": told(func(i *application.TokenInfo) { i.Kind, i.Email = domain.Access, ana }),
		"what is inactive looks alike": {ask: func(c core, ctx context.Context, by by, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			var claims application.TokenInfo
			if was, _ := (plainTokens{}).Read(domain.Access, token); !info.Active {
				claims.User = was.Subject // whose it was
				return claims, err
			}
			return info, err
		}},
		"active is what passes": {ask: func(c core, ctx context.Context, by by, token string) (application.TokenInfo, error) {
			if info, found := remembers[token]; found {
				return info, nil
			}
			info, err := c.Introspect(ctx, by, token)
			if info.Active {
				remembers[token] = info
			}
			return info, err
		}},
		"asking changes nothing": {ask: func(c core, ctx context.Context, by by, token string) (application.TokenInfo, error) {
			if _, err := c.Refresh(ctx, token); errors.Is(err, domain.TokenReused) {
				return application.TokenInfo{}, nil
			}
			return c.Introspect(ctx, by, token)
		}},
		"credentials that do not hold": {ask: func(c core, ctx context.Context, by by, token string) (application.TokenInfo, error) {
			info, err := c.Introspect(ctx, by, token)
			if by.ID == "" {
				return application.TokenInfo{}, domain.TokenMissing
			}
			return info, err
		}},
		"no token": {revoke: func(c core, ctx context.Context, by by, token string) error {
			if token == "" {
				return nil
			}
			return c.Revoke(ctx, by, token)
		}},
		"a revoked refresh token": {revoke: func(c core, ctx context.Context, by by, token string) error {
			if info, _ := c.Introspect(ctx, by, token); info.Kind == domain.Refresh {
				return nil // it should have ended its access tokens too
			}
			return c.Revoke(ctx, by, token)
		}},
		"a revoked access token": {revoke: func(c core, ctx context.Context, by by, token string) error {
			if _, err := (plainTokens{}).Read(domain.Access, token); err == nil {
				return c.Logout(ctx, token, domain.Global)
			}
			return c.Revoke(ctx, by, token)
		}},
		"revoking what is over": {revoke: func(c core, ctx context.Context, by by, token string) error {
			info, err := c.Introspect(ctx, by, token)
			if err == nil && !info.Active {
				return domain.TokenRevoked
			}
			return c.Revoke(ctx, by, token)
		}},
		"clients are listed and taken once": {listed: func(all []domain.Client) []domain.Client { return all[:min(1, len(all))] }},
	}
}

func TestIntrospectionRowsRefuseWhatBreaksThem(t *testing.T) {
	open := func(clock application.Clock) *application.Core {
		core, err := application.New(application.Deps{
			Store: memory.New(memory.Clock(clock)), Tokens: secondTokens{}, Passwords: plainPasswords{}, Clock: clock, Registration: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return core
	}
	broken := faults()
	for _, r := range inspectionRows() {
		if err := r.prove(t.Context(), inspect(open, faulty{})); err != nil {
			t.Errorf("the row %q refuses a service that is right: %v", r.name, err)
		}
		f, found := broken[r.name]
		if !found {
			t.Errorf("no service breaks the row %q", r.name)
			continue
		}
		if err := r.prove(t.Context(), inspect(open, f)); err == nil {
			t.Errorf("the row %q takes a service that breaks it: %s", r.name, r.why)
		}
	}
	if len(broken) != len(inspectionRows()) {
		t.Errorf("%d services break %d rows", len(broken), len(inspectionRows()))
	}
}

// secondTokens are plain ones with the times of real ones, which are whole seconds.
type secondTokens struct{ plainTokens }

func (p secondTokens) Issue(c domain.Claims) (string, error) {
	c.IssuedAt, c.Expires = c.IssuedAt.Truncate(time.Second), c.Expires.Truncate(time.Second)
	return p.plainTokens.Issue(c)
}
