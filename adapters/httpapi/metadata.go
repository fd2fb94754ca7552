package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
)

// Names are what tokens say of the service, for those who ask about them. The zero Names are of a service that says
// nothing of itself.
type Names struct {
	Issuer   string
	Audience []string
	ClientID string
}

// metadataAge is how long the metadata may be kept, in seconds.
const metadataAge = 300

// published reports whether the issuer is one for metadata: an https URL without a query or a fragment (RFC 8414
// section 2). Of any other issuer there is nothing to publish, and no such path.
func published(issuer string) (*url.URL, bool) {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(issuer, "?#") {
		return nil, false
	}
	return u, true
}

// metadataPaths is where the metadata of an issuer is looked for: below the base path, and where RFC 8414 section 3.1
// puts it when the issuer has a path, between host and path.
func metadataPaths(issuer *url.URL, base string) []string {
	paths := []string{base + wire.Metadata}
	standard := wire.Metadata + strings.TrimSuffix(issuer.EscapedPath(), "/")
	if standard != paths[0] {
		paths = append(paths, standard)
	}
	return paths
}

// metadata says what there is here, and no more: people log in by JSON and refresh with a Bearer, which are neither a
// grant nor a response type of OAuth. Both lists are there all the same, empty, because to leave them out would say that
// there are those of the default.
func (s *server) metadata(w http.ResponseWriter, _ *http.Request) error {
	at := strings.TrimSuffix(s.Names.Issuer, "/")
	if _, host, _ := strings.Cut(at, "://"); !strings.HasSuffix(host, s.base) { // a proxy may take the prefix away before us
		at += s.base
	}
	basic := []string{"client_secret_basic"}
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", metadataAge))
	return answer.JSON(w, http.StatusOK, wire.JSON, wire.ServerMetadata{
		Issuer: s.Names.Issuer, JWKS: at + wire.JWKS, ResponseTypes: []string{}, GrantTypes: []string{},
		Introspection: at + wire.Introspect, IntrospectionAuth: basic, Revocation: at + wire.Revoke, RevocationAuth: basic,
	})
}
