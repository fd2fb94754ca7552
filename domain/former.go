package domain

import "time"

// Former is what a token of the service before this one says in place of a user of ours: then Subject is empty, Session
// an ID that is made of this one token, and Count -1, the one before a session's first refresh token.
type Former struct {
	Subject  string    // an email or an ID of that service, as it wrote it
	LoggedIn time.Time // when it was issued by its own word: its login, for the validity rule
	Keep     time.Time // its own expiry, which Expires may be before
}

// Adoption is what such a token brings to the account that it is for.
type Adoption struct {
	ID        SessionID // the token's
	LoggedIn  time.Time
	Refused   time.Time     // the service before refuses what it issued until then; zero when it does not
	Until     time.Time     // of the session; an access token's lasts as long as the token
	Idle      time.Duration // 0: as long as Until
	Keep      time.Time
	UserAgent string
	IP        string
}

// Refuse says why the token may not begin a session of the user: TokenRevoked when its login was not after the last
// logout, here or there, or the user is disabled. A token's time is in whole seconds, cut, so that one from the second of
// a logout counts as from before it.
func (o Adoption) Refuse(u User) error {
	if u.Disabled() || !u.LogoutTime.IsZero() && !o.LoggedIn.After(u.LogoutTime) ||
		!o.Refused.IsZero() && !o.LoggedIn.After(o.Refused) {
		return TokenRevoked
	}
	return nil
}

// Adopt gives an access token of the service before its session, once: with a session of its own it stands as any token
// does, and ends as any does. The session's login is the token's. Where it is there already its age follows the token's, which
// whoever runs the service may have put off.
// Errors are those of [Adoption.Refuse] and [Standing.Refuse].
func (a *Account) Adopt(now time.Time, o Adoption) (Standing, error) {
	now = Instant(now)
	if s := a.session(o.ID); s != nil {
		if !s.Ended() && s.Until.Before(Instant(o.Until)) {
			s.Until, s.IdleUntil = Instant(o.Until), Instant(o.Until)
		}
		standing := StandingOf(a.User, *s)
		return standing, standing.Refuse(now)
	}
	if err := o.Refuse(a.User); err != nil {
		return Standing{}, err
	}
	if !now.Before(o.Until) {
		return Standing{}, SessionExpired
	}
	session := a.adopt(now, o) // which comes before the user is read
	return StandingOf(a.User, session), nil
}

// Exchange gives a refresh token of the service before its session, once. From then on it is a refresh token that has had
// its successor: shown again soon it gets the same one, and later it ends the session, as in [Account.Refresh].
func (a *Account) Exchange(now time.Time, o Adoption, r Refreshing) (Session, Rotation, error) {
	now = Instant(now)
	if a.session(o.ID) != nil {
		return a.Refresh(now, o.ID, -1, r)
	}
	if err := o.Refuse(a.User); err != nil {
		return Session{}, 0, err
	}
	return a.adopt(now, o), Rotated, nil
}

// adopt opens the session. The user's login is never before that of a session, so that a logout ends all that there are,
// also when the clock of the service before was ahead.
func (a *Account) adopt(now time.Time, o Adoption) Session {
	s := Session{
		ID: o.ID, UserID: a.User.ID, LoginTime: Instant(o.LoggedIn), CreatedAt: now, RefreshedAt: now,
		Until: Instant(o.Until), IdleUntil: Instant(o.Until), Methods: []Method{FormerMethod},
		UserAgent: o.UserAgent, IP: o.IP, KeepUntil: Instant(o.Keep),
	}
	if o.Idle > 0 {
		s.IdleUntil = idleUntil(now, o.Idle, s.Until)
	}
	a.User.LoginTime = latest(a.User.LoginTime, s.LoginTime)
	a.sessions = append(a.sessions, s)
	return s.Clone()
}

// LogOutFormer is LogOut on the word of an access token of the service before, which may have no session yet. A global
// logout works with an expired token too, as ours does, until its login is as old as a session can be.
func (a *Account) LogOutFormer(now time.Time, o Adoption, scope Scope, longest time.Duration) bool {
	now = Instant(now)
	if _, err := a.Adopt(now, o); err == nil {
		return a.LogOut(now, o.ID, scope)
	}
	s := a.session(o.ID)
	if scope != Global || s != nil && s.Ended() || o.Refuse(a.User) != nil || !now.Before(o.LoggedIn.Add(longest)) {
		return false
	}
	a.User.LogOut(now, ByLogout)
	return true
}
