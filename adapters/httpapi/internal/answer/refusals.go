package answer

import (
	"net/http"

	"github.com/porteiro/porteiro/domain"
)

// Internal is what a fault of the service itself looks like from outside. It is no domain.Refusal that is known: nobody
// answers it on purpose.
const Internal domain.Refusal = "internal"

type refusalRow struct {
	status     int
	msg        string // frozen: what the service before answered, byte for byte, where it had a message
	retryAfter int    // seconds
}

// refusals is the one table from a refusal to what a client sees of it. It never changes. What people are told of each
// is in texts, once for every language.
var refusals = map[domain.Refusal]refusalRow{
	domain.InvalidCredentials: {http.StatusUnauthorized, "Credenciais inválidas", 0},
	domain.TokenMissing:       {http.StatusUnauthorized, "Missing Authorization Header", 0},
	domain.TokenInvalid:       {http.StatusUnauthorized, "Signature verification failed", 0},
	domain.TokenExpired:       {http.StatusUnauthorized, "Token has expired", 0},
	domain.TokenRevoked:       {http.StatusUnauthorized, "Token has been revoked", 0},
	domain.TokenReused:        {http.StatusUnauthorized, "Token has been revoked", 0},
	domain.SessionExpired:     {http.StatusUnauthorized, "Token has expired", 0},
	domain.InsufficientRole:   {http.StatusForbidden, "Insufficient role", 0},
	domain.EmailTaken:         {http.StatusConflict, "Email already registered", 0},
	domain.EmailInvalid:       {http.StatusBadRequest, "Invalid email", 0},
	domain.PasswordWeak:       {http.StatusBadRequest, "Password not accepted", 0},
	domain.RegistrationClosed: {http.StatusForbidden, "Registration is closed", 0},
	domain.TooManyAttempts:    {http.StatusTooManyRequests, "Too many attempts", 1},
	domain.CrossSite:          {http.StatusForbidden, "Cross-site request", 0},
	domain.RequestInvalid:     {http.StatusBadRequest, "Bad request", 0},
	domain.NotFound:           {http.StatusNotFound, "Not found", 0},
	domain.MethodNotAllowed:   {http.StatusMethodNotAllowed, "Method not allowed", 0},
	domain.MediaType:          {http.StatusUnsupportedMediaType, "Unsupported media type", 0},
	domain.BodyTooLarge:       {http.StatusRequestEntityTooLarge, "Body too large", 0},
	domain.Unavailable:        {http.StatusServiceUnavailable, "Service unavailable", 1},
	Internal:                  {http.StatusInternalServerError, "Internal error", 0},
}
