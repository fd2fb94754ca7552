package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// introspect says what a token is good for (RFC 7662).
func (s *server) introspect(w http.ResponseWriter, r *http.Request) error {
	by, token, err := asked(w, r)
	if err != nil {
		return err
	}
	info, err := s.Introspection.Introspect(r.Context(), by, token)
	if err != nil {
		return err
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, s.introspected(info))
}

// introspected is an answer in its wire form. A refresh token is for this service alone, and says so: who looks at aud or
// token_use does not take it for a pass.
func (s *server) introspected(info application.TokenInfo) wire.Introspected {
	if !info.Active {
		return wire.Introspected{}
	}
	told := wire.Introspected{
		Active: true, TokenUse: wire.UseRefresh, Issuer: s.Names.Issuer, Audience: s.Names.Issuer, ClientID: s.Names.ClientID,
		Subject: string(info.User), Session: string(info.Session), ID: info.ID,
		IssuedAt: info.IssuedAt.Unix(), Expires: info.Expires.Unix(),
	}
	if info.Kind != domain.Access {
		return told
	}
	told.TokenUse, told.TokenType, told.Username, told.Audience = wire.UseAccess, "Bearer", string(info.Email), nil
	switch aud := s.Names.Audience; {
	case len(aud) == 1:
		told.Audience = aud[0]
	case len(aud) > 1:
		told.Audience = aud
	}
	for _, role := range info.Roles {
		told.Roles = append(told.Roles, string(role))
	}
	return told
}

// revoke ends the session of a token (RFC 7009). Nobody has to read the body of its answer, but by it a client tells the
// service from what may stand in between.
func (s *server) revoke(w http.ResponseWriter, r *http.Request) error {
	by, token, err := asked(w, r)
	if err != nil {
		return err
	}
	if err := s.Introspection.Revoke(r.Context(), by, token); err != nil {
		return err
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Message{Msg: "Revoked"})
}
