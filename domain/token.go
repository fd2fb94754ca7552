package domain

import "time"

// Kind keeps tokens apart: what is taken for one kind is never taken for another.
type Kind string

// The kinds.
const (
	Access  Kind = "access"  // short-lived, shown with every request
	Refresh Kind = "refresh" // as long-lived as the session, shown for a new pair only
)

// Claims is what a token says once its signature has been verified. Times are whole seconds, as tokens carry them.
type Claims struct {
	Kind     Kind
	Subject  UserID
	Session  SessionID
	ID       string // jti: unique for each access token, "" in a refresh token
	Count    int    // which refresh token of its session; 0 in an access token
	IssuedAt time.Time
	Expires  time.Time
	Former   *Former // nil in a token of ours
}

// Check holds the token's own times against a clock that may differ from the issuer's by leeway: TokenInvalid when it
// was issued in the future, TokenExpired from Expires + leeway on (RFC 7519 section 4.1.4).
func (c Claims) Check(now time.Time, leeway time.Duration) error {
	if err := c.CheckIssued(now, leeway); err != nil {
		return err
	}
	if !now.Before(c.Expires.Add(leeway)) {
		return TokenExpired
	}
	return nil
}

// CheckIssued is Check without the expiry: a logout works with an expired token too.
func (c Claims) CheckIssued(now time.Time, leeway time.Duration) error {
	if c.IssuedAt.After(now.Add(leeway)) {
		return TokenInvalid
	}
	return nil
}

// Pass is the rule: nil if and only if the token may pass. The claims come from a token whose form, signature, issuer,
// audience and kind hold and whose key is not retired; the standing is what the store shows of the token's session.
func Pass(c Claims, s Standing, now time.Time, leeway time.Duration) error {
	if err := c.Check(now, leeway); err != nil {
		return err
	}
	if s.Session != c.Session {
		return TokenRevoked
	}
	if s.User != c.Subject {
		return TokenInvalid
	}
	return s.Refuse(now)
}
