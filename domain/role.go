package domain

// Role is a flat name that a user holds and a caller may ask for, such as "admin" or "billing:read".
type Role string

const maxRole = 64

// ParseRole takes 1 to 64 of a-z 0-9 _ . : - beginning with a letter or digit; anything else is a RequestInvalid. No
// comma and no space, because roles travel in one header.
func ParseRole(s string) (Role, error) {
	if s == "" || len(s) > maxRole {
		return "", &Denied{Refusal: RequestInvalid, Field: "role"}
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		mark := c == '_' || c == '.' || c == ':' || c == '-'
		if !letter && (!mark || i == 0) {
			return "", &Denied{Refusal: RequestInvalid, Field: "role"}
		}
	}
	return Role(s), nil
}
