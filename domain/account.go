package domain

import (
	"errors"
	"slices"
	"time"
)

// ErrPasswordChanged says that the password hash is no longer the one that was verified. It never reaches a caller:
// the login reads and verifies again.
var ErrPasswordChanged = errors.New("the password changed since it was verified")

// Account is a user and the sessions that an operation is about, as a store's lock shows them. Every decision that
// writes is a method of it and repeats there the check that the operation was authorised by: between a check and a
// later write anything may have happened. A store makes one with [NewAccount], hands it to the decision, and writes
// what [Account.Changes] says.
type Account struct {
	User     User
	sessions []Session
	deleted  bool

	user0     User // as it was
	sessions0 []Session
}

// NewAccount takes the user and those of the sessions that are the user's.
func NewAccount(u User, sessions ...Session) *Account {
	a := &Account{User: u.Clone(), user0: u.Clone()}
	for _, s := range sessions {
		if s.UserID == u.ID {
			a.sessions = append(a.sessions, s.Clone())
			a.sessions0 = append(a.sessions0, s.Clone())
		}
	}
	return a
}

// Changes is what a store must write: all of it, in the transaction in which it read.
type Changes struct {
	User    *User     // nil when it did not change
	Opened  []Session // new ones
	Changed []Session // those that were there, in their new state
	Deleted bool      // the user goes, and every session of theirs
}

// Changes compares the account with what NewAccount was given.
func (a *Account) Changes() Changes {
	if a.deleted {
		return Changes{Deleted: true}
	}
	var c Changes
	if !a.User.Equal(a.user0) {
		u := a.User.Clone()
		c.User = &u
	}
	for i, s := range a.sessions {
		switch {
		case i >= len(a.sessions0):
			c.Opened = append(c.Opened, s.Clone())
		case !s.Equal(a.sessions0[i]):
			c.Changed = append(c.Changed, s.Clone())
		}
	}
	return c
}

// Session returns a session that the account was read with or has opened.
func (a *Account) Session(id SessionID) (Session, bool) {
	if s := a.session(id); s != nil {
		return s.Clone(), true
	}
	return Session{}, false
}

func (a *Account) session(id SessionID) *Session {
	i := slices.IndexFunc(a.sessions, func(s Session) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &a.sessions[i]
}

// standing applies the rule to a session under the lock; the zero Standing when it is not there.
func (a *Account) standing(id SessionID) Standing {
	if s := a.session(id); s != nil {
		return StandingOf(a.User, *s)
	}
	return Standing{}
}

// Opening is what a login brings to [Account.Open].
type Opening struct {
	ID        SessionID
	Verified  string // the hash that the password was verified against
	Renewed   string // the hash that takes its place, "" to leave it
	Methods   []Method
	UserAgent string
	IP        string
	Lifetime  Lifetime
}

// Lifetime bounds a session. Both ages count from the clock, never from LoginTime, which may be ahead of it.
type Lifetime struct {
	Absolute time.Duration // from the login
	Idle     time.Duration // from the login or the last rotation
}

// Open begins a session. A user who is disabled or has no password is InvalidCredentials, and a hash other than the
// verified one is ErrPasswordChanged.
func (a *Account) Open(now time.Time, o Opening) (Session, error) {
	if a.User.Disabled() || a.User.PasswordHash == "" {
		return Session{}, InvalidCredentials
	}
	if a.User.PasswordHash != o.Verified {
		return Session{}, ErrPasswordChanged
	}
	if o.Renewed != "" {
		a.User.PasswordHash = o.Renewed
	}
	now = Instant(now)
	s := Session{
		ID: o.ID, UserID: a.User.ID, LoginTime: a.User.LogIn(now), CreatedAt: now, RefreshedAt: now,
		Until: now.Add(o.Lifetime.Absolute), Methods: o.Methods, UserAgent: o.UserAgent, IP: o.IP,
	}
	s.IdleUntil = idleUntil(now, o.Lifetime.Idle, s.Until)
	a.sessions = append(a.sessions, s)
	return s.Clone(), nil
}

func idleUntil(now time.Time, idle time.Duration, until time.Time) time.Time {
	if t := now.Add(idle); t.Before(until) {
		return t
	}
	return until
}

// SetPassword replaces the password and logs the user out everywhere.
func (a *Account) SetPassword(now time.Time, hash string) {
	a.User.PasswordHash = hash
	a.User.LogOut(now, ByPassword)
}

// Disable keeps the user from signing in and logs them out everywhere: enabling revives nothing. Disabling twice is
// disabling once.
func (a *Account) Disable(now time.Time) {
	if a.User.Disabled() {
		return
	}
	a.User.DisabledAt = Instant(now)
	a.User.LogOut(now, ByDisabling)
}

// Enable lets the user sign in again.
func (a *Account) Enable() { a.User.DisabledAt = time.Time{} }

// SetRoles replaces the roles, sorted and each once.
func (a *Account) SetRoles(roles ...Role) {
	a.User.Roles = slices.Compact(slices.Sorted(slices.Values(roles)))
}

// Delete removes the user and every session of theirs.
func (a *Account) Delete() { a.deleted = true }
