package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// login looks at nothing that the request carries but the credentials: a session that was there before is no way into
// the new one. In cookie mode it is ended, because the new cookies take its place.
func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	email, password, err := readCredentials(w, r)
	if err != nil {
		return answer.InLoginWords(err)
	}
	grant, err := s.Gate.Login(r.Context(), email, password)
	if err != nil {
		return err
	}
	s.endPrior(r)
	return s.replyGrant(w, grant)
}

// endPrior ends the session whose cookie came along with a login. It is nobody's way in any more; a failure to end it
// does not undo the login.
func (s *server) endPrior(r *http.Request) {
	if !s.Cookies.On {
		return
	}
	prior, err := s.carried.OfCookie(r, domain.Access)
	if err != nil || prior == "" {
		return
	}
	if err := s.Gate.Logout(r.Context(), prior, domain.Local); errors.Is(err, domain.Unavailable) {
		s.no.LogFailure(r, fmt.Errorf("the session before: %w", err), http.StatusServiceUnavailable)
	}
}

func (s *server) refresh(w http.ResponseWriter, r *http.Request) error {
	token, err := s.tokenOnly(w, r, domain.Refresh)
	if err != nil {
		return err
	}
	grant, err := s.Gate.Refresh(r.Context(), token)
	if err != nil {
		s.expireIf(w, over(err))
		return err
	}
	return s.replyGrant(w, grant)
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	token, err := s.tokenOnly(w, r, domain.Access)
	if err != nil {
		return err
	}
	scope := domain.Global
	q, err := url.ParseQuery(r.URL.RawQuery) // ?scope=local;x is no global logout
	if err != nil {
		return domain.RequestInvalid
	}
	if q.Has("scope") {
		if scope = domain.Scope(q.Get("scope")); scope == "" || len(q["scope"]) > 1 {
			return &domain.Denied{Refusal: domain.RequestInvalid, Field: "scope"}
		}
	}
	err = s.Gate.Logout(r.Context(), token, scope)
	s.expireIf(w, over(err) || err == nil && scope != domain.Others)
	if err != nil {
		return answer.InFormerWords(err, token)
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Message{Msg: "Logout bem-sucedido"})
}

func (s *server) protected(w http.ResponseWriter, r *http.Request) error {
	id, err := s.identify(r)
	if err != nil {
		return err
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Message{Msg: fmt.Sprintf("Welcome, %s!", id.Email)})
}

func (s *server) me(w http.ResponseWriter, r *http.Request) error {
	id, err := s.identify(r)
	if err != nil {
		return err
	}
	return replyIdentity(w, r, id)
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
	set(w.Header(), wire.AuthUser, string(id.User), wire.AuthEmail, string(id.Email), wire.AuthRoles, joined(id.Roles),
		wire.AuthSession, string(id.Session))
	return replyIdentity(w, r, id)
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
			return nil, answer.Told(domain.RequestInvalid, "The only parameter is role; a gateway must not send the query of its client along")
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
	token, err := s.token(r, domain.Access)
	if err != nil {
		return application.Identity{}, err
	}
	id, err := s.Gate.Authorize(r.Context(), token, anyOf...)
	if err != nil {
		return application.Identity{}, answer.InFormerWords(err, token)
	}
	return id, nil
}

// joined is roles in one header; no role has a comma.
func joined(roles []domain.Role) string {
	switch len(roles) {
	case 0:
		return ""
	case 1:
		return string(roles[0])
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}
