package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/logs"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// defaultListen is this machine alone.
const defaultListen = "127.0.0.1:8080"

// settings are serve's flags.
type settings struct {
	database
	names
	limits
	hashing
	logging
	signing
	keyTimes
	pages
	monitoring
	tls    certificate
	grpc   grpcListener
	former former

	listen, basePath, registration string
	noMigrate                      bool
	requestTimeout, drainDelay     time.Duration
	idle, retry, retention         time.Duration
}

func newServe(c *console) *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the HTTP API",
		Long: `Serve brings the schema up to date, makes the first signing keys when there are none, prints where it listens, and
drains on SIGTERM or Ctrl-C.`,
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return s.serve(cmd.Context(), c, cmd.Flags().Changed) },
	}
	s.flags(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

func (s *settings) flags(f *pflag.FlagSet) {
	f.StringVar(&s.listen, "listen", defaultListen, "the address to listen on")
	s.database.flags(f)
	f.StringVar(&s.registration, "registration", "closed", "whether anybody may register: closed or open")
	s.pages.flags(f)
	f.StringVar(&s.basePath, "base-path", "/", "the prefix of every route, such as /auth")
	s.names.flags(f)
	s.signing.flags(f)
	s.keyTimes.flags(f)
	f.DurationVar(&s.idle, "idle-ttl", 168*time.Hour, "the life of a session from its last refresh")
	f.DurationVar(&s.retry, "refresh-retry", 10*time.Second, "how long a refresh whose answer was lost can be repeated")
	f.DurationVar(&s.retention, "retention", 168*time.Hour, "how long a session that is over is kept, to say why it is")
	s.former.flags(f)
	s.limits.flags(f)
	s.hashing.flags(f)
	f.DurationVar(&s.requestTimeout, "request-timeout", 5*time.Second, "how long a request may take")
	f.DurationVar(&s.drainDelay, "drain-delay", time.Second, "how long it goes on, not ready, before it closes its listener")
	f.BoolVar(&s.noMigrate, "no-migrate", false, "leave the schema as it is")
	s.tls.flags(f)
	s.monitoring.flags(f)
	s.grpc.flags(f)
	s.logging.flags(f)
}

// serve runs until ctx ends.
func (s *settings) serve(ctx context.Context, c *console, changed func(string) bool) error {
	handler, err := s.handler(c.stderr)
	if err != nil {
		return err
	}
	log := slog.New(handler)
	location, err := s.check(changed, log)
	if err != nil {
		return err
	}
	unhook, err := s.tls.start(ctx, log)
	if err != nil {
		return err
	}
	defer unhook()
	keks, err := s.read(func(line string) { log.Warn(line) })
	if err != nil {
		return err
	}
	flask, err := s.former.read(func(line string) { log.Warn(line) })
	if err != nil {
		return err
	}
	hasher, err := s.hashing.open(c.stderr, log)
	if err != nil {
		return err
	}
	defer hasher.Close()
	st, err := open(ctx, location, s.pool, s.requestTimeout*2/5, false)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := serviceable(ctx, st); err != nil {
		return err
	}
	if !s.noMigrate {
		applied, err := st.Migrate(ctx)
		if err != nil {
			return err
		}
		for _, step := range applied {
			log.Info("schema brought up to date", "step", step)
		}
	}
	if err := st.Check(ctx); err != nil {
		return err
	}
	ring, live, err := s.ring(ctx, st, keks, s.keyTimes, s.names, log)
	if err != nil {
		return err
	}
	deps := s.deps(logs.New(handler))
	deps.Passwords = hasher
	watched, err := s.watch(&deps, st, hasher, live)
	if err != nil {
		return err
	}
	core, err := assemble(st, s.former.with(live, flask, log), deps)
	if err != nil {
		return err
	}
	unwatch, err := s.monitoring.serve(watched, log)
	if err != nil {
		return err
	}
	defer unwatch()
	defer goOn(ctx, live.Run)() // before the store is closed
	defer goOn(ctx, newHousekeeping(core.Purge, log, s.requestTimeout).run)()
	return s.listenAndServe(ctx, c, before(core, watched), core.Ready, ring, log, func() { s.hashing.try(ctx, hasher, s.requestTimeout, log) })
}

// goOn runs f also while ctx's end is drained, and returns what ends it and waits.
func goOn(ctx context.Context, f func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { f(ctx) })
	return func() { cancel(); running.Wait() }
}

