package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

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
	return slices.Concat(brokenLoginAnswers(), brokenLoginTexts(), brokenLoginCalls())
}

func brokenLoginAnswers() []mutant[*stage] {
	const opens, alike = "login opens a session", "failures look alike"
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
	}
}

func brokenLoginTexts() []mutant[*stage] {
	const alike, one, exact, unreadable = "failures look alike", "one address is one account", "passwords are taken as they are", "unreadable input"
	valid := func(s string) string { return strings.ToValidUTF8(s, "?") }
	return []mutant[*stage]{
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
	}
}

func brokenLoginCalls() []mutant[*stage] {
	const many, over = "many at once", "a call that is over"
	return []mutant[*stage]{
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
