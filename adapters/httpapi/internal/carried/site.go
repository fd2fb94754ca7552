package carried

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/porteiro/porteiro/domain"
)

// Site tells the pages that may act with this site's cookies from all others.
type Site struct {
	cookies Cookies
	origins []string
	cross   *http.CrossOriginProtection
}

// NewSite returns the Site of the pages of the service's own origin and of the origins, each of which passed
// CheckOrigin.
func NewSite(c Cookies, origins []string) (*Site, error) {
	s := &Site{c, origins, http.NewCrossOriginProtection()}
	for _, origin := range origins {
		if err := s.cross.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Check refuses a request that may change something and comes from a page that is not trusted; the methods are all that
// it may be taken for. Pages of the same site are no exception: SameSite=Lax sends them the cookies, and one careless
// neighbour would be enough. Browsers send no Bearer by themselves, so a request with one and without our cookies is a
// program's, or a page's that holds a token. Without cookies there is nothing to guard.
func (s *Site) Check(r *http.Request, methods ...string) error {
	if !s.cookies.On {
		return nil
	}
	method := stateChanging(methods)
	carries := s.cookies.Any(r)
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

// stateChanging returns the first method that may change something, or "".
func stateChanging(methods []string) string {
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

// downgraded reports whether an origin is plain HTTP where cookies are secure. http.CrossOriginProtection compares hosts
// only: without Sec-Fetch-Site it would take a page that somebody on the network made up for one of this host's.
func (s *Site) downgraded(origin string) bool {
	return !s.cookies.Insecure && strings.HasPrefix(origin, "http:") && !slices.Contains(s.origins, origin)
}

func sendsBearer(r *http.Request) bool {
	scheme, _, found := strings.Cut(r.Header.Get("Authorization"), " ")
	return found && strings.EqualFold(scheme, "Bearer")
}
