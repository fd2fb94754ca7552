package application

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode"
)

// Origin is where a request came from. A server's transport puts it into the context; what a client says of itself is
// not believed.
type Origin struct {
	IP        string // Proxies.Address
	UserAgent string // UserAgent
	RequestID string // RequestID
	Actor     string // who asks, when it is not a client: whoever runs the service names themselves for the events
}

type originKey struct{}

// WithOrigin returns a context that carries the origin.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin that the context carries, or an empty one.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// RequestID keeps a name that a proxy gave to a request if it is one that no log can trip over, 1 to 64 of A-Z a-z 0-9 -
// _ and dots, and makes one otherwise.
func RequestID(given string) string {
	if given != "" && len(given) <= 64 && strings.IndexFunc(given, notNameRune) < 0 {
		return given
	}
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

func notNameRune(r rune) bool {
	alphanumeric := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !alphanumeric && r != '-' && r != '_' && r != '.'
}

const maxUserAgent = 256 // bytes that are kept of it

// UserAgent is what a person is shown of a session's device, of what the device says it is: one line of text, which
// neither steers a terminal nor turns what stands beside it around (U+009B and U+202E are as bad as the ASCII controls).
func UserAgent(said string) string {
	s := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, said)
	return strings.ToValidUTF8(s[:min(len(s), maxUserAgent)], "")
}
