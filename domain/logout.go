package domain

import "time"

// Scope says what a logout ends.
type Scope string

// The scopes.
const (
	Global Scope = "global" // every session of the user
	Local  Scope = "local"  // the caller's session
	Others Scope = "others" // every session but the caller's
)

// ParseScope reads a scope; "" is global, anything unknown a RequestInvalid.
func ParseScope(s string) (Scope, error) {
	switch Scope(s) {
	case "", Global:
		return Global, nil
	case Local:
		return Local, nil
	case Others:
		return Others, nil
	}
	return "", &Denied{Refusal: RequestInvalid, Field: "scope"}
}

// LogOut ends what the scope says on the word of one of the user's sessions, and reports whether it did. A session
// that is over changes nothing: otherwise an old stolen token would be a kill switch for ever.
func (a *Account) LogOut(now time.Time, by SessionID, scope Scope) bool {
	now = Instant(now)
	if a.standing(by).Refuse(now) != nil {
		return false
	}
	switch scope {
	case Global:
		a.User.LogOut(now, ByLogout)
	case Local:
		a.session(by).end(now, ByLogout)
	case Others:
		a.User.LogOut(now, ByLogout)
		a.session(by).LoginTime = a.User.LogIn(now)
	default:
		return false
	}
	return true
}

// Revoke ends a session on the word of a client that holds one of its tokens, and reports whether it did: one that is
// over stays as it is.
func (a *Account) Revoke(now time.Time, id SessionID) bool {
	now = Instant(now)
	if a.standing(id).Refuse(now) != nil {
		return false
	}
	a.session(id).end(now, ByRevocation)
	return true
}

// LogOutEverywhere ends every session of the user on the word of whoever runs the service.
func (a *Account) LogOutEverywhere(now time.Time) { a.User.LogOut(now, ByAdministrator) }
