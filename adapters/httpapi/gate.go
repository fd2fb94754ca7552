package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	email, password, err := readCredentials(w, r)
	if err != nil {
		return err
	}
	grant, err := s.Gate.Login(r.Context(), email, password)
	if err != nil {
		return err
	}
	return replyTokens(w, grant)
}

func (s *server) refresh(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerOnly(w, r)
	if err != nil {
		return err
	}
	grant, err := s.Gate.Refresh(r.Context(), token)
	if err != nil {
		return err
	}
	return replyTokens(w, grant)
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerOnly(w, r)
	if err != nil {
		return err
	}
	scope := domain.Global
	if q := r.URL.Query(); q.Has("scope") {
		if scope = domain.Scope(q.Get("scope")); scope == "" || len(q["scope"]) > 1 {
			return &domain.Denied{Refusal: domain.RequestInvalid, Field: "scope"}
		}
	}
	if err := s.Gate.Logout(r.Context(), token, scope); err != nil {
		return inFormerWords(err, token)
	}
	return reply(w, http.StatusOK, wire.JSON, wire.Message{Msg: "Logout bem-sucedido"})
}

func (s *server) protected(w http.ResponseWriter, r *http.Request) error {
	id, err := s.identify(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, wire.JSON, wire.Message{Msg: fmt.Sprintf("Welcome, %s!", id.Email)})
}

func (s *server) me(w http.ResponseWriter, r *http.Request) error {
	id, err := s.identify(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, wire.JSON, identity(id))
}

// authorize is for gateways, which read the headers, and for services, which may read the body. A parameter that it
// does not know is refused: ?roles=admin must not let everybody in.
func (s *server) authorize(w http.ResponseWriter, r *http.Request) error {
	roles, err := rolesAsked(r.URL)
	if err != nil {
		return err
	}
	id, err := s.identify(r, roles...)
	if err != nil {
		return err
	}
	body := identity(id)
	h := w.Header()
	h.Set(wire.AuthUser, body.ID)
	h.Set(wire.AuthEmail, body.Email)
	h.Set(wire.AuthRoles, strings.Join(body.Roles, ","))
	h.Set(wire.AuthSession, body.Session)
	return reply(w, http.StatusOK, wire.JSON, body)
}

func rolesAsked(u *url.URL) ([]domain.Role, error) {
	if u.RawQuery == "" {
		return nil, nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, domain.RequestInvalid
	}
	var roles []domain.Role
	for name, values := range query {
		if name != "role" {
			return nil, told{domain.RequestInvalid, "The only parameter is role"}
		}
		for _, v := range values {
			role, err := domain.ParseRole(v)
			if err != nil {
				return nil, err
			}
			roles = append(roles, role)
		}
	}
	return roles, nil
}

func (s *server) identify(r *http.Request, anyOf ...domain.Role) (application.Identity, error) {
	token, err := bearer(r)
	if err != nil {
		return application.Identity{}, err
	}
	id, err := s.Gate.Authorize(r.Context(), token, anyOf...)
	if err != nil {
		return application.Identity{}, inFormerWords(err, token)
	}
	return id, nil
}

func identity(id application.Identity) wire.Identity {
	roles := make([]string, len(id.Roles))
	for i, r := range id.Roles {
		roles[i] = string(r)
	}
	return wire.Identity{
		ID: string(id.User), Email: string(id.Email), Roles: roles, LoginTime: id.LoginTime.UTC(), Session: string(id.Session),
	}
}

func replyTokens(w http.ResponseWriter, g application.Grant) error {
	return reply(w, http.StatusOK, wire.JSON, wire.Tokens{
		AccessToken: g.AccessToken, RefreshToken: g.RefreshToken, TokenType: "Bearer", ExpiresIn: int64(g.ExpiresIn / time.Second),
	})
}
