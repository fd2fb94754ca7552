package httpapi

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// inOAuth has the errors of an endpoint told in the form of OAuth.
func inOAuth(e endpoint) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := e(w, r); err != nil {
			return answer.InOAuth(err)
		}
		return nil
	}
}

// asked reads what a program asks about: its own credentials and a token. What kind of token it takes it for changes
// nothing, because the token says so itself.
func asked(w http.ResponseWriter, r *http.Request) (by application.Credentials, token string, err error) {
	form, err := readForm(w, r)
	if err != nil {
		return application.Credentials{}, "", err
	}
	if by, err = clientCredentials(r); err != nil {
		return application.Credentials{}, "", err
	}
	if form.Has("client_secret") { // one way and no other (RFC 6749 section 2.3)
		return application.Credentials{}, "", &domain.Denied{Refusal: domain.RequestInvalid, Field: "client_secret"}
	}
	if id := form.Get("client_id"); id != "" && id != by.ID {
		return application.Credentials{}, "", &domain.Denied{Refusal: domain.RequestInvalid, Field: "client_id"}
	}
	return by, form.Get("token"), nil
}

// readForm reads a body whose parameters are there once (RFC 6749 section 3.2). A token in the query is refused: it would
// be in every log on the way.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.URL.RawQuery != "" && r.URL.Query().Has("token") {
		return nil, &domain.Denied{Refusal: domain.RequestInvalid, Field: "token"}
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || media != wire.Form || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, domain.MediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if err != nil {
		return nil, bodyError(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, domain.RequestInvalid
	}
	for name, values := range form {
		if len(values) < 2 {
			continue
		}
		switch name {
		case "token", "token_type_hint", "client_id", "client_secret":
			return nil, &domain.Denied{Refusal: domain.RequestInvalid, Field: name}
		}
		return nil, domain.RequestInvalid
	}
	return form, nil
}

// clientCredentials takes them out of the one Authorization header: Basic, with id and secret form-urlencoded each (RFC
// 6749 section 2.3.1).
func clientCredentials(r *http.Request) (application.Credentials, error) {
	if len(r.Header.Values("Authorization")) > 1 {
		return application.Credentials{}, domain.RequestInvalid
	}
	id, secret, found := r.BasicAuth()
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if !found || err1 != nil || err2 != nil {
		return application.Credentials{}, domain.InvalidClient
	}
	return application.Credentials{ID: id, Secret: secret}, nil
}
