package application

import (
	"strings"
	"unicode/utf8"

	"github.com/porteiro/porteiro/domain"
)

// MaxCredentials is how many bytes an email and a password may have together: more than anybody needs, and less than
// a transport's limit would cost.
const MaxCredentials = 16 << 10

// Readable refuses what no transport could carry the same way: more than MaxCredentials (BodyTooLarge), text that is
// not UTF-8, a NUL in an email (RequestInvalid with the field). A NUL in a password is a character like any other. The
// core asks it first, and so does the client of a transport: what cannot be sent is refused in the same words.
func Readable(email, password string) error {
	switch {
	case len(email)+len(password) > MaxCredentials:
		return domain.BodyTooLarge
	case !utf8.ValidString(email), strings.IndexByte(email, 0) >= 0:
		return &domain.Denied{Refusal: domain.RequestInvalid, Field: "email"}
	case !utf8.ValidString(password):
		return &domain.Denied{Refusal: domain.RequestInvalid, Field: "password"}
	}
	return nil
}

// ReadablePasswords is Readable for a password and the one that takes its place, with the fields current_password and
// new_password.
func ReadablePasswords(current, next string) error {
	if len(current)+len(next) > MaxCredentials {
		return domain.BodyTooLarge
	}
	if err := Readable("", current); err != nil {
		return in("current_password", err)
	}
	return in("new_password", Readable("", next))
}
