package contract

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpHandler is the HTTP API with nothing but the standard library: a port of it, as others would write one. What the
// suite does not ask for it does not do.
type madeUpHandler struct {
	Ports
	jwks string
}

type endpoint func(w http.ResponseWriter, r *http.Request, token string) error

var fitting = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (h madeUpHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("X-Request-Id")
	if !fitting.MatchString(id) {
		id = rand.Text()
	}
	w.Header().Set("X-Request-Id", id)
	w.Header().Set("Cache-Control", "no-store")
	serve, err := h.find(w, r)
	if err == nil {
		err = serve(w, r, "")
	}
	if err != nil {
		problem(w, r, err)
	}
}

// find returns what answers at exactly this path.
func (h madeUpHandler) find(w http.ResponseWriter, r *http.Request) (endpoint, error) {
	at := r.URL.EscapedPath()
	if id, found := strings.CutPrefix(at, "/sessions/"); found && id != "" && !strings.Contains(id, "/") {
		at = "/sessions/*"
	}
	methods, found := h.routes()[at]
	if !found {
		return nil, domain.NotFound
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, m := range []string{method, ""} {
		if serve, found := methods[m]; found {
			return serve, nil
		}
	}
	var allow []string
	for m := range methods {
		allow = append(allow, m)
	}
	if methods[http.MethodGet] != nil {
		allow = append(allow, http.MethodHead)
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	return nil, domain.MethodNotAllowed
}

func (h madeUpHandler) routes() map[string]map[string]endpoint {
	alive := func(w http.ResponseWriter, _ *http.Request, _ string) error {
		return say(w, 200, map[string]any{"status": "ok"})
	}
	published := func(w http.ResponseWriter, _ *http.Request, _ string) error {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, err := fmt.Fprint(w, h.jwks)
		return err
	}
	return map[string]map[string]endpoint{
		"/login": {"POST": h.credentials(200, func(r *http.Request, m map[string]string) (any, error) {
			return granted(h.Gate.Login(r.Context(), m["email"], m["password"]))
		})},
		"/register": {"POST": h.credentials(201, func(r *http.Request, m map[string]string) (any, error) {
			return known(h.Accounts.Register(r.Context(), m["email"], m["password"]))
		})},
		"/refresh":    {"POST": bearing(h.refresh)},
		"/logout":     {"POST": bearing(h.logout)},
		"/protected":  {"GET": bearing(h.identity(false, func(id application.Identity) any { return map[string]any{"msg": "Welcome, " + string(id.Email) + "!"} }))},
		"/authorize":  {"": bearing(h.identity(true, shown))},
		"/password":   {"POST": bearing(h.password)},
		"/me/email":   {"POST": bearing(h.email)},
		"/me":         {"GET": bearing(h.identity(false, shown)), "DELETE": bearing(h.remove)},
		"/sessions":   {"GET": bearing(h.list)},
		"/sessions/*": {"DELETE": bearing(h.end)},
		"/healthz":    {"GET": alive}, "/readyz": {"GET": alive}, "/.well-known/jwks.json": {"GET": published},
	}
}

// bearing takes the token out of the one header.
func bearing(next endpoint) endpoint {
	return func(w http.ResponseWriter, r *http.Request, _ string) error {
		values := r.Header.Values("Authorization")
		if r.URL.Query().Has("access_token") || len(values) > 1 {
			return domain.RequestInvalid
		}
		if len(values) == 0 {
			return domain.TokenMissing
		}
		scheme, token, found := strings.Cut(values[0], " ")
		switch {
		case strings.EqualFold(scheme, "Bearer") && !found:
			return domain.RequestInvalid
		case !strings.EqualFold(scheme, "Bearer"):
			return domain.TokenMissing
		}
		return next(w, r, token)
	}
}

func (h madeUpHandler) credentials(status int, f func(r *http.Request, m map[string]string) (any, error)) endpoint {
	return func(w http.ResponseWriter, r *http.Request, _ string) error {
		m, err := texts(r, "email", "password")
		if err != nil {
			return err
		}
		return sayOr(w, status)(f(r, m))
	}
}

func (h madeUpHandler) refresh(w http.ResponseWriter, r *http.Request, token string) error {
	return sayOr(w, 200)(granted(h.Gate.Refresh(r.Context(), token)))
}

func (h madeUpHandler) logout(w http.ResponseWriter, r *http.Request, token string) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	scope := q["scope"]
	if err != nil || len(scope) > 1 || len(scope) == 1 && scope[0] == "" {
		return domain.RequestInvalid
	}
	if err := h.Gate.Logout(r.Context(), token, domain.Scope(strings.Join(scope, ""))); err != nil {
		return inWords(err, token)
	}
	return say(w, 200, map[string]any{"msg": "Logout bem-sucedido"})
}

// identity answers who passed; for gateways in headers too, and of the roles that they ask for.
func (h madeUpHandler) identity(gateway bool, body func(application.Identity) any) endpoint {
	return func(w http.ResponseWriter, r *http.Request, token string) error {
		var roles []domain.Role
		if gateway {
			q, err := url.ParseQuery(r.URL.RawQuery)
			if err != nil || len(q) > 0 && (len(q) > 1 || !q.Has("role")) {
				return domain.RequestInvalid
			}
			for _, role := range q["role"] {
				roles = append(roles, domain.Role(role))
			}
		}
		id, err := h.Gate.Authorize(r.Context(), token, roles...)
		if err != nil {
			return inWords(err, token)
		}
		if gateway {
			names := make([]string, len(id.Roles))
			for i, role := range id.Roles {
				names[i] = string(role)
			}
			for i, value := range []string{string(id.User), string(id.Email), strings.Join(names, ","), string(id.Session)} {
				w.Header().Set(authHeaders()[i], value)
			}
		}
		return say(w, 200, body(id))
	}
}

func shown(id application.Identity) any {
	return map[string]any{
		"id": id.User, "email": id.Email, "roles": append([]domain.Role{}, id.Roles...), "login_time": id.LoginTime.UTC().Format(time.RFC3339Nano), "session": id.Session,
	}
}

func (h madeUpHandler) password(w http.ResponseWriter, r *http.Request, token string) error {
	m, err := texts(r, "current_password", "new_password")
	if err != nil {
		return err
	}
	g, err := h.Accounts.ChangePassword(r.Context(), token, m["current_password"], m["new_password"])
	return sayOr(w, 200)(granted(g, inWords(err, token)))
}

func (h madeUpHandler) email(w http.ResponseWriter, r *http.Request, token string) error {
	m, err := texts(r, "email", "password")
	if err != nil {
		return err
	}
	a, err := h.Accounts.ChangeEmail(r.Context(), token, m["password"], m["email"])
	return sayOr(w, 200)(known(a, inWords(err, token)))
}

func (h madeUpHandler) remove(w http.ResponseWriter, r *http.Request, token string) error {
	m, err := texts(r, "password")
	if err != nil {
		return err
	}
	return nothing(w, inWords(h.Accounts.DeleteAccount(r.Context(), token, m["password"]), token))
}

func (h madeUpHandler) list(w http.ResponseWriter, r *http.Request, token string) error {
	infos, err := h.Sessions.ListSessions(r.Context(), token)
	if err != nil {
		return inWords(err, token)
	}
	all := []any{}
	for _, i := range infos {
		all = append(all, map[string]any{
			"id": i.ID, "current": i.Current, "login_time": i.LoginTime.UTC().Format(time.RFC3339Nano), "refreshed_at": i.RefreshedAt.UTC().Format(time.RFC3339Nano),
			"user_agent": r.UserAgent(), "ip": i.IP, // the core in these tests is told no origin
		})
	}
	return say(w, 200, map[string]any{"sessions": all})
}

func (h madeUpHandler) end(w http.ResponseWriter, r *http.Request, token string) error {
	id, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/sessions/"))
	if err != nil {
		return domain.RequestInvalid
	}
	return nothing(w, inWords(h.Sessions.EndSession(r.Context(), token, domain.SessionID(id)), token))
}
