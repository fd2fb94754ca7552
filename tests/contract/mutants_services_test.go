package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// made is a whole service in this process: what the core is made of, and what stands between it and its caller.
type made struct {
	deps  func(d *application.Deps)
	front func(f *farSide, core *application.Core)
}

func (m made) core(clock application.Clock) *application.Core {
	d := application.Deps{Store: flaw(right).store(), Tokens: madeUpTokens{}, Passwords: madeUpPasswords{}, Clock: clock, Registration: true}
	if m.deps != nil {
		m.deps(&d)
	}
	core, err := application.New(d)
	if err != nil {
		panic(err)
	}
	return core
}

func (m made) far(core *application.Core) Ports {
	f := straightTo(Ports{core, core, core})
	if m.front != nil {
		m.front(f, core)
	}
	return f.ports()
}

func (m made) stage(testing.TB) *stage {
	s := newStage()
	core := m.core(s.clock)
	p := m.far(core)
	s.Service = Service{Gate: p.Gate, Accounts: p.Accounts, Sessions: p.Sessions, Administration: core}
	return s
}

// behind is a service with a fault in what it is made of, fronted one with a fault before it.
func behind(wrong string, f func(d *application.Deps), rows ...string) mutant[*stage] {
	return mutant[*stage]{wrong: wrong, rows: rows, open: made{deps: f}.stage}
}

func fronted(wrong string, f func(f *farSide, core *application.Core), rows ...string) mutant[*stage] {
	return mutant[*stage]{wrong: wrong, rows: rows, open: made{front: f}.stage}
}

func onStore(f flaw) func(d *application.Deps) {
	return func(d *application.Deps) { d.Store = f.store() }
}

func serviceSuite() suite[*stage] {
	return suite[*stage]{
		name: "Services", right: made{}.stage,
		rows:    slices.Concat(loginRows(), presentedRows(), refreshRows(), logoutRows(), roleRows(), accountRows(), ownRows(), ownSessionRows(), guessingRows()),
		mutants: slices.Concat(brokenLogins(), brokenTokens(), brokenRefreshes(), brokenLogouts(), brokenRoles(), brokenAccounts(), brokenOwn(), brokenOwnSessions(), brokenGuessing()),
	}
}

// allLogins changes what a login and a registration are given.
func allLogins(read func(email, password string) (string, string)) func(*farSide, *application.Core) {
	return func(f *farSide, core *application.Core) {
		f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
			e, p = read(e, p)
			return core.Login(ctx, e, p)
		}
		f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
			e, p = read(e, p)
			return core.Register(ctx, e, p)
		}
	}
}

func allGrants(alter func(g *application.Grant)) func(*farSide, *application.Core) {
	return func(f *farSide, core *application.Core) {
		f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
			g, err := core.Login(ctx, e, p)
			alter(&g)
			return g, err
		}
		f.refresh = func(ctx context.Context, t string) (application.Grant, error) {
			g, err := core.Refresh(ctx, t)
			alter(&g)
			return g, err
		}
	}
}

func loginErrors(alter func(err error) error) func(*farSide, *application.Core) {
	return func(f *farSide, core *application.Core) {
		f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
			g, err := core.Login(ctx, e, p)
			return g, alter(err)
		}
	}
}

func brokenLogins() []mutant[*stage] {
	const opens, alike, one, exact, unreadable, many, over = "login opens a session", "failures look alike", "one address is one account", "passwords are taken as they are", "unreadable input", "many at once", "a call that is over"
	valid := func(s string) string { return strings.ToValidUTF8(s, "?") }
	return []mutant[*stage]{
		fronted("expires_in in milliseconds", allGrants(func(g *application.Grant) { g.ExpiresIn *= 1000 }), opens, "rotation"),
		fronted("the access token for both", allGrants(func(g *application.Grant) { g.RefreshToken = g.AccessToken }), opens),
		fronted("a registration of somebody else", func(f *farSide, core *application.Core) {
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				r, err := core.Register(ctx, e, p)
				r.Email = domain.Email(strings.ToUpper(e))
				return r, err
			}
		}, opens),
		behind("an unknown email has words of its own", onStore(func(s *flawed) {
			s.byEmail = func(ctx context.Context, e domain.Email) (domain.User, error) {
				u, err := s.madeUp.ByEmail(ctx, e)
				if errors.Is(err, domain.NotFound) {
					return u, errors.New("no such user")
				}
				return u, err
			}
		}), alike),
		fronted("the field is named where the email is unreadable", func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				g, err := core.Login(ctx, e, p)
				if _, none := domain.ParseEmail(e); none != nil && errors.Is(err, domain.InvalidCredentials) {
					err = &domain.Denied{Refusal: domain.InvalidCredentials, Field: "email"}
				}
				return g, err
			}
		}, alike),
		fronted("case-sensitive emails", func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if e != strings.ToLower(e) {
					return application.Grant{}, domain.InvalidCredentials
				}
				return core.Login(ctx, e, p)
			}
		}, one),
		fronted("passwords trimmed", allLogins(func(e, p string) (string, string) { return e, strings.TrimSpace(p) }), exact),
		fronted("passwords in lower case", allLogins(func(e, p string) (string, string) { return e, strings.ToLower(p) }), alike),
		behind("the first 72 bytes of a password", func(d *application.Deps) {
			d.Passwords = madeUpPasswords{read: func(s string) string { return s[:min(len(s), 72)] }}
		}, exact),
		behind("passwords normalised", func(d *application.Deps) {
			d.Passwords = madeUpPasswords{read: func(s string) string { return strings.ReplaceAll(s, "e\u0301", "\u00e9") }}
		}, exact),
		fronted("what is no text made text", allLogins(func(e, p string) (string, string) { return valid(e), valid(p) }), unreadable),
		fronted("long passwords cut", allLogins(func(e, p string) (string, string) { return e, p[:min(len(p), 1000)] }), unreadable),
		fronted("one session for all who log in", func(f *farSide, core *application.Core) {
			var mu sync.Mutex
			grants := map[string]application.Grant{}
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				mu.Lock()
				defer mu.Unlock()
				g, err := core.Login(ctx, e, p)
				if first, found := grants[e]; found && err == nil {
					return first, nil
				}
				grants[e] = g
				return g, err
			}
		}, many),
		fronted("no context is looked at", func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				return core.Login(context.WithoutCancel(ctx), e, p)
			}
		}, over),
		fronted("a call that is over is refused", loginErrors(func(err error) error {
			if errors.Is(err, domain.Unavailable) {
				return domain.InvalidCredentials
			}
			return err
		}), over),
	}
}

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

