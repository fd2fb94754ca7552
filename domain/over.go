package domain

import "time"

// End is a way in which a session ends.
type End string

// The ways.
const (
	EndedItself End = "ended"      // the session, alone
	LoggedOut   End = "logged out" // by a logout of its user, with every other session from before
	OfDisabled  End = "disabled"   // its user
	TooOld      End = "expired"    // its absolute age is over
	TooIdle     End = "idle"       // its idle age is over
)

// Over is since when a session does not stand, and why.
type Over struct {
	How   End
	Since time.Time
	Why   Reason // of EndedItself and LoggedOut
}

// OverSoFar says how a session of the user came to its end: by what came first, if there was more. It reports false for
// one that stands, exactly when [Standing.Refuse] is nil.
func (s Session) OverSoFar(u User, now time.Time) (first Over, over bool) {
	standing := StandingOf(u, s)
	for _, o := range []struct {
		Over
		holds bool
	}{
		{Over{EndedItself, s.EndedAt, s.EndReason}, s.Ended()},
		{Over{LoggedOut, u.LogoutTime, u.LogoutReason}, !standing.begunAfterLogout()},
		{Over{OfDisabled, u.DisabledAt, ""}, u.Disabled()},
		{Over{TooOld, s.Until, ""}, !now.Before(s.Until)},
		{Over{TooIdle, s.IdleUntil, ""}, !now.Before(s.IdleUntil)},
	} {
		if o.holds && (!over || o.Since.Before(first.Since)) {
			first, over = o.Over, true
		}
	}
	return first, over
}
