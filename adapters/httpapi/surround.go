package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

// surround gives every request a name, an origin and a deadline, every answer its headers, and lets no panic out.
func (s *server) surround(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := application.RequestID(r.Header.Get(wire.RequestID))
		h := w.Header()
		set(h, wire.RequestID, id, "Cache-Control", "no-store", "X-Content-Type-Options", "nosniff")
		// A body in chunks ends its connection: where there was a Content-Length too (net/http drops it), what stands in
		// front may have seen another end of the request, and another one after it (RFC 9112 section 6.1).
		if s.Draining() || len(r.TransferEncoding) > 0 {
			h.Set("Connection", "close")
		}
		limited := within(r.Context(), s.RequestTimeout)
		defer limited.end()
		ctx := application.WithOrigin(limited, application.Origin{IP: s.address(r), UserAgent: application.UserAgent(r.UserAgent()), RequestID: id})
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
	s.no.Log(r, slog.LevelError, "panic", slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
	s.no.Refuse(w, r, answer.Internal)
}
