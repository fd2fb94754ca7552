package domain

import (
	"slices"
	"time"
)

// Method is a way of proving who one is.
type Method string

// The methods.
const (
	PasswordMethod Method = "password"
	FormerMethod   Method = "former" // a token of the service before this one
)

// Session is one login and what came of it. Times are Instants; a zero time is never.
type Session struct {
	ID           SessionID
	UserID       UserID
	LoginTime    time.Time // by the user's hybrid clock; what the validity rule compares
	CreatedAt    time.Time // by the clock of the node that took the login
	EndedAt      time.Time
	EndReason    Reason    // "" while it has not ended
	IdleUntil    time.Time // moves with each rotation of the refresh token
	Until        time.Time // never moves
	RefreshCount int       // which refresh token is the current one; the first is 0
	RefreshedAt  time.Time // when the current refresh token was made
	Methods      []Method
	UserAgent    string
	IP           string
	KeepUntil    time.Time // until then the token that began it could begin it anew: see Former; zero for a login's
}

// Ended reports whether the session was ended for itself. A user's logout ends it too, and leaves no mark in it.
func (s Session) Ended() bool { return !s.EndedAt.IsZero() }

// OverSince reports whether the session was over before a time: ended, past an age, or logged out by its user's logout.
// Nothing that happens later makes it stand again, so that a store may forget it: before KeepUntil only one that was
// logged out, because that its token was used or ended is known by the session alone.
func (s Session) OverSince(u User, before time.Time) bool {
	loggedOut := !u.LogoutTime.IsZero() && !s.LoginTime.After(u.LogoutTime) && u.LogoutTime.Before(before)
	if loggedOut || !s.KeepUntil.Before(before) {
		return loggedOut
	}
	return s.Ended() && s.EndedAt.Before(before) || s.IdleUntil.Before(before) || s.Until.Before(before)
}

func (s *Session) end(now time.Time, why Reason) {
	s.EndedAt, s.EndReason = now, why
}

// Equal reports whether both hold the same.
func (s Session) Equal(t Session) bool {
	return s.ID == t.ID && s.UserID == t.UserID && s.LoginTime.Equal(t.LoginTime) && s.CreatedAt.Equal(t.CreatedAt) &&
		s.EndedAt.Equal(t.EndedAt) && s.EndReason == t.EndReason && s.IdleUntil.Equal(t.IdleUntil) &&
		s.Until.Equal(t.Until) && s.RefreshCount == t.RefreshCount && s.RefreshedAt.Equal(t.RefreshedAt) &&
		slices.Equal(s.Methods, t.Methods) && s.UserAgent == t.UserAgent && s.IP == t.IP && s.KeepUntil.Equal(t.KeepUntil)
}

// Clone returns a copy that shares nothing.
func (s Session) Clone() Session {
	s.Methods = slices.Clone(s.Methods)
	return s
}
