// Package wire holds what server and client of httpapi share: paths, headers, limits and the shapes of the bodies. It
// says nothing about when they are used.
package wire

import "time"

// Paths, below the base path.
const (
	Login     = "/login"
	Refresh   = "/refresh"
	Logout    = "/logout"
	Protected = "/protected"
	Authorize = "/authorize"
	Register  = "/register"
	Me        = "/me"
	Email     = "/me/email"
	Password  = "/password"
	Sessions  = "/sessions"
	JWKS      = "/.well-known/jwks.json"
	OpenAPI   = "/openapi.json"
	Healthz   = "/healthz"
	Readyz    = "/readyz"
)

// Headers of an answer of Authorize, for gateways.
const (
	AuthUser    = "X-Auth-User"
	AuthEmail   = "X-Auth-Email"
	AuthRoles   = "X-Auth-Roles"
	AuthSession = "X-Auth-Session"
)

// RequestID is the header that names a request, in it and in its answer.
const RequestID = "X-Request-Id"

// Limits, in bytes.
const (
	MaxBody   = 16 << 10  // of a request
	MaxToken  = 8 << 10   // past it a token is not even sent; the reader's own limit is lower
	MaxAnswer = 512 << 10 // of what the client reads: a page of sessions is the longest
)

// Media types.
const (
	JSON    = "application/json"
	Problem = "application/problem+json" // RFC 9457
)

// Credentials is the body of a login and of a registration. A pointer tells a member that is missing from one that is
// empty.
type Credentials struct {
	Email    *string `json:"email"`
	Password *string `json:"password"`
}

// PasswordChange is the body of a change of password.
type PasswordChange struct {
	Current *string `json:"current_password"`
	New     *string `json:"new_password"`
}

// Confirmation is the body of a deletion.
type Confirmation struct {
	Password *string `json:"password"`
}

// Tokens is the answer to a login, a refresh and a change of password (RFC 6749 section 5.1).
type Tokens struct {
	AccessToken      string `json:"access_token"`
	RefreshToken     string `json:"refresh_token"`
	TokenType        string `json:"token_type"`
	ExpiresIn        int64  `json:"expires_in"`         // seconds
	RefreshExpiresIn int64  `json:"refresh_expires_in"` // seconds
}

// Ages is what is answered in place of Tokens when they travel in cookies.
type Ages struct {
	ExpiresIn        int64 `json:"expires_in"`         // seconds
	RefreshExpiresIn int64 `json:"refresh_expires_in"` // seconds
}

// Message is what the service before this one answered.
type Message struct {
	Msg string `json:"msg"`
}

// Account is the answer to a registration and to a change of email.
type Account struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// Identity is the answer of /me and of /authorize.
type Identity struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Roles     []string  `json:"roles"`
	LoginTime time.Time `json:"login_time"`
	Session   string    `json:"session"`
}

// SessionList is the answer of /sessions.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

// Session is one of them.
type Session struct {
	ID          string    `json:"id"`
	Current     bool      `json:"current"`
	LoginTime   time.Time `json:"login_time"`
	RefreshedAt time.Time `json:"refreshed_at"`
	UserAgent   string    `json:"user_agent"`
	IP          string    `json:"ip"`
}

// Health is the answer of /healthz and /readyz.
type Health struct {
	Status string `json:"status"`
}

// Refused is a problem document (RFC 9457) with the refusal as code, and msg for clients of the service before.
type Refused struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	Code     string `json:"code"`
	Msg      string `json:"msg"`
	Field    string `json:"field,omitzero"` // the input at fault
	Error    string `json:"error,omitzero"` // to programs that speak OAuth (RFC 6749 section 5.2)
}
