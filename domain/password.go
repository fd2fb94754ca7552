package domain

import (
	"strings"
	"unicode/utf8"
)

// PasswordPolicy says which passwords may be set. It never applies at login: what was once accepted goes on working.
type PasswordPolicy struct {
	Min int // code points, at least
	Max int // code points, at most
}

// DefaultPasswordPolicy is 8 to 256 code points.
func DefaultPasswordPolicy() PasswordPolicy { return PasswordPolicy{Min: 8, Max: 256} }

// Check refuses a password that is too short, too long, or the user's own email or its local part in whatever case:
// PasswordWeak. The password is taken as it is: no trimming, no folding, no normal form.
func (p PasswordPolicy) Check(password string, email Email) error {
	n := utf8.RuneCountInString(password)
	if n < p.Min || n > p.Max || strings.EqualFold(password, string(email)) || strings.EqualFold(password, email.Local()) {
		return &Denied{Refusal: PasswordWeak, Field: "password"}
	}
	return nil
}
