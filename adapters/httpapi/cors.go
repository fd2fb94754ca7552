package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/rs/cors"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
)

// preflightAge is how long a browser may keep the answer to a preflight, in seconds.
const preflightAge = 600

// share lets pages of the allowed origins call and read. /authorize is left out: it is for gateways, and to one of them
// the 204 of a preflight would mean that anybody may pass.
func (s *server) share(rt *router, next http.Handler) http.Handler {
	if len(s.CORSOrigins) == 0 {
		return next
	}
	shared := cors.New(cors.Options{
		// The library's own list folds case and takes wildcards; origins are compared byte for byte (RFC 6454 section 5).
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return len(r.Header.Values("Origin")) == 1 && slices.Contains(s.CORSOrigins, origin), nil
		},
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders:   []string{"Authorization", "Content-Type", wire.RequestID},
		ExposedHeaders:   []string{"Retry-After", "WWW-Authenticate", wire.RequestID},
		MaxAge:           preflightAge,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if methods, found := rt.at(r); !found || methods[""] != nil {
			next.ServeHTTP(w, r)
			return
		}
		shared.ServeHTTP(w, r)
	})
}

// CheckOrigin refuses what no browser sends as an Origin, and says how it is written: it would never match. Plain HTTP is
// taken, also of another host, where whoever is on the network can write the pages.
func CheckOrigin(origin string) error {
	if err := carried.CheckOrigin(origin); err != nil {
		return fmt.Errorf("the CORS origin %w", err)
	}
	return nil
}
