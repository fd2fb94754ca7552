package domain

import (
	"slices"
	"time"
)

// Refusal is what a caller may be told when an operation is refused. The set is closed; the value is the code on the
// wire. Transports carry it so that errors.Is(err, domain.TokenRevoked) holds on the far side too.
type Refusal string

// The refusals.
const (
	InvalidCredentials Refusal = "invalid_credentials" // wrong password, unknown email, disabled user: they look alike
	InvalidClient      Refusal = "invalid_client"      // a program's own id and secret do not hold, or are missing
	TokenMissing       Refusal = "token_missing"       // nothing was presented
	TokenInvalid       Refusal = "token_invalid"       // form, signature, issuer, audience, kind or session do not hold
	TokenExpired       Refusal = "token_expired"       // the token's own time is over
	TokenRevoked       Refusal = "token_revoked"       // logged out, ended, disabled or deleted
	TokenReused        Refusal = "token_reused"        // a refresh token that had its successor: the session has ended
	SessionExpired     Refusal = "session_expired"     // the session's idle or absolute age is over
	InsufficientRole   Refusal = "insufficient_role"   // the token holds, the user lacks the role
	EmailTaken         Refusal = "email_taken"         // another user has this email
	EmailInvalid       Refusal = "email_invalid"       // not an address that porteiro takes
	PasswordWeak       Refusal = "password_weak"       // the password policy says no
	RegistrationClosed Refusal = "registration_closed" // this service takes no registrations
	TooManyAttempts    Refusal = "too_many_attempts"   // a limit says to wait: RetryAfter says how long
	CrossSite          Refusal = "cross_site"          // a transport's: a page of another site sent it with this site's cookies
	RequestInvalid     Refusal = "request_invalid"     // the request cannot be understood
	NotFound           Refusal = "not_found"           // no such thing
	MethodNotAllowed   Refusal = "method_not_allowed"  // a transport's: the thing is there, the verb is not
	MediaType          Refusal = "media_type"          // a transport's: the body is of another type
	BodyTooLarge       Refusal = "body_too_large"      // more input than anybody needs
	Unavailable        Refusal = "unavailable"         // not now; after a write: it may have happened
)

// Error returns the code.
func (r Refusal) Error() string { return string(r) }

// Refusals returns every refusal of the set.
func Refusals() []Refusal {
	return []Refusal{
		InvalidCredentials, InvalidClient, TokenMissing, TokenInvalid, TokenExpired, TokenRevoked, TokenReused, SessionExpired,
		InsufficientRole, EmailTaken, EmailInvalid, PasswordWeak, RegistrationClosed, TooManyAttempts,
		CrossSite, RequestInvalid, NotFound, MethodNotAllowed, MediaType, BodyTooLarge, Unavailable,
	}
}

// Known reports whether the refusal is one of the set.
func (r Refusal) Known() bool { return slices.Contains(Refusals(), r) }

// Denied is a refusal that carries more than its code. errors.Is finds the Refusal in it, errors.As the rest.
type Denied struct {
	Refusal    Refusal
	RetryAfter time.Duration // when it is worth another try; 0 says nothing
	Field      string        // the input that is at fault, by its name on the wire; "" when none is
}

// Error returns the refusal's code and the field at fault.
func (d *Denied) Error() string {
	if d.Field == "" {
		return d.Refusal.Error()
	}
	return d.Refusal.Error() + ": " + d.Field
}

// Unwrap returns the refusal.
func (d *Denied) Unwrap() error { return d.Refusal }
