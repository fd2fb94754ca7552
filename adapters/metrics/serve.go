package metrics

import (
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// longestProfile is how long a profile or trace may be asked to take.
const longestProfile = 2 * time.Minute

// NewServer returns a server of GET /metrics and of nothing else but, where profiles is set, /debug/pprof/. It is for a
// listener of its own, which only the monitoring reaches: nothing in it asks who is there. Every timeout is set.
func (m *Metrics) NewServer(profiles bool, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	errorLog := slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: errorLog, MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
	}))
	s := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if profiles { // but for pprof.Cmdline: the command line may hold the database's password
		s.WriteTimeout += longestProfile
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return s
}
