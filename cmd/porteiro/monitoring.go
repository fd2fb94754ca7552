package main

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/coalesce"
	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

// monitoring is where metrics are to be had, if anywhere.
type monitoring struct {
	listen string
	pprof  bool
}

func (m *monitoring) flags(f *pflag.FlagSet) {
	f.StringVar(&m.listen, "metrics-listen", "", "an address of its own for Prometheus' GET /metrics, such as 127.0.0.1:9464; it asks nobody who they are (default none)")
	f.BoolVar(&m.pprof, "pprof", false, "serve Go's profiles there too, at /debug/pprof/: they show what is in memory")
}

// check refuses what cannot be an address, and warns of profiles that others can reach.
func (m *monitoring) check(log *slog.Logger) error {
	if m.listen == "" {
		if m.pprof {
			return usagef("--pprof is given without --metrics-listen: profiles are served there")
		}
		return nil
	}
	if !hostAndPort(m.listen) {
		return usagef("--metrics-listen is HOST:PORT, such as 127.0.0.1:9464, not %q", m.listen)
	}
	if m.pprof && !loopback(m.listen) {
		log.Warn("whoever reaches --metrics-listen can read profiles, which show what is in memory: listen on 127.0.0.1, or leave --pprof out")
	}
	return nil
}

// front is the driving ports that transports are given.
type front struct {
	application.Gate
	application.Accounts
	application.Sessions
	application.Introspection
}

// watch puts metrics before what the core is about to drive. Nil, and everything as it was, when nobody wants them.
func (s *settings) watch(d *application.Deps, st store, hasher *passwords.Far, live *tokens.Live) (*metrics.Metrics, error) {
	if s.monitoring.listen == "" {
		return nil, nil
	}
	m, err := metrics.New(metrics.Config{
		Version: version(), Clock: time.Now, Slots: s.hashing.slots, Queue: s.hashing.queue, Busy: hasher.Busy,
		Keys: live.Seen, Pools: st.Pools,
	})
	if err != nil {
		return nil, err
	}
	d.Standing, err = coalesce.New(m.Standings(st), coalesce.Config{})
	d.Passwords, d.Attempts = m.Passwords(hasher), m.Attempts(st)
	return m, err
}

// before puts metrics before the core, where there are any.
func before(core *application.Core, m *metrics.Metrics) front {
	if m == nil {
		return front{core, core, core, core}
	}
	return front{m.Gate(core), m.Accounts(core), m.Sessions(core), m.Introspection(core)}
}

// serve serves metrics, where there are any, until end is called, while requests are drained too.
func (m *monitoring) serve(of *metrics.Metrics, log *slog.Logger) (end func(), err error) {
	if of == nil {
		return func() {}, nil
	}
	listener, err := listen("--metrics-listen", m.listen)
	if err != nil {
		return nil, err
	}
	server := of.NewServer(m.pprof, log)
	log.Info("metrics are served", "url", "http://"+listener.Addr().String()+"/metrics")
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are served no more", "error", err.Error())
		}
	}()
	return func() { _ = server.Close() }, nil
}
