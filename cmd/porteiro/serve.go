package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
)

// settings are serve's flags.
type settings struct {
	database
	names
	pages
	listen, basePath, registration, logFormat string
	noMigrate                                 bool
	requestTimeout, drainDelay                time.Duration
	access, session, idle, retry, leeway      time.Duration
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
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "the address to listen on")
	s.database.flags(f)
	f.StringVar(&s.registration, "registration", "closed", "whether anybody may register: closed or open")
	s.pages.flags(f)
	f.StringVar(&s.basePath, "base-path", "/", "the prefix of every route, such as /auth")
	f.StringVar(&s.issuer, "issuer", "porteiro", "who issues the tokens (iss); the same on every node")
	f.StringSliceVar(&s.audience, "audience", []string{"porteiro"}, "whom the tokens are for (aud); several with commas")
	f.StringVar(&s.clientID, "client-id", "porteiro", "the client of the tokens (client_id)")
	f.DurationVar(&s.access, "access-ttl", 15*time.Minute, "the life of an access token")
	f.DurationVar(&s.session, "session-ttl", 720*time.Hour, "the life of a session from its login")
	f.DurationVar(&s.idle, "idle-ttl", 168*time.Hour, "the life of a session from its last refresh")
	f.DurationVar(&s.retry, "refresh-retry", 10*time.Second, "how long a refresh whose answer was lost can be repeated")
	f.DurationVar(&s.leeway, "leeway", 30*time.Second, "how far the clocks of nodes and store may be apart")
	f.DurationVar(&s.requestTimeout, "request-timeout", 5*time.Second, "how long a request may take")
	f.DurationVar(&s.drainDelay, "drain-delay", time.Second, "how long it goes on, not ready, before it closes its listener")
	f.BoolVar(&s.noMigrate, "no-migrate", false, "leave the schema as it is")
	f.StringVar(&s.logFormat, "log-format", "text", "text or json")
}

// serve runs until ctx ends.
func (s *settings) serve(ctx context.Context, c *console, changed func(string) bool) error {
	log, err := s.logger(c)
	if err != nil {
		return err
	}
	location, err := s.check(changed, log)
	if err != nil {
		return err
	}
	st, err := open(ctx, location, s.pool, s.requestTimeout*2/5, false)
	if err != nil {
		return err
	}
	defer st.Close()
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
	core, err := assemble(ctx, st, s.names, s.deps())
	if err != nil {
		return err
	}
	return s.listenAndServe(ctx, c, core, log)
}

func (s *settings) deps() application.Deps {
	return application.Deps{
		Registration: s.registration == "open", AccessTTL: s.access, SessionTTL: s.session, IdleTTL: s.idle,
		RefreshRetry: noneIfZero(s.retry), Leeway: noneIfZero(s.leeway),
	}
}

// noneIfZero says of a flag what the core says of a setting: there zero is the default, and negative is none.
func noneIfZero(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

func (s *settings) logger(c *console) (*slog.Logger, error) {
	switch s.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(c.stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(c.stderr, nil)), nil
	}
	return nil, usagef("--log-format is text or json, not %q", s.logFormat)
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
	if err := s.pages.check(s.listen, log); err != nil {
		return "", err
	}
	location, err := s.location(changed)
	if err == nil && plaintext(location) {
		log.Warn("the connection to the database is not encrypted: sslmode=disable to another host")
	}
	if strings.HasPrefix(s.issuer, "http://") {
		log.Warn("the issuer is a plain-HTTP URL")
	}
	return location, err
}

func (s *settings) listenAndServe(ctx context.Context, c *console, core *application.Core, log *slog.Logger) error {
	var draining atomic.Bool
	handler, err := httpapi.New(s.pages.configure(httpapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: log, BasePath: s.basePath,
		RequestTimeout: s.requestTimeout, Draining: draining.Load,
	}))
	if err != nil {
		return usageError{err}
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return listenError(s.listen, err)
	}
	server := httpapi.NewServer(handler, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	base := strings.TrimSuffix(s.basePath, "/")
	fmt.Fprintf(c.stdout, "porteiro listens on http://%s%s\n", listener.Addr(), base)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("draining", "delay", s.drainDelay.String())
	draining.Store(true)
	return drain(server, failed, s.drainDelay, s.requestTimeout+5*time.Second)
}

// drain goes on for the delay, so that whoever asks readyz sends no more, then ends what is idle and waits, within the
// limit, for what is not.
func drain(server *http.Server, failed <-chan error, delay, limit time.Duration) error {
	select {
	case err := <-failed:
		return err
	case <-time.After(delay):
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("some requests did not end within %v: %w", limit, err)
	}
	return nil
}

func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken: stop what listens there, or choose another --listen", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s is not permitted: choose a --listen with a port above 1023", address)
	}
	return fmt.Errorf("--listen %s: %w", address, err)
}
