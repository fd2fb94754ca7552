package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
)

// forwardedMethod is how a gateway that asks /authorize names the method of the request that it asks about.
const forwardedMethod = "X-Forwarded-Method"

// guard keeps pages of other sites from acting with this site's cookies, and from giving a browser cookies of somebody
// else (login CSRF). Without cookies there is nothing to guard.
func (s *server) guard(next http.Handler) http.Handler {
	if !s.Cookies.On {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.site.Check(r, s.methods(r)...); err != nil {
			s.no.Refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// methods is what a request may be taken for. In forward auth it is the method of the request that the gateway asks
// about, and the gateway's own: whichever may change something counts.
func (s *server) methods(r *http.Request) []string {
	methods := []string{r.Method}
	if r.URL.EscapedPath() == s.base+wire.Authorize {
		methods = append(methods, r.Header.Values(forwardedMethod)...)
	}
	return methods
}
