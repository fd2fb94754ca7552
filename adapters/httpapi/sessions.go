package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

func (s *server) listSessions(w http.ResponseWriter, r *http.Request) error {
	token, err := s.token(r, domain.Access)
	if err != nil {
		return err
	}
	infos, err := s.Sessions.ListSessions(r.Context(), token)
	if err != nil {
		return answer.InFormerWords(err, token)
	}
	body := wire.SessionList{Sessions: make([]wire.Session, len(infos))}
	for i, f := range infos {
		body.Sessions[i] = wire.Session{
			ID: string(f.ID), Current: f.Current, LoginTime: f.LoginTime.UTC(), RefreshedAt: f.RefreshedAt.UTC(),
			UserAgent: f.UserAgent, IP: f.IP,
		}
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, body)
}

func (s *server) endSession(w http.ResponseWriter, r *http.Request) error {
	token, err := s.tokenOnly(w, r, domain.Access)
	if err != nil {
		return err
	}
	if err := s.Sessions.EndSession(r.Context(), token, domain.SessionID(r.PathValue("id"))); err != nil {
		return answer.InFormerWords(err, token)
	}
	if s.Cookies.On { // whether it was the caller's own: the service is asked, and nothing is guessed from the ID
		_, err := s.Gate.Authorize(r.Context(), token)
		s.expireIf(w, over(err))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
