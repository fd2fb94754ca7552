package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func (s *server) register(w http.ResponseWriter, r *http.Request) error {
	email, password, err := readCredentials(w, r)
	if err != nil {
		return err
	}
	registered, err := s.Accounts.Register(r.Context(), email, password)
	if err != nil {
		return err
	}
	return replyAccount(w, http.StatusCreated, registered)
}

func (s *server) changePassword(w http.ResponseWriter, r *http.Request) error {
	token, err := s.token(r, domain.Access)
	if err != nil {
		return err
	}
	var c wire.PasswordChange
	if err := decode(w, r, &c); err != nil {
		return err
	}
	current, next, err := two("current_password", c.Current, "new_password", c.New)
	if err != nil {
		return err
	}
	grant, err := s.Accounts.ChangePassword(r.Context(), token, current, next)
	if err != nil {
		return answer.InFormerWords(err, token)
	}
	return s.replyGrant(w, grant)
}

func (s *server) changeEmail(w http.ResponseWriter, r *http.Request) error {
	token, err := s.token(r, domain.Access)
	if err != nil {
		return err
	}
	email, password, err := readCredentials(w, r)
	if err != nil {
		return err
	}
	changed, err := s.Accounts.ChangeEmail(r.Context(), token, password, email)
	if err != nil {
		return answer.InFormerWords(err, token)
	}
	return replyAccount(w, http.StatusOK, changed)
}

func (s *server) deleteAccount(w http.ResponseWriter, r *http.Request) error {
	token, err := s.token(r, domain.Access)
	if err != nil {
		return err
	}
	var c wire.Confirmation
	if err := decode(w, r, &c); err != nil {
		return err
	}
	password, err := one("password", c.Password)
	if err != nil {
		return err
	}
	if err := s.Accounts.DeleteAccount(r.Context(), token, password); err != nil {
		return answer.InFormerWords(err, token)
	}
	s.expireIf(w, true)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func replyAccount(w http.ResponseWriter, status int, a application.Registered) error {
	return answer.JSON(w, status, wire.JSON, wire.Account{ID: string(a.User), Email: string(a.Email)})
}
