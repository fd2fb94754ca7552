package httpapi

import (
	"net/http"

	"github.com/porteiro/porteiro/domain"
)

// errInternal is what a fault of the service itself looks like from outside.
const errInternal domain.Refusal = "internal"

type refusalRow struct {
	status     int
	msg        string // frozen: what the service before answered, byte for byte, where it had a message
	detail     string // for people
	retryAfter int    // seconds
}

// refusals is the one table from a refusal to what a client sees of it. It never changes.
var refusals = map[domain.Refusal]refusalRow{
	domain.InvalidCredentials: {http.StatusUnauthorized, "Credenciais inválidas",
		"The email or the password is wrong.", 0},
	domain.TokenMissing: {http.StatusUnauthorized, "Missing Authorization Header",
		"Send the token as Authorization: Bearer TOKEN.", 0},
	domain.TokenInvalid: {http.StatusUnauthorized, "Signature verification failed",
		"The token is not one of this service's for this purpose.", 0},
	domain.TokenExpired: {http.StatusUnauthorized, "Token has expired",
		"The token has expired. Refresh it, or log in again.", 0},
	domain.TokenRevoked: {http.StatusUnauthorized, "Token has been revoked",
		"The session has been logged out. Log in again.", 0},
	domain.TokenReused: {http.StatusUnauthorized, "Token has been revoked",
		"The refresh token had been used before, so its session has been ended. Log in again.", 0},
	domain.SessionExpired: {http.StatusUnauthorized, "Token has expired",
		"The session has expired. Log in again.", 0},
	domain.InsufficientRole: {http.StatusForbidden, "Insufficient role",
		"The user holds none of the roles that are asked for.", 0},
	domain.EmailTaken: {http.StatusConflict, "Email already registered",
		"There is a user with this email.", 0},
	domain.EmailInvalid: {http.StatusBadRequest, "Invalid email",
		"The email is not an address in ASCII of at most 254 bytes; international domains are written in their xn-- form.", 0},
	domain.PasswordWeak: {http.StatusBadRequest, "Password not accepted",
		"The password is too short, too long, one that many people use, the email or this service's name. Choose another one of at least 8 characters.", 0},
	domain.RegistrationClosed: {http.StatusForbidden, "Registration is closed",
		"This service takes no registrations. Ask whoever runs it for an account.", 0},
	domain.TooManyAttempts: {http.StatusTooManyRequests, "Too many attempts",
		"There were too many attempts. Wait as long as Retry-After says, then try again.", 1},
	domain.CrossSite: {http.StatusForbidden, "Cross-site request",
		"The request comes from a page of another site, which this service does not trust.", 0},
	domain.RequestInvalid: {http.StatusBadRequest, "Bad request",
		"The request cannot be understood. See field or msg for what is at fault.", 0},
	domain.NotFound: {http.StatusNotFound, "Not found",
		"There is nothing at this path.", 0},
	domain.MethodNotAllowed: {http.StatusMethodNotAllowed, "Method not allowed",
		"This path takes other methods: see the Allow header.", 0},
	domain.MediaType: {http.StatusUnsupportedMediaType, "Unsupported media type",
		"Send the body as Content-Type: application/json in UTF-8.", 0},
	domain.BodyTooLarge: {http.StatusRequestEntityTooLarge, "Body too large",
		"The body is larger than 16 KiB.", 0},
	domain.Unavailable: {http.StatusServiceUnavailable, "Service unavailable",
		"The service cannot answer now. Try again; a change that was asked for may have happened.", 1},
	errInternal: {http.StatusInternalServerError, "Internal error",
		"Something went wrong in the service. The request id says what to look for in its log.", 0},
}
