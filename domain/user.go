package domain

import (
	"slices"
	"time"
)

// Reason says why a session ended or a user was logged out.
type Reason string

// The reasons.
const (
	ByLogout        Reason = "logout"        // the user asked
	ByPassword      Reason = "password"      // the password was changed
	ByDisabling     Reason = "disabled"      // the user was disabled
	ByReuse         Reason = "reuse"         // a refresh token was presented a second time
	ByAdministrator Reason = "administrator" // somebody who runs the service asked
	ByRevocation    Reason = "revocation"    // a client revoked one of its tokens
)

// User is somebody who can sign in. Times are Instants; a zero time is never.
type User struct {
	ID           UserID
	Email        Email
	PasswordHash string // "" when the user cannot sign in with a password
	Roles        []Role
	LoginTime    time.Time // the last login, by the hybrid clock
	LogoutTime   time.Time // the last global logout, by the hybrid clock
	LogoutReason Reason    // why, "" when never
	DisabledAt   time.Time
	VerifiedAt   time.Time // when the email was proved to be the user's
	CreatedAt    time.Time
}

// LogIn records a login and returns its time: max(now, LoginTime, LogoutTime + 1 µs). So a login is later than every
// logout before it even when the node that takes it is behind the node that took the logout, or both fall in one
// instant. There is no bound on it: a clock far ahead must not lock anybody out.
func (u *User) LogIn(now time.Time) time.Time {
	after := u.LogoutTime
	if !after.IsZero() {
		after = after.Add(Tick)
	}
	u.LoginTime = latest(Instant(now), u.LoginTime, after)
	return u.LoginTime
}

// LogOut ends every session that has begun so far: it records max(now, LoginTime, LogoutTime).
func (u *User) LogOut(now time.Time, why Reason) {
	u.LogoutTime = latest(Instant(now), u.LoginTime, u.LogoutTime)
	u.LogoutReason = why
}

// Disabled reports whether the user may not sign in.
func (u User) Disabled() bool { return !u.DisabledAt.IsZero() }

// Equal reports whether both hold the same.
func (u User) Equal(v User) bool {
	return u.ID == v.ID && u.Email == v.Email && u.PasswordHash == v.PasswordHash && slices.Equal(u.Roles, v.Roles) &&
		u.LoginTime.Equal(v.LoginTime) && u.LogoutTime.Equal(v.LogoutTime) && u.LogoutReason == v.LogoutReason &&
		u.DisabledAt.Equal(v.DisabledAt) && u.VerifiedAt.Equal(v.VerifiedAt) && u.CreatedAt.Equal(v.CreatedAt)
}

// Clone returns a copy that shares nothing.
func (u User) Clone() User {
	u.Roles = slices.Clone(u.Roles)
	return u
}
