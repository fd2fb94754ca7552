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

// readCredentials decodes {"email","password"}.
func readCredentials(w http.ResponseWriter, r *http.Request) (email, password string, err error) {
	var c wire.Credentials
	if err := decode(w, r, &c); err != nil {
		return "", "", err
	}
	return two("email", c.Email, "password", c.Password)
}

// decode reads a JSON object. Members that it does not know are ignored; a member twice, a wrong type, trailing data and
// text that is not UTF-8 are refused (encoding/json would let the last two copies through).
func decode(w http.ResponseWriter, r *http.Request, body any) error {
	if !isJSON(r.Header.Get("Content-Type")) {
		return domain.MediaType
	}
	if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, wire.MaxBody), body); err != nil {
		return bodyError(err)
	}
	return nil
}

func isJSON(contentType string) bool {
	if contentType == wire.JSON { // as nearly everybody writes it
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && media == wire.JSON && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// two takes two members that have to be there.
func two(name1 string, v1 *string, name2 string, v2 *string) (string, string, error) {
	a, err := one(name1, v1)
	if err != nil {
		return "", "", err
	}
	b, err := one(name2, v2)
	return a, b, err
}

func one(name string, v *string) (string, error) {
	if v == nil {
		return "", &domain.Denied{Refusal: domain.RequestInvalid, Field: name}
	}
	return *v, nil
}

// bodyError tells what was wrong with a body. The decoder's own words stay inside: they may quote the password.
func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return domain.BodyTooLarge
	}
	var wrong *json.SemanticError
	if errors.As(err, &wrong) {
		switch field := strings.TrimPrefix(string(wrong.JSONPointer), "/"); field {
		case "email", "password", "current_password", "new_password":
			return &domain.Denied{Refusal: domain.RequestInvalid, Field: field}
		}
	}
	return fmt.Errorf("body: %w", domain.RequestInvalid)
}
