package contract

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// credulous reads a token whether its signature holds or not.
type credulous struct{ application.Tokens }

func (k credulous) Read(kind domain.Kind, token string) (domain.Claims, error) {
	c, err := k.Tokens.Read(kind, token)
	if err == nil {
		return c, nil
	}
	m, none := part(token, 1)
	if none != nil {
		return c, err
	}
	sub, _ := m["sub"].(string)
	sid, _ := m["sid"].(string)
	iat, _ := m["iat"].(float64)
	exp, _ := m["exp"].(float64)
	jti, _ := m["jti"].(string)
	return domain.Claims{
		Kind: kind, Subject: domain.UserID(sub), Session: domain.SessionID(sid), ID: jti, IssuedAt: time.Unix(int64(iat), 0), Expires: time.Unix(int64(exp), 0),
	}, nil
}

// namedAlike gives every access token one jti.
type namedAlike struct{ application.Tokens }

func (k namedAlike) Issue(c domain.Claims) (string, error) {
	if c.Kind == domain.Access {
		c.ID = someSession
	}
	return k.Tokens.Issue(c)
}

func brokenSiteTokens() []mutant[*site] {
	const protected, me, tampered, kinds, says = "protected", "me", "tampered tokens", "kinds are kept apart", "what a token says"
	coded := func(wrong string, f func(application.Tokens) application.Tokens, rows ...string) mutant[*site] {
		return mutant[*site]{wrong: wrong, rows: rows, open: madeSite{codec: f}.open}
	}
	ofMe := func(wrong string, alter func(m map[string]any), rows ...string) mutant[*site] {
		return asked(wrong, members(func(r *http.Request, a *recorded, m map[string]any) {
			if r.URL.Path == "/me" && a.status == 200 {
				alter(m)
			}
		}), rows...)
	}
	return []mutant[*site]{
		asked("nobody welcomed by name", members(func(r *http.Request, _ *recorded, m map[string]any) {
			if r.URL.Path == "/protected" && m["code"] == nil {
				m["msg"] = "Welcome!"
			}
		}), protected),
		ofMe("roles as null", func(m map[string]any) { m["roles"] = nil }, me),
		ofMe("roles as text", func(m map[string]any) { m["roles"] = "" }, me),
		ofMe("a login time of another zone", func(m map[string]any) { m["login_time"] = strings.Replace(m["login_time"].(string), "Z", "+00:00", 1) }, me),
		ofMe("a login time in seconds since the epoch", func(m map[string]any) { m["login_time"] = 1767225600 }, me),
		ofMe("no session", func(m map[string]any) { delete(m, "session") }, me),
		ofMe("one session for all", func(m map[string]any) { m["session"] = someSession }, me),
		coded("signatures are not verified", func(t application.Tokens) application.Tokens { return credulous{t} }, tampered),
		asked("padding is skipped", requesting(func(r *http.Request) {
			if a := r.Header.Get("Authorization"); strings.HasSuffix(a, "=") {
				r.Header.Set("Authorization", strings.TrimRight(a, "="))
			}
		}), tampered),
		coded("a refresh token is an access token", func(t application.Tokens) application.Tokens { return eitherKind{t} }, kinds, "nobody passes"),
		coded("one jti for all", func(t application.Tokens) application.Tokens { return namedAlike{t} }, says),
		asked("expires_in of another token", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["expires_in"] != nil {
				m["expires_in"] = 3600
			}
		}), says),
	}
}

// siteScopes changes the scope of a logout.
func siteScopes(wrong string, f func(s domain.Scope) domain.Scope, rows ...string) mutant[*site] {
	return sited(wrong, made{front: func(side *farSide, core *application.Core) {
		side.logout = func(ctx context.Context, t string, s domain.Scope) error { return core.Logout(ctx, t, f(s)) }
	}}, rows...)
}

func brokenSiteSessions() []mutant[*site] {
	return slices.Concat(brokenSiteRefreshes(), brokenSiteLogouts())
}

func brokenSiteRefreshes() []mutant[*site] {
	const rotation, lost, reuse, one = "rotation", "a lost answer", "reuse ends the session", "one successor"
	return []mutant[*site]{
		sited("a refresh that does not rotate", made{front: func(f *farSide, core *application.Core) {
			f.refresh = func(ctx context.Context, t string) (application.Grant, error) {
				g, err := core.Refresh(ctx, t)
				g.RefreshToken = t
				return g, err
			}
		}}, rotation),
		sited("a refresh that opens a session", made{deps: onStore(func(s *flawed) {
			s.keepSession = func(_, n domain.Session) domain.Session {
				if n.RefreshCount > 0 {
					n.LoginTime = n.RefreshedAt
				}
				return n
			}
		})}, rotation),
		sited("no second answer", made{deps: func(d *application.Deps) { d.RefreshRetry, d.Leeway = -1, -1 }}, lost),
		sited("any used token gets the newest one", made{front: follows}, reuse),
		sited("reuse is refused and ends nothing", made{deps: onStore(func(s *flawed) {
			s.keepSession = func(_, n domain.Session) domain.Session {
				if n.EndReason == domain.ByReuse {
					n.EndedAt, n.EndReason = time.Time{}, ""
				}
				return n
			}
		})}, reuse),
		sited("each answer has a token of its own", made{front: ownTokenEach()}, lost, one),
	}
}

func brokenSiteLogouts() []mutant[*site] {
	const global, local, others, scope, twice = "global", "local", "others", "an unknown scope", "twice is once"
	return []mutant[*site]{
		siteScopes("a global logout ends its own session only", func(s domain.Scope) domain.Scope {
			if s == domain.Global {
				return domain.Local
			}
			return s
		}, global),
		siteScopes("the scope dropped", func(domain.Scope) domain.Scope { return domain.Global }, local, others, scope),
		siteScopes("others is local", func(s domain.Scope) domain.Scope {
			if s == domain.Others {
				return domain.Local
			}
			return s
		}, others),
		asked("a scope that is none is left out", requesting(func(r *http.Request) {
			if s := r.URL.Query()["scope"]; len(s) != 1 || s[0] != "local" && s[0] != "others" {
				r.URL.RawQuery = ""
			}
		}), scope),
		sited("logouts in seconds", made{deps: onStore(keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) }))}, global, others),
		sited("a second logout is refused", made{front: func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if _, err := core.Authorize(ctx, t); err != nil {
					return err
				}
				return core.Logout(ctx, t, s)
			}
		}}, twice),
		sited("an old token logs the user out", made{front: func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if _, err := core.Authorize(ctx, t); errors.Is(err, domain.TokenRevoked) {
					all, _ := core.List(ctx, "", 1000)
					for _, u := range all {
						_ = core.LogOut(ctx, string(u.Email))
					}
				}
				return core.Logout(ctx, t, s)
			}
		}}, twice),
	}
}
