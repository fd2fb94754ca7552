package domain

// UserID names a user for ever: a UUID in its canonical lower-case form. It is never given to a second user.
type UserID string

// SessionID names a session: a UUID in its canonical lower-case form. It is no secret.
type SessionID string

// ParseUserID reads a UUID in canonical form (RFC 9562 section 4, lower case); anything else is a RequestInvalid.
func ParseUserID(s string) (UserID, error) {
	if !canonicalUUID(s) {
		return "", RequestInvalid
	}
	return UserID(s), nil
}

// ParseSessionID is ParseUserID for sessions.
func ParseSessionID(s string) (SessionID, error) {
	if !canonicalUUID(s) {
		return "", RequestInvalid
	}
	return SessionID(s), nil
}

func canonicalUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
