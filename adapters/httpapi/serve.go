package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns a server for the handler with every timeout set, so that a slow client holds nothing for long:
// 5 seconds for the header, 10 for the whole request, 30 for the answer, 2 minutes between requests.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		// What clients do to connections.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// OPTIONS * is no route either, and is told so by the handler.
		DisableGeneralOptionsHandler: true,
	}
}
