package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
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
	return reply(w, http.StatusCreated, wire.JSON, wire.Account{ID: string(registered.User), Email: string(registered.Email)})
}
