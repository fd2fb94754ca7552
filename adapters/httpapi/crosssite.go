package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
)

// askedAbout is how gateways that ask /authorize name the method of the request that they ask about; the latter is
// ingress-nginx's.
var askedAbout = []string{"X-Forwarded-Method", "X-Original-Method"}

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
// about, and the gateway's own: whichever may change something counts. Where the gateway names none, a request with an
// Origin may be anything: browsers send one with whatever is not GET or HEAD. A WebSocket is opened by a GET, and then both
// sides say what they like.
func (s *server) methods(r *http.Request) []string {
	methods := []string{r.Method}
	if r.URL.EscapedPath() != s.base+wire.Authorize {
		return methods
	}
	for _, name := range askedAbout {
		methods = append(methods, r.Header.Values(name)...)
	}
	if len(methods) == 1 && r.Header.Get("Origin") != "" {
		methods = append(methods, "")
	}
	if r.Header.Get("Sec-WebSocket-Version") != "" || r.Header.Get("Upgrade") != "" { // gateways keep the latter to themselves
		methods = append(methods, "UPGRADE")
	}
	return methods
}