func brokenLogouts() []mutant[*stage] {
	const global, revives, local, others, scope, twice, kill, expired, instant, back = "global", "the next login revives nothing", "local", "others", "an unknown scope", "twice is once", "no kill switch",
		"an expired token", "all at one instant", "a clock that goes back"
	scopes := func(wrong string, f func(s domain.Scope) domain.Scope, rows ...string) mutant[*stage] {
		return fronted(wrong, func(side *farSide, core *application.Core) {
			side.logout = func(ctx context.Context, t string, s domain.Scope) error { return core.Logout(ctx, t, f(s)) }
		}, rows...)
	}
	return []mutant[*stage]{
		scopes("a global logout ends its own session only", func(s domain.Scope) domain.Scope {
			if s == domain.Global || s == "" {
				return domain.Local
			}
			return s
		}, global, expired),
		scopes("the scope dropped", func(domain.Scope) domain.Scope { return domain.Global }, local, others, scope),
		scopes("others is local", func(s domain.Scope) domain.Scope {
			if s == domain.Others {
				return domain.Local
			}
			return s
		}, others),
		fronted("a logout that is not done", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				_, err := core.Authorize(ctx, t)
				return err
			}
		}, global, local, others, twice),
		fronted("a logout is compared with the user's last login", func(f *farSide, core *application.Core) {
			var mu sync.Mutex
			out := map[domain.UserID]bool{}
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				id, err := core.Authorize(ctx, t)
				mu.Lock()
				defer mu.Unlock()
				out[id.User] = true
				return err
			}
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				g, err := core.Login(ctx, e, p)
				mu.Lock()
				defer mu.Unlock()
				clear(out)
				return g, err
			}
			f.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := core.Authorize(ctx, t, r...)
				mu.Lock()
				defer mu.Unlock()
				if out[id.User] {
					return application.Identity{}, domain.TokenRevoked
				}
				return id, err
			}
		}, revives, instant),
		fronted("a scope that is none is ignored", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if err := core.Logout(ctx, t, s); !errors.Is(err, domain.RequestInvalid) {
					return err
				}
				return nil
			}
		}, scope),
		fronted("a second logout is refused", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if _, err := core.Authorize(ctx, t); err != nil {
					return err
				}
				return core.Logout(ctx, t, s)
			}
		}, twice, expired),
		fronted("an old token logs the user out", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if _, err := core.Authorize(ctx, t); errors.Is(err, domain.TokenRevoked) {
					_ = core.LogOut(ctx, ana)
				}
				return core.Logout(ctx, t, s)
			}
		}, kill),
		behind("a login on the node's clock alone", onStore(keepsSessions(func(n *domain.Session) { n.LoginTime = n.CreatedAt })), instant, back),
		behind("logouts in seconds", onStore(keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) })), instant, global),
	}
}

func brokenRoles() []mutant[*stage] {
	allows := func(wrong string, f func(ctx context.Context, core *application.Core, t string, r []domain.Role) (application.Identity, error), rows ...string) mutant[*stage] {
		return fronted(wrong, func(side *farSide, core *application.Core) {
			side.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				return f(ctx, core, t, r)
			}
		}, rows...)
	}
	return []mutant[*stage]{
		fronted("roles as of the first look", func(side *farSide, core *application.Core) {
			held := map[string][]domain.Role{}
			side.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := core.Authorize(ctx, t)
				if _, seen := held[t]; err == nil && !seen {
					held[t] = id.Roles
				}
				if err == nil && !(domain.Standing{Roles: held[t]}).HasAny(r...) {
					return application.Identity{}, domain.InsufficientRole
				}
				return id, err
			}
		}, "roles are read afresh"),
		allows("a refusal of roles is a refusal of the token", func(ctx context.Context, core *application.Core, t string, r []domain.Role) (application.Identity, error) {
			id, err := core.Authorize(ctx, t, r...)
			if errors.Is(err, domain.InsufficientRole) {
				err = domain.TokenInvalid
			}
			return id, err
		}, "roles are read afresh", "any of them"),
		allows("all of the roles", func(ctx context.Context, core *application.Core, t string, r []domain.Role) (application.Identity, error) {
			for _, one := range r {
				if _, err := core.Authorize(ctx, t, one); err != nil {
					return application.Identity{}, err
				}
			}
			return core.Authorize(ctx, t)
		}, "any of them"),
		allows("roles ignored", func(ctx context.Context, core *application.Core, t string, r []domain.Role) (application.Identity, error) {
			return core.Authorize(ctx, t)
		}, "roles are read afresh", "any of them", "a role that is none"),
		allows("what is no role is left out", func(ctx context.Context, core *application.Core, t string, r []domain.Role) (application.Identity, error) {
			return core.Authorize(ctx, t, slices.DeleteFunc(slices.Clone(r), func(one domain.Role) bool { _, err := domain.ParseRole(string(one)); return err != nil })...)
		}, "a role that is none"),
	}
}
