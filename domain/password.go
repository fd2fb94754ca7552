package domain

import "unicode/utf8"

// PasswordPolicy says which passwords may be set. It never applies at login: what was once accepted goes on working.
type PasswordPolicy struct {
	Min int // code points, at least
	Max int // code points, at most
}

// DefaultPasswordPolicy is 8 to 256 code points.
func DefaultPasswordPolicy() PasswordPolicy { return PasswordPolicy{Min: 8, Max: 256} }

// Check refuses a password that is too short, too long, on the embedded list of common ones, or the name of the service
// or the user's own email or its local part: PasswordWeak. In whatever case these are refused, but the password itself
// is taken as it is: no trimming, no folding, no normal form.
func (p PasswordPolicy) Check(password string, email Email) error {
	if n := utf8.RuneCountInString(password); n < p.Min || n > p.Max || guessable(password, email) {
		return &Denied{Refusal: PasswordWeak, Field: "password"}
	}
	return nil
}

// guessable reports whether a password is among the first that anybody would try.
func guessable(password string, email Email) bool {
	folded := foldCase(password)
	return folded == foldCase(string(email)) || folded == foldCase(email.Local()) || isService(folded) || listed(folded)
}
