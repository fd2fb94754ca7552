package answer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/porteiro/porteiro/application"
)

// LogFailure logs what is the service's fault, and of what it has no time or no store for a few of each kind: left_out
// says how many were not since. A client that left before the answer is nobody's.
func (f *Refuser) LogFailure(r *http.Request, err error, status int) {
	if status < http.StatusInternalServerError || errors.Is(context.Cause(r.Context()), context.Canceled) {
		return
	}
	why, before := err.Error(), slog.Attr{} // which no handler shows
	if status == http.StatusServiceUnavailable {
		leftOut, taken := f.few.Take(f.clock(), why)
		if !taken {
			return
		}
		if leftOut > 0 {
			before = slog.Int("left_out", leftOut)
		}
	}
	f.Log(r, slog.LevelWarn, "request failed", slog.Int("status", status), slog.String("error", why), before)
}

// Log writes a record that names the request.
func (f *Refuser) Log(r *http.Request, level slog.Level, msg string, more ...slog.Attr) {
	o := application.OriginOf(r.Context())
	named := []slog.Attr{slog.String("request_id", o.RequestID), slog.String("method", r.Method), slog.String("ip", o.IP)}
	f.log.LogAttrs(r.Context(), level, msg, append(named, more...)...)
}
