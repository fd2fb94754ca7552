package contract

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// stageScopes changes the scope of a logout.
func stageScopes(wrong string, f func(s domain.Scope) domain.Scope, rows ...string) mutant[*stage] {
	return fronted(wrong, func(side *farSide, core *application.Core) {
		side.logout = func(ctx context.Context, t string, s domain.Scope) error { return core.Logout(ctx, t, f(s)) }
	}, rows...)
}

func brokenLogouts() []mutant[*stage] {
	return slices.Concat(brokenScopes(), brokenLogoutTimes(), brokenRepeatedLogouts())
}

func brokenScopes() []mutant[*stage] {
	const global, local, others, scope, expired = "global", "local", "others", "an unknown scope", "an expired token"
	return []mutant[*stage]{
		stageScopes("a global logout ends its own session only", func(s domain.Scope) domain.Scope {
			if s == domain.Global || s == "" {
				return domain.Local
			}
			return s
		}, global, expired),
		stageScopes("the scope dropped", func(domain.Scope) domain.Scope { return domain.Global }, local, others, scope),
		stageScopes("others is local", func(s domain.Scope) domain.Scope {
			if s == domain.Others {
				return domain.Local
			}
			return s
		}, others),
		fronted("a scope that is none is ignored", func(f *farSide, core *application.Core) {
			f.logout = func(ctx context.Context, t string, s domain.Scope) error {
				if err := core.Logout(ctx, t, s); !errors.Is(err, domain.RequestInvalid) {
					return err
				}
				return nil
			}
		}, scope),
	}
}

func brokenLogoutTimes() []mutant[*stage] {
	const global, revives, local, others, twice, instant = "global", "the next login revives nothing", "local", "others", "twice is once", "all at one instant"
	const back = "a clock that goes back"
	return []mutant[*stage]{
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
		behind("a login on the node's clock alone", onStore(keepsSessions(func(n *domain.Session) { n.LoginTime = n.CreatedAt })), instant, back),
		behind("logouts in seconds", onStore(keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) })), instant, global),
	}
}

func brokenRepeatedLogouts() []mutant[*stage] {
	const twice, kill, expired = "twice is once", "no kill switch", "an expired token"
	return []mutant[*stage]{
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
