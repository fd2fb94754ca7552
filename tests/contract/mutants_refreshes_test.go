package contract

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// eitherKind reads a token as whatever it is.
type eitherKind struct{ application.Tokens }

func (k eitherKind) Read(kind domain.Kind, token string) (domain.Claims, error) {
	c, err := k.Tokens.Read(kind, token)
	if err != nil {
		if c, other := k.Tokens.Read(otherKind(kind), token); other == nil {
			return c, nil
		}
	}
	return c, err
}

func brokenTokens() []mutant[*stage] {
	return []mutant[*stage]{
		fronted("no token is an invalid one", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				err := core.Logout(ctx, t, s)
				if errors.Is(err, domain.TokenMissing) {
					return domain.TokenInvalid
				}
				return err
			}
		}, "no token"),
		fronted("tokens trimmed", func(f *farSide, core *application.Core) {
			f.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				return core.Authorize(ctx, strings.TrimSpace(strings.TrimPrefix(t, "Bearer ")), r...)
			}
		}, "a token that is none"),
		behind("signatures are not verified", func(d *application.Deps) {
			d.Tokens = madeUpTokens{read: func(_ madeUpTokens, k domain.Kind, t string) (domain.Claims, error) { return decodes(k, t) }}
		}, "a token that is none"),
		behind("a refresh token is an access token", func(d *application.Deps) { d.Tokens = eitherKind{madeUpTokens{}} }, "kinds are kept apart", "only who passes"),
		behind("no leeway", func(d *application.Deps) { d.Leeway = -1 }, "expiry"),
		behind("tokens that do not expire", func(d *application.Deps) { d.Leeway = 24 * time.Hour }, "expiry"),
		behind("tokens of an hour", func(d *application.Deps) { d.AccessTTL = time.Hour }, "expiry", "login opens a session"),
	}
}

// follows answers a refresh token that was used with the newest of its successors.
func follows(f *farSide, core *application.Core) {
	var mu sync.Mutex
	next := map[string]application.Grant{}
	f.refresh = func(ctx context.Context, t string) (application.Grant, error) {
		mu.Lock()
		defer mu.Unlock()
		last, used := next[t]
		for used {
			g, more := next[last.RefreshToken]
			if !more {
				return last, nil
			}
			last = g
		}
		g, err := core.Refresh(ctx, t)
		if err == nil {
			next[t] = g
		}
		return g, err
	}
}

// ownTokenEach makes each answer to a refresh another one.
func ownTokenEach() func(*farSide, *application.Core) {
	return func(f *farSide, core *application.Core) {
		var mu sync.Mutex
		n := 0
		strip := func(t string) string { t, _, _ = strings.Cut(t, "~"); return t }
		f.refresh = func(ctx context.Context, t string) (application.Grant, error) {
			g, err := core.Refresh(ctx, strip(t))
			mu.Lock()
			defer mu.Unlock()
			n++
			g.RefreshToken += "~" + strings.Repeat("x", n)
			return g, err
		}
	}
}

func brokenRefreshes() []mutant[*stage] {
	return []mutant[*stage]{
		fronted("a refresh that does not rotate", func(f *farSide, core *application.Core) {
			f.refresh = func(ctx context.Context, t string) (application.Grant, error) {
				g, err := core.Refresh(ctx, t)
				g.RefreshToken = t
				return g, err
			}
		}, "rotation"),
		behind("a refresh that forgets when the login was", onStore(func(s *flawed) {
			s.keepSession = func(_, n domain.Session) domain.Session {
				if n.RefreshCount > 0 {
					n.LoginTime = n.RefreshedAt
				}
				return n
			}
		}), "rotation"),
		behind("no second answer", func(d *application.Deps) { d.RefreshRetry = -1 }, "a lost answer"),
		fronted("each answer has a token of its own", ownTokenEach(), "a lost answer", "one successor"),
		behind("used tokens go on for an hour", func(d *application.Deps) { d.RefreshRetry = time.Hour }, "reuse ends the session"),
		fronted("any used token gets the newest one", follows, "reuse ends the session", "a grandparent is reuse", "after a logout"),
		behind("reuse is refused and ends nothing", onStore(func(s *flawed) {
			s.keepSession = func(_, n domain.Session) domain.Session {
				if n.EndReason == domain.ByReuse {
					n.EndedAt, n.EndReason = time.Time{}, ""
				}
				return n
			}
		}), "reuse ends the session"),
		behind("sessions rest for two months", func(d *application.Deps) { d.IdleTTL, d.SessionTTL = 60*24*time.Hour, 60*24*time.Hour }, "ages"),
		behind("a refresh moves both ages", onStore(keepsSessions(func(n *domain.Session) { n.Until = n.RefreshedAt.Add(30 * 24 * time.Hour) })), "ages"),
	}
}
