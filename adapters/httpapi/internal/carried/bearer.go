// Package carried reads what a request carries: the token, from the one place where it may be, and whether a page of
// another site sent it. It trusts nothing, and asks nobody.
package carried

import (
	"net/http"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/domain"
)

// What a client is told that sends its token in another way.
const (
	msgScheme    = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"
	msgMalformed = "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"
	MsgElsewhere = "Send the token as 'Authorization: Bearer <JWT>' and nowhere else"
	msgBoth      = "Send the token in the Authorization header or in a cookie, not in both"
)

// bearer takes the token out of the one Authorization header (RFC 6750 section 2.1). A token in the query, in a body or
// in a second header is refused rather than ignored: whoever sends two must not depend on which one is taken.
func bearer(r *http.Request) (string, error) {
	if inQuery(r) {
		return "", answer.Told(domain.RequestInvalid, MsgElsewhere)
	}
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return "", domain.TokenMissing
	}
	if len(values) > 1 {
		return "", answer.Told(domain.RequestInvalid, msgMalformed)
	}
	scheme, token, found := strings.Cut(values[0], " ")
	switch {
	case strings.EqualFold(values[0], "Bearer"), strings.EqualFold(scheme, "Bearer") && token == "":
		return "", answer.Told(domain.RequestInvalid, msgMalformed)
	case !found || !strings.EqualFold(scheme, "Bearer"):
		return "", answer.Told(domain.TokenMissing, msgScheme)
	}
	return token, nil
}

// Token takes the token of a kind from the one place where it is: the Authorization header or, in cookie mode, its
// cookie. With both there is no telling which one was meant.
func (c Cookies) Token(r *http.Request, kind domain.Kind) (string, error) {
	sent := len(r.Header.Values("Authorization")) > 0
	switch carried := c.Any(r); {
	case carried && sent:
		return "", answer.Told(domain.RequestInvalid, msgBoth)
	case carried && !inQuery(r):
		return c.OfCookie(r, kind)
	}
	return bearer(r)
}

// inQuery reports whether a token is in the query. Nearly every request has none, and nothing is parsed then.
func inQuery(r *http.Request) bool { return r.URL.RawQuery != "" && r.URL.Query().Has("access_token") }
