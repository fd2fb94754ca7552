package httpapi

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/domain"
)

// readCredentials decodes {"email","password"}. Members that it does not know are ignored; a member twice, a wrong type,
// trailing data and text that is not UTF-8 are refused (encoding/json would let the last two copies through).
func readCredentials(w http.ResponseWriter, r *http.Request) (email, password string, err error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || media != wire.JSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", "", domain.MediaType
	}
	var c wire.Credentials
	if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, wire.MaxBody), &c); err != nil {
		return "", "", bodyError(err)
	}
	switch {
	case c.Email == nil:
		return "", "", &domain.Denied{Refusal: domain.RequestInvalid, Field: "email"}
	case c.Password == nil:
		return "", "", &domain.Denied{Refusal: domain.RequestInvalid, Field: "password"}
	}
	return *c.Email, *c.Password, nil
}

// bodyError tells what was wrong with a body. The decoder's own words stay inside: they may quote the password.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return domain.BodyTooLarge
	}
	var wrong *json.SemanticError
	if errors.As(err, &wrong) {
		if field := strings.TrimPrefix(string(wrong.JSONPointer), "/"); field == "email" || field == "password" {
			return &domain.Denied{Refusal: domain.RequestInvalid, Field: field}
		}
	}
	return fmt.Errorf("body: %w", domain.RequestInvalid)
}
