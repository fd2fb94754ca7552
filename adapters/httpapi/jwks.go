package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// jwks publishes the keys with which services verify access tokens by themselves. They may keep it, so that a crowd of
// them is no load; a new key is in it for longer than that before it signs.
func (s *server) jwks(w http.ResponseWriter, r *http.Request) error {
	keys, err := s.Public(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	if seconds := int(keys.MaxAge / time.Second); seconds > 0 {
		h.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", seconds))
	}
	h.Set("Content-Type", "application/jwk-set+json") // RFC 7517 section 8.5.2
	h.Set("Content-Length", strconv.Itoa(len(keys.JWKS)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(keys.JWKS) // a client that is gone is no error of ours
	return nil
}
