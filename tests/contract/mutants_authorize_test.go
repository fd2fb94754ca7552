package contract

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// atAuthorize changes the answers of /authorize alone.
func atAuthorize(alter func(r *http.Request, a *recorded)) func(r *http.Request, a *recorded) {
	return func(r *http.Request, a *recorded) {
		if r.URL.Path == "/authorize" {
			alter(r, a)
		}
	}
}

func brokenAuthorize() []mutant[*site] {
	return slices.Concat(brokenPassing(), brokenNotPassing(), brokenRoleQuestions())
}

func brokenPassing() []mutant[*site] {
	const who, methods = "who passed", "any method"
	return []mutant[*site]{
		answered("X-Auth headers left out when they are empty", atAuthorize(func(_ *http.Request, a *recorded) {
			if a.header.Get("X-Auth-Roles") == "" {
				a.header.Del("X-Auth-Roles")
			}
		}), who),
		answered("no session for gateways", atAuthorize(func(_ *http.Request, a *recorded) { a.header.Del("X-Auth-Session") }), who),
		answered("what the client says of itself", atAuthorize(func(r *http.Request, a *recorded) {
			for _, name := range authHeaders() {
				if v := r.Header.Get(name); v != "" {
					a.header.Set(name, v)
				}
			}
		}), who),
		answered("no body for gateways", atAuthorize(func(_ *http.Request, a *recorded) {
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
			return answering(atAuthorize(func(r *http.Request, a *recorded) {
				if r.Method == "OPTIONS" {
					a.status, a.body = 204, ""
				}
			}))(next)
		}, methods),
	}
}

func brokenNotPassing() []mutant[*site] {
	const methods, nobody, held, given = "any method", "nobody passes", "roles that are not held", "a role " + needsGiveRole
	return []mutant[*site]{
		answered("403 for whoever has no token", atAuthorize(func(_ *http.Request, a *recorded) {
			if a.status == 401 {
				a.status = 403
			}
		}), nobody, methods),
		answered("a refused one is named", atAuthorize(func(r *http.Request, a *recorded) {
			if a.status > 400 {
				a.header.Set("X-Auth-User", "somebody")
			}
		}), nobody, held),
		answered("a role that is not held is 401", atAuthorize(func(_ *http.Request, a *recorded) {
			if a.status == 403 {
				a.status = 401
			}
		}), held, given),
	}
}

func brokenRoleQuestions() []mutant[*site] {
	const held, parameters, given = "roles that are not held", "parameters", "a role " + needsGiveRole
	return []mutant[*site]{
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
