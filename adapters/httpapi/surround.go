package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

const maxUserAgent = 256 // bytes that are kept of it

// surround gives every request a name, an origin and a deadline, every answer its headers, and lets no panic out.
func (s *server) surround(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r.Header.Get(wire.RequestID))
		h := w.Header()
		set(h, wire.RequestID, id, "Cache-Control", "no-store", "X-Content-Type-Options", "nosniff")
		// A body in chunks ends its connection: where there was a Content-Length too (net/http drops it), what stands in
		// front may have seen another end of the request, and another one after it (RFC 9112 section 6.1).
		if s.Draining() || len(r.TransferEncoding) > 0 {
			h.Set("Connection", "close")
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.RequestTimeout)
		defer cancel()
		ctx = application.WithOrigin(ctx, application.Origin{IP: s.address(r), UserAgent: userAgent(r), RequestID: id})
		r = r.WithContext(ctx)
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	})
}

// recovered answers a request whose handler panicked. Where the answer had begun there is nothing to mend: the
// connection is cut.
func (s *server) recovered(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	// The value may quote what the client sent; the stack does not.
	s.Logger.LogAttrs(r.Context(), levelError, "panic", attrs(r, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))...)
	s.refuse(w, r, errInternal)
}

// requestID keeps a name that a proxy gave if it is one that no log can trip over, and makes one otherwise.
func requestID(given string) string {
	if given != "" && len(given) <= 64 && strings.IndexFunc(given, notNameRune) < 0 {
		return given
	}
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	var text [2 * len(b)]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}

func notNameRune(r rune) bool {
	alphanumeric := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !alphanumeric && r != '-' && r != '_' && r != '.'
}

// userAgent is what a person is shown of a session's device: one line of text, which neither steers a terminal nor turns
// what stands beside it around (U+009B and U+202E are as bad as the ASCII controls).
func userAgent(r *http.Request) string {
	s := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, r.UserAgent())
	return strings.ToValidUTF8(s[:min(len(s), maxUserAgent)], "")
}
