package domain

import (
	"errors"
	"strings"
	"time"
)

// ClientID names a program that has credentials of its own: 1 to 64 of a-z 0-9 _ . -
type ClientID string

// MaxClientID is how long a ClientID may be, in bytes.
const MaxClientID = 64

// ParseClientID reads a ClientID; anything else is a RequestInvalid.
func ParseClientID(s string) (ClientID, error) {
	if s == "" || len(s) > MaxClientID || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
		return "", &Denied{Refusal: RequestInvalid, Field: "client_id"}
	}
	return ClientID(s), nil
}

// ErrClientTaken says that there is a client with this ID.
var ErrClientTaken = errors.New("there is a client with this id")

// Client is a program that may ask about tokens and revoke them. Its secret is nowhere: it is 32 random bytes, so a plain
// SHA-256 of it is kept. What makes the hashes of passwords slow is that people choose them; nobody guesses this one.
type Client struct {
	ID        ClientID
	Digest    [32]byte // SHA-256 of the secret's text
	CreatedAt time.Time
}
