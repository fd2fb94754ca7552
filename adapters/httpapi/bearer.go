package httpapi

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// told is a refusal with the words that the service before had for this case of it.
type told struct {
	error
	msg string
}

func (t told) Unwrap() error { return t.error }

const (
	msgScheme    = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"
	msgMalformed = "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"
	msgElsewhere = "Send the token as 'Authorization: Bearer <JWT>' and nowhere else"
	msgBoth      = "Send the token in the Authorization header or in a cookie, not in both"
)

// bearer takes the token out of the one Authorization header (RFC 6750 section 2.1). A token in the query, in a body or
// in a second header is refused rather than ignored: whoever sends two must not depend on which one is taken.
func bearer(r *http.Request) (string, error) {
	if inQuery(r) {
		return "", told{domain.RequestInvalid, msgElsewhere}
	}
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return "", domain.TokenMissing
	}
	if len(values) > 1 {
		return "", told{domain.RequestInvalid, msgMalformed}
	}
	scheme, token, found := strings.Cut(values[0], " ")
	switch {
	case strings.EqualFold(values[0], "Bearer"), strings.EqualFold(scheme, "Bearer") && token == "":
		return "", told{domain.RequestInvalid, msgMalformed}
	case !found || !strings.EqualFold(scheme, "Bearer"):
		return "", told{domain.TokenMissing, msgScheme}
	}
	return token, nil
}

// token takes the token of a kind from the one place where it is: the Authorization header or, in cookie mode, its
// cookie. With both there is no telling which one was meant.
func (s *server) token(r *http.Request, kind domain.Kind) (string, error) {
	sent := len(r.Header.Values("Authorization")) > 0
	switch carried := s.Cookies.anyCarried(r); {
	case carried && sent:
		return "", told{domain.RequestInvalid, msgBoth}
	case carried && !inQuery(r):
		return s.Cookies.token(r, kind)
	}
	return bearer(r)
}

// inQuery reports whether a token is in the query. Nearly every request has none, and nothing is parsed then.
func inQuery(r *http.Request) bool { return r.URL.RawQuery != "" && r.URL.Query().Has("access_token") }

// tokenOnly is token for a route that may have a body: a token in it is refused (RFC 6750 section 2.2 is not offered).
func (s *server) tokenOnly(w http.ResponseWriter, r *http.Request, kind domain.Kind) (string, error) {
	token, err := s.token(r, kind)
	if r.ContentLength == 0 {
		return token, err
	}
	body, readErr := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if readErr != nil {
		return "", bodyError(readErr)
	}
	if carriesToken(r.Header.Get("Content-Type"), body) {
		return "", told{domain.RequestInvalid, msgElsewhere}
	}
	return token, err
}

func carriesToken(contentType string, body []byte) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	if media == "application/x-www-form-urlencoded" {
		form, _ := url.ParseQuery(string(body))
		return form.Has("access_token") || form.Has("refresh_token") || form.Has("token")
	}
	var members struct {
		Access  any `json:"access_token"`
		Refresh any `json:"refresh_token"`
		Token   any `json:"token"`
	}
	if json.Unmarshal(body, &members) != nil {
		return false // not JSON: nothing that could be taken for a token
	}
	return members.Access != nil || members.Refresh != nil || members.Token != nil
}
