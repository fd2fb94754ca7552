package domain

import "time"

// Confirmation is what a caller brings to a decision about their own account: a session, and the hash that their
// password was verified against.
type Confirmation struct {
	By       SessionID
	Verified string
}

// confirm repeats under the lock what the decision was authorised by: the errors of [Standing.Refuse], and
// ErrPasswordChanged when the hash is no longer the verified one.
func (a *Account) confirm(now time.Time, c Confirmation) error {
	if err := a.standing(c.By).Refuse(now); err != nil {
		return err
	}
	if a.User.PasswordHash != c.Verified {
		return ErrPasswordChanged
	}
	return nil
}

// ChangePassword replaces the password, logs the user out everywhere and opens a fresh session for the caller. Errors
// are those of confirm, and nothing has changed then.
func (a *Account) ChangePassword(now time.Time, c Confirmation, hash string, o Opening) (Session, error) {
	now = Instant(now)
	if err := a.confirm(now, c); err != nil {
		return Session{}, err
	}
	a.SetPassword(now, hash)
	o.Verified, o.Renewed = hash, ""
	return a.Open(now, o)
}

// ChangeEmail replaces the email, which nobody has verified then. The sessions live on: they are the user's, whatever
// the user is called. Errors are those of confirm.
func (a *Account) ChangeEmail(now time.Time, c Confirmation, email Email) error {
	if err := a.confirm(Instant(now), c); err != nil {
		return err
	}
	if a.User.Email != email {
		a.User.Email, a.User.VerifiedAt = email, time.Time{}
	}
	return nil
}

// DeleteOwn is Delete on the word of the user. Errors are those of confirm.
func (a *Account) DeleteOwn(now time.Time, c Confirmation) error {
	if err := a.confirm(Instant(now), c); err != nil {
		return err
	}
	a.Delete()
	return nil
}

// End ends a session of the user on the word of one of their sessions, which may be the same. A session that is over,
// unknown or another user's stays as it is. Errors are those of [Standing.Refuse] for the caller's session.
func (a *Account) End(now time.Time, by, id SessionID) error {
	now = Instant(now)
	if err := a.standing(by).Refuse(now); err != nil {
		return err
	}
	if a.standing(id).Refuse(now) == nil {
		a.session(id).end(now, ByLogout)
	}
	return nil
}
