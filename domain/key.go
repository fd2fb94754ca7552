package domain

import "time"

// Key is one of the ring with which tokens are signed. Access tokens and refresh tokens never share one.
type Key struct {
	ID         string // the kid of its tokens
	Purpose    Kind   // which tokens it signs
	Algorithm  string // JWS name of its algorithm (RFC 7518 section 3.1, RFC 8037)
	Private    []byte // secret: PKCS #8 of a private key, or the bytes of a symmetric one
	CreatedAt  time.Time
	ActiveFrom time.Time // signs from then on
	RetiredAt  time.Time // nothing that it signed passes from then on; zero is never
}
