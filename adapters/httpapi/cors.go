package httpapi

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/cors"

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
	says := func(what string) error {
		return fmt.Errorf("the CORS origin %q %s: an origin is written as https://app.example.com, or with a port, https://app.example.com:8443", origin, what)
	}
	switch {
	case strings.Contains(origin, "*"):
		return says("has a wildcard, and none is taken; list every origin")
	case origin == "null":
		return says("is what every sandboxed page sends")
	}
	u, err := url.Parse(origin)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return says("does not begin with https:// (or http://) and a host")
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(origin, "?#"):
		return says("has more than scheme, host and port")
	case origin != strings.ToLower(origin) || strings.IndexFunc(origin, func(c rune) bool { return c <= ' ' || c >= 0x7f }) >= 0:
		return says("is not in lower-case ASCII (xn-- for other alphabets)")
	case u.Scheme+"://"+u.Host != origin || !originHost(u):
		return says("has no host that browsers would send")
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return says("names the port that browsers leave out")
	}
	return nil
}

func originHost(u *url.URL) bool {
	port := u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0 || strconv.FormatUint(n, 10) != port) {
		return false
	}
	host := u.Hostname()
	if strings.HasSuffix(u.Host, ":") {
		return false
	}
	if strings.HasPrefix(u.Host, "[") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is6() && a.Zone() == "" && a.String() == host
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") == "" && host != ""
}
