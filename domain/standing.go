package domain

import (
	"slices"
	"time"
)

// Standing is what the rule reads of a session and its user, in one snapshot. The zero Standing is that of a session
// that does not exist.
type Standing struct {
	Session   SessionID
	LoginTime time.Time
	Ended     bool
	IdleUntil time.Time
	Until     time.Time

	User       UserID
	Email      Email
	Roles      []Role
	LogoutTime time.Time
	Disabled   bool
}

// StandingOf reads a user and one of their sessions; a session of another user has no standing.
func StandingOf(u User, s Session) Standing {
	if s.UserID != u.ID {
		return Standing{}
	}
	return Standing{
		Session: s.ID, LoginTime: s.LoginTime, Ended: s.Ended(), IdleUntil: s.IdleUntil, Until: s.Until,
		User: u.ID, Email: u.Email, Roles: u.Roles, LogoutTime: u.LogoutTime, Disabled: u.Disabled(),
	}
}

// Refuse says why a session does not stand: TokenRevoked when it is unknown, ended, logged out or its user disabled,
// SessionExpired when an age is over; nil when it stands.
func (s Standing) Refuse(now time.Time) error {
	switch {
	case s.Session == "", s.Ended, s.Disabled, !s.begunAfterLogout():
		return TokenRevoked
	case !now.Before(s.Until), !now.Before(s.IdleUntil):
		return SessionExpired
	}
	return nil
}

// begunAfterLogout is the validity rule. It compares the logout with the login that the session came from, not with
// the user's last one: otherwise the next login would revive every token that was logged out before.
func (s Standing) begunAfterLogout() bool {
	return s.LogoutTime.IsZero() || s.LoginTime.After(s.LogoutTime)
}

// HasAny reports whether the user holds one of the roles; asking for none asks nothing.
func (s Standing) HasAny(roles ...Role) bool {
	return len(roles) == 0 || slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(s.Roles, r) })
}
