package contract

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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

func brokenSiteSessions() []mutant[*site] {
	const rotation, lost, reuse, one = "rotation", "a lost answer", "reuse ends the session", "one successor"
	const global, local, others, scope, twice = "global", "local", "others", "an unknown scope", "twice is once"
	scopes := func(wrong string, f func(s domain.Scope) domain.Scope, rows ...string) mutant[*site] {
		return sited(wrong, made{front: func(side *farSide, core *application.Core) {
			side.logout = func(ctx context.Context, t string, s domain.Scope) error { return core.Logout(ctx, t, f(s)) }
		}}, rows...)
	}
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
		scopes("a global logout ends its own session only", func(s domain.Scope) domain.Scope {
			if s == domain.Global {
				return domain.Local
			}
			return s
		}, global),
		scopes("the scope dropped", func(domain.Scope) domain.Scope { return domain.Global }, local, others, scope),
		scopes("others is local", func(s domain.Scope) domain.Scope {
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

func brokenAuthorize() []mutant[*site] {
	const who, methods, nobody, held, parameters, given = "who passed", "any method", "nobody passes", "roles that are not held", "parameters", "a role " + needsGiveRole
	at := func(alter func(r *http.Request, a *recorded)) func(r *http.Request, a *recorded) {
		return func(r *http.Request, a *recorded) {
			if r.URL.Path == "/authorize" {
				alter(r, a)
			}
		}
	}
	return []mutant[*site]{
		answered("X-Auth headers left out when they are empty", at(func(_ *http.Request, a *recorded) {
			if a.header.Get("X-Auth-Roles") == "" {
				a.header.Del("X-Auth-Roles")
			}
		}), who),
		answered("no session for gateways", at(func(_ *http.Request, a *recorded) { a.header.Del("X-Auth-Session") }), who),
		answered("what the client says of itself", at(func(r *http.Request, a *recorded) {
			for _, name := range authHeaders() {
				if v := r.Header.Get(name); v != "" {
					a.header.Set(name, v)
				}
			}
		}), who),
		answered("no body for gateways", at(func(_ *http.Request, a *recorded) {
			if a.status == 200 {
				a.body = "{}"
			}
		}), who),
		asked("GET alone", func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/authorize" && r.Method != "GET" && r.Method != "HEAD" {
					r.URL.Path = "/me/email"
				}
				next.ServeHTTP(w, r)
			})
		}, methods),
		asked("OPTIONS passes, as a preflight", func(next http.Handler) http.Handler {
			return answering(at(func(r *http.Request, a *recorded) {
				if r.Method == "OPTIONS" {
					a.status, a.body = 204, ""
				}
			}))(next)
		}, methods),
		answered("403 for whoever has no token", at(func(_ *http.Request, a *recorded) {
			if a.status == 401 {
				a.status = 403
			}
		}), nobody, methods),
		answered("a refused one is named", at(func(r *http.Request, a *recorded) {
			if a.status > 400 {
				a.header.Set("X-Auth-User", "somebody")
			}
		}), nobody, held),
		answered("a role that is not held is 401", at(func(_ *http.Request, a *recorded) {
			if a.status == 403 {
				a.status = 401
			}
		}), held, given),
		asked("parameters that are not known are left out", requesting(func(r *http.Request) {
			if q := r.URL.Query(); r.URL.Path == "/authorize" && !q.Has("role") {
				r.URL.RawQuery = ""
			}
		}), parameters),
		asked("roles in any case", requesting(func(r *http.Request) {
			if r.URL.Path == "/authorize" {
				r.URL.RawQuery = strings.ToLower(r.URL.RawQuery)
			}
		}), parameters),
		sited("all of the roles that are asked for", made{front: func(f *farSide, core *application.Core) {
			f.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				for _, one := range r {
					if _, err := core.Authorize(ctx, t, one); err != nil {
						return application.Identity{}, err
					}
				}
				return core.Authorize(ctx, t)
			}
		}}, given),
		sited("roles as of the first look", made{front: func(f *farSide, core *application.Core) {
			held := map[string][]domain.Role{}
			f.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := core.Authorize(ctx, t)
				if _, seen := held[t]; err == nil && !seen {
					held[t] = id.Roles
				}
				id.Roles = held[t]
				if err == nil && !(domain.Standing{Roles: id.Roles}).HasAny(r...) {
					return application.Identity{}, domain.InsufficientRole
				}
				return id, err
			}
		}}, given),
		sited("roles ignored", made{front: func(f *farSide, core *application.Core) {
			f.allow = func(ctx context.Context, t string, _ ...domain.Role) (application.Identity, error) {
				return core.Authorize(ctx, t)
			}
		}}, held, given),
	}
}

