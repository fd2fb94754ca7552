package httpapi

import (
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// token takes the token of a kind out of a request.
func (s *server) token(r *http.Request, kind domain.Kind) (string, error) {
	return s.carried.Token(r, kind)
}

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
		return "", answer.Told(domain.RequestInvalid, carried.MsgElsewhere)
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
