package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// replyGrant hands tokens out: in the body or, in cookie mode, in cookies alone, where no script sees them.
func (s *server) replyGrant(w http.ResponseWriter, g application.Grant) error {
	ages := wire.Ages{ExpiresIn: int64(g.ExpiresIn / time.Second), RefreshExpiresIn: int64(g.RefreshExpiresIn / time.Second)}
	if s.Cookies.On {
		if err := s.Cookies.hand(w, g); err != nil {
			return err
		}
		return answer.JSON(w, http.StatusOK, wire.JSON, ages)
	}
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.Tokens{
		AccessToken: g.AccessToken, RefreshToken: g.RefreshToken, TokenType: "Bearer",
		ExpiresIn: ages.ExpiresIn, RefreshExpiresIn: ages.RefreshExpiresIn,
	})
}

// expireIf takes the cookies back when the session that they are of is over.
func (s *server) expireIf(w http.ResponseWriter, isOver bool) {
	if isOver && s.Cookies.On {
		s.Cookies.expire(w)
	}
}

// over reports whether an error says that a token will never pass again. A store that is away says nothing of the kind.
func over(err error) bool {
	for _, r := range []domain.Refusal{domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked, domain.TokenReused, domain.SessionExpired} {
		if errors.Is(err, r) {
			return true
		}
	}
	return false
}