func brokenSiteOwn() []mutant[*site] {
	const password, email, deletes, lists, ends, passes = "a new password", "a new email", "deleting oneself", "sessions", "ending a session", "only who passes"
	list := func(wrong string, alter func(sessions []any) []any, rows ...string) mutant[*site] {
		return asked(wrong, members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["sessions"].([]any); found {
				m["sessions"] = alter(all)
			}
		}), rows...)
	}
	return []mutant[*site]{
		sited("a new password leaves the sessions", made{deps: onStore(keepsLoggedIn(domain.ByPassword))}, password),
		sited("any password confirms", made{deps: anyPassword}, password, email, deletes, "failures look alike"),
		asked("a new password answers no tokens", members(func(r *http.Request, _ *recorded, m map[string]any) {
			if r.URL.Path == "/password" {
				delete(m, "access_token")
			}
		}), password),
		sited("a new email ends the sessions", made{front: func(f *farSide, core *application.Core) {
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				r, err := core.ChangeEmail(ctx, t, p, e)
				if err == nil {
					_ = core.LogOut(ctx, e)
				}
				return r, err
			}
		}}, email),
		sited("the old email goes on", made{front: func(f *farSide, core *application.Core) {
			old := map[string]string{}
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				old[e] = e
				return core.Register(ctx, e, p)
			}
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				id, _ := core.Authorize(ctx, t)
				r, err := core.ChangeEmail(ctx, t, p, e)
				if err == nil {
					old[string(id.Email)] = e
				}
				return r, err
			}
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if now := old[e]; now != "" {
					e = now
				}
				return core.Login(ctx, e, p)
			}
		}}, email),
		sited("a deletion leaves the user", made{deps: onStore(alters(func(c *domain.Changes) { c.Deleted = false }))}, deletes),
		answered("a deletion is 200", func(r *http.Request, a *recorded) {
			if a.status == 204 {
				a.status, a.body = 200, "{}"
			}
		}, deletes, ends),
		sited("a user is their email", made{deps: onStore(func(s *flawed) {
			ids := map[domain.Email]domain.UserID{}
			s.add = func(ctx context.Context, u domain.User) error {
				if id, before := ids[u.Email]; before {
					u.ID = id
				}
				ids[u.Email] = u.ID
				return s.madeUp.Add(ctx, u)
			}
			s.alter = func(c *domain.Changes) {}
		}), front: func(f *farSide, core *application.Core) {
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				r, err := core.Register(ctx, e, p)
				if u, none := core.Find(ctx, e); none == nil {
					r.User = u.ID
				}
				return r, err
			}
		}}, deletes),
		list("no mark", func(all []any) []any {
			for _, s := range all {
				s.(map[string]any)["current"] = false
			}
			return all
		}, lists),
		list("the oldest first", func(all []any) []any {
			for i := range len(all) / 2 {
				all[i], all[len(all)-1-i] = all[len(all)-1-i], all[i]
			}
			return all
		}, lists),
		list("no device", func(all []any) []any {
			for _, s := range all {
				delete(s.(map[string]any), "user_agent")
			}
			return all
		}, lists),
		list("one session", func(all []any) []any { return upToN(1, all) }, lists),
		sited("ended sessions are listed", made{deps: onStore(func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, _, err := s.madeUp.Sessions(ctx, id, n)
				all := s.all(id)
				for i := range all {
					all[i].EndedAt = time.Time{}
				}
				return u, upToN(n, latestFirst(all)), err
			}
		})}, lists),
		sited("ending a session is not done", made{front: func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if _, err := domain.ParseSessionID(string(id)); err != nil {
					return core.EndSession(ctx, t, id)
				}
				_, err := core.Authorize(ctx, t)
				return err
			}
		}}, ends),
		answered("an unknown session is 404", func(r *http.Request, a *recorded) {
			if strings.HasSuffix(r.URL.Path, someSession) && a.status == 204 {
				a.status = 404
			}
		}, ends),
		sited("another's session is ended", made{front: func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if err := core.EndSession(ctx, t, id); err != nil {
					return err
				}
				all, _ := core.List(ctx, "", 1000)
				for _, u := range all {
					_, sessions, _ := core.SessionsOf(ctx, string(u.Email))
					for _, s := range sessions {
						if s.ID == id {
							_ = core.LogOut(ctx, string(u.Email))
						}
					}
				}
				return nil
			}
		}}, ends),
		sited("a session that is over still lists", made{front: func(f *farSide, core *application.Core) {
			f.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, err := core.ListSessions(ctx, t)
				if errors.Is(err, domain.TokenRevoked) {
					return nil, nil
				}
				return l, err
			}
		}}, passes),
	}
}

func brokenPublished() []mutant[*site] {
	const set, outside = "a set of keys", "services verify by themselves"
	keys := func(wrong string, alter func(key map[string]any), rows ...string) mutant[*site] {
		return asked(wrong, members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["keys"].([]any); found {
				for _, k := range all {
					alter(k.(map[string]any))
				}
			}
		}), rows...)
	}
	return []mutant[*site]{
		keys("a private member", func(k map[string]any) { k["d"] = "c2VjcmV0" }, set, outside),
		keys("no kid", func(k map[string]any) { delete(k, "kid") }, set),
		keys("no use", func(k map[string]any) { delete(k, "use") }, set),
		keys("no alg", func(k map[string]any) { delete(k, "alg") }, set),
		keys("another key under the same name", func(k map[string]any) { k["x"] = strings.Repeat("A", 43) }, outside),
		keys("other names", func(k map[string]any) { k["kid"] = "1" }, outside),
		answered("keys as application/json", func(_ *http.Request, a *recorded) {
			if strings.Contains(a.body, `"keys"`) {
				a.header.Set("Content-Type", "application/json")
			}
		}, set),
		asked("the secret of refresh tokens", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["keys"].([]any); found {
				m["keys"] = append(all, map[string]any{"kty": "oct", "kid": "r", "alg": "HS256", "use": "sig", "k": "c2VjcmV0"})
			}
		}), set),
		asked("no keys", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["keys"] != nil {
				m["keys"] = json.RawMessage("[]")
			}
		}), outside),
	}
}