func (s *settings) deps(events application.Events) application.Deps {
	return application.Deps{
		Events: events, Registration: s.registration == "open", AccessTTL: s.access, SessionTTL: s.session, IdleTTL: s.idle,
		RefreshRetry: noneIfZero(s.retry), Leeway: noneIfZero(s.leeway), Retention: s.retention,
		LoginLimit: domain.Limit(s.limits.login), AddressLimit: domain.Limit(s.limits.address), RegisterLimit: domain.Limit(s.limits.register),
	}
}

// noneIfZero says of a flag what the core says of a setting: there zero is the default, and negative is none.
func noneIfZero(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// check refuses what cannot be meant, warns of what can but should not, and returns where the database is.
func (s *settings) check(changed func(string) bool, log *slog.Logger) (string, error) {
	for name, d := range map[string]time.Duration{
		"access-ttl": s.access, "session-ttl": s.session, "idle-ttl": s.idle, "request-timeout": s.requestTimeout,
	} {
		if d < time.Second {
			return "", usagef("--%s is at least 1s, not %v", name, d)
		}
	}
	switch {
	case s.retry < 0 || s.leeway < 0 || s.drainDelay < 0:
		return "", usagef("--refresh-retry, --leeway and --drain-delay are not negative")
	case s.session < s.access || s.idle < s.access:
		return "", usagef("--session-ttl (%v) and --idle-ttl (%v) are at least as long as --access-ttl (%v)", s.session, s.idle, s.access)
	case s.registration != "open" && s.registration != "closed":
		return "", usagef("--registration is open or closed, not %q", s.registration)
	case s.issuer == "" || s.clientID == "" || len(s.audience) == 0:
		return "", usagef("--issuer, --audience and --client-id are not empty")
	}
	if err := s.signing.check(s.keyTimes); err != nil {
		return "", err
	}
	if err := s.former.check(); err != nil {
		return "", err
	}
	if err := s.refuse(); err != nil {
		return "", err
	}
	if err := s.pages.check(s.listen, s.tls.used(), log); err != nil {
		return "", err
	}
	if err := s.monitoring.check(log); err != nil {
		return "", err
	}
	location, err := s.location(changed)
	if err != nil {
		return "", err
	}
	s.warn(location, log)
	return location, nil
}

// listenAndServe serves until ctx ends, and calls begun when it has begun.
func (s *settings) listenAndServe(
	ctx context.Context, c *console, core front, ready func(context.Context) error, ring *application.KeyRing, log *slog.Logger, begun func(),
) error {
	var draining atomic.Bool
	handler, err := httpapi.New(s.pages.configure(httpapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: ready, Public: ring.Public, Logger: log, BasePath: s.basePath,
		Introspection: core.Introspection, Names: httpapi.Names{Issuer: s.issuer, Audience: s.audience, ClientID: s.clientID},
		RequestTimeout: s.requestTimeout, Draining: draining.Load,
	}))
	if err != nil {
		return usageError{err}
	}
	listener, err := listen("--listen", s.listen)
	if err != nil {
		return err
	}
	server := httpapi.NewServer(handler, log)
	calls, err := s.grpc.open(&s.tls, handler, strings.TrimSuffix(s.basePath, "/"), grpcapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: ready, Logger: log, RequestTimeout: s.requestTimeout,
		Draining: draining.Load, TrustedProxies: s.pages.trusted(),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	failed := make(chan error, 2)
	go func() { failed <- s.tls.serve(server, listener) }()
	calls.serve(failed)
	base := strings.TrimSuffix(s.basePath, "/")
	fmt.Fprintf(c.stdout, "porteiro listens on %s://%s%s\n", s.tls.scheme(), listener.Addr(), base)
	calls.announce(c.stdout)
	begun()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("draining", "delay", s.drainDelay.String())
	draining.Store(true)
	return drain(failed, s.drainDelay, s.requestTimeout+5*time.Second, server.Shutdown, calls.shutdown)
}
