package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
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
		if err := s.crossSite(r); err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// crossSite refuses a request that may change something and comes from a page that is not trusted. Pages of the same
// site are no exception: SameSite=Lax sends them the cookies, and one careless neighbour would be enough. Browsers send
// no Bearer by themselves, so a request with one and without our cookies is a program's, or a page's that holds a token.
func (s *server) crossSite(r *http.Request) error {
	method := s.stateChanging(r)
	carries := s.Cookies.anyCarried(r)
	if method == "" || !carries && sendsBearer(r) {
		return nil
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin") // an empty one, as proxies leave them, says nothing
	switch {
	case len(r.Header.Values("Sec-Fetch-Site")) > 1 || len(r.Header.Values("Origin")) > 1:
		return fmt.Errorf("two origins: %w", domain.CrossSite)
	case site == "" && origin == "" && carries:
		return fmt.Errorf("a cookie from nowhere: %w", domain.CrossSite)
	case site == "" && s.downgraded(origin):
		return fmt.Errorf("a page without TLS: %w", domain.CrossSite)
	}
	asked := r.Clone(r.Context()) // Check reads the method from the request
	asked.Method = method
	if err := s.cross.Check(asked); err != nil {
		return fmt.Errorf("%w: %w", domain.CrossSite, err)
	}
	return nil
}

// stateChanging returns the method if it may change something, or "". In forward auth it is the method of the request
// that the gateway asks about, and the gateway's own: whichever may change something counts.
func (s *server) stateChanging(r *http.Request) string {
	methods := []string{r.Method}
	if r.URL.EscapedPath() == s.base+wire.Authorize {
		methods = append(methods, r.Header.Values(forwardedMethod)...)
	}
	for _, m := range methods {
		switch m {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
		case "": // a gateway's placeholder that stayed empty: nobody knows what is asked about
			return "?"
		default:
			return m
		}
	}
	return ""
}

// downgraded reports whether an origin is plain HTTP where cookies are secure. Check compares hosts only: without
// Sec-Fetch-Site it would take a page that somebody on the network made up for one of this host's.
func (s *server) downgraded(origin string) bool {
	if s.Cookies.Insecure || !strings.HasPrefix(origin, "http:") {
		return false
	}
	for _, o := range s.CORSOrigins {
		if o == origin {
			return false
		}
	}
	return true
}

func sendsBearer(r *http.Request) bool {
	scheme, _, found := strings.Cut(r.Header.Get("Authorization"), " ")
	return found && strings.EqualFold(scheme, "Bearer")
}
