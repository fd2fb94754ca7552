package grpcapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	for missing, leave := range map[string]func(*grpcapi.Config){
		"Gate":     func(c *grpcapi.Config) { c.Gate = nil },
		"Accounts": func(c *grpcapi.Config) { c.Accounts = nil },
		"Sessions": func(c *grpcapi.Config) { c.Sessions = nil },
		"Ready":    func(c *grpcapi.Config) { c.Ready = nil },
		"Logger":   func(c *grpcapi.Config) { c.Logger = nil },
		"everybod": func(c *grpcapi.Config) { c.TrustedProxies = application.Proxies{netip.MustParsePrefix("::/0")} },
	} {
		c := newGate().config()
		leave(&c)
		if _, err := grpcapi.New(c); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// A panic is one call's, and what it quotes stays inside.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	g := newGate()
	g.login = func(context.Context, string, string) error { panic("hunter2") }
	c := g.config()
	c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	gate := porteirov1.NewGateClient(dial(t, serve(t, c)))
	_, err := gate.Login(t.Context(), &porteirov1.LoginRequest{})
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("login: %v", err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer T")
	if _, err := gate.Authorize(ctx, &porteirov1.AuthorizeRequest{}); err != nil {
		t.Errorf("the next call: %v", err)
	}
	if !strings.Contains(log.String(), "msg=panic") || !strings.Contains(log.String(), "/porteiro.v1.Gate/Login") || strings.Contains(log.String(), "hunter2") {
		t.Errorf("it logs %s", &log)
	}
}

// The service's own bound holds where the client has none.
func TestRequestTimeout(t *testing.T) {
	g := newGate()
	g.login = func(ctx context.Context, _, _ string) error {
		if _, bounded := ctx.Deadline(); !bounded {
			return errors.New("for ever")
		}
		<-ctx.Done()
		return fmt.Errorf("%w: %w", domain.Unavailable, ctx.Err())
	}
	c := g.config()
	c.RequestTimeout = time.Millisecond
	_, err := porteirov1.NewGateClient(dial(t, serve(t, c))).Login(t.Context(), &porteirov1.LoginRequest{})
	if reason(err) != "unavailable" {
		t.Errorf("login: %v", err)
	}
}

// Where a call is from is its connection's, or what trusted proxies say.
func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		name    string
		proxies application.Proxies
		sent    []string // names and values
		want    application.Origin
	}{
		{"nobody is trusted", nil, []string{"x-forwarded-for", "198.51.100.7", "x-request-id", "a-1"}, application.Origin{IP: "127.0.0.1", RequestID: "a-1"}},
		{"a proxy", application.Proxies{netip.MustParsePrefix("127.0.0.0/8")}, []string{"x-forwarded-for", "1.1.1.1, 198.51.100.7", "x-request-id", "a-1"}, application.Origin{IP: "198.51.100.7", RequestID: "a-1"}},
		{"several values", application.Proxies{netip.MustParsePrefix("127.0.0.0/8")}, []string{"x-forwarded-for", "1.1.1.1", "x-forwarded-for", "198.51.100.7"}, application.Origin{IP: "198.51.100.7"}},
		{"a name that no log can take", nil, []string{"x-request-id", "a b"}, application.Origin{IP: "127.0.0.1"}},
	} {
		g := newGate()
		var got application.Origin
		g.login = func(ctx context.Context, _, _ string) error {
			got = application.OriginOf(ctx)
			return domain.InvalidCredentials
		}
		config := g.config()
		config.TrustedProxies = c.proxies
		gate := porteirov1.NewGateClient(dial(t, serve(t, config), grpc.WithUserAgent("agent/1")))
		var header metadata.MD
		_, err := gate.Login(metadata.AppendToOutgoingContext(t.Context(), c.sent...), &porteirov1.LoginRequest{}, grpc.Header(&header))
		if reason(err) != "invalid_credentials" {
			t.Errorf("%s: %v", c.name, err)
		}
		if named := header.Get("x-request-id"); len(named) != 1 || named[0] != got.RequestID || got.RequestID == "" {
			t.Errorf("%s: the answer is named %q, and the request %q", c.name, named, got.RequestID)
		}
		if c.want.RequestID == "" && len(got.RequestID) == 32 {
			got.RequestID = ""
		}
		if !strings.HasPrefix(got.UserAgent, "agent/1") {
			t.Errorf("%s: the user agent is %q", c.name, got.UserAgent)
		}
		got.UserAgent = ""
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Health is readiness.
func TestHealth(t *testing.T) {
	var ready error
	draining := false
	c := newGate().config()
	c.Ready, c.Draining = func(context.Context) error { return ready }, func() bool { return draining }
	health := grpc_health_v1.NewHealthClient(dial(t, serve(t, c)))
	expect := func(what string, want grpc_health_v1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		for _, service := range []string{"", "porteiro.v1.Gate", "porteiro.v1.Accounts", "porteiro.v1.Sessions"} {
			if got, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service}); err != nil || got.Status != want {
				t.Errorf("%s: %q is %v, %v", what, service, got, err)
			}
		}
	}
	expect("ready", grpc_health_v1.HealthCheckResponse_SERVING)
	ready = domain.Unavailable
	expect("not ready", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	ready, draining = nil, true
	expect("draining", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	if _, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "other"}); status.Code(err) != codes.NotFound {
		t.Errorf("a service that is not there: %v", err)
	}
	if all, err := health.List(t.Context(), &grpc_health_v1.HealthListRequest{}); err != nil || len(all.Statuses) != 4 {
		t.Errorf("list: %v, %v", all, err)
	}
}

// Whoever watches asks the database nothing that another one has just asked.
func TestWatchesShareTheirLook(t *testing.T) {
	var looked atomic.Int32
	c := newGate().config()
	c.Ready = func(context.Context) error { looked.Add(1); return nil }
	health := grpc_health_v1.NewHealthClient(dial(t, serve(t, c)))
	const watches = 50
	begin := time.Now()
	for range watches {
		watch, err := health.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if first, err := watch.Recv(); err != nil || first.Status != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Fatalf("watch: %v, %v", first, err)
		}
	}
	if n, most := int(looked.Load()), 1+int(time.Since(begin)/time.Second); n > most {
		t.Errorf("%d watches looked %d times, want %d", watches, n, most)
	}
}

// A call that has begun is answered; a watch ends.
func TestShutdown(t *testing.T) {
	g := newGate()
	begun, on := make(chan struct{}), make(chan struct{})
	g.login = func(context.Context, string, string) error { close(begun); <-on; return nil }
	server, err := grpcapi.New(g.config())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn := dial(t, listener.Addr().String())
	watch, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := watch.Recv(); err != nil || first.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("watch: %v, %v", first, err)
	}
	logged := make(chan error, 1)
	go func() {
		_, err := porteirov1.NewGateClient(conn).Login(t.Context(), &porteirov1.LoginRequest{})
		logged <- err
	}()
	<-begun
	ended := make(chan error, 1)
	go func() { ended <- server.Shutdown(t.Context()) }()
	if _, err := watch.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the watch ends with %v", err)
	}
	for t.Context().Err() == nil { // until it takes nobody more
		another, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		another.Close()
	}
	select {
	case err := <-ended:
		t.Errorf("it does not wait for the call: %v", err)
	case err := <-logged:
		t.Errorf("the call is cut off: %v", err)
	default:
	}
	close(on)
	if err := errors.Join(<-logged, <-ended, <-served); err != nil {
		t.Error(err)
	}
}

// What holds on is cut off when the time is up, and it is said.
func TestShutdownIsBounded(t *testing.T) {
	g := newGate()
	begun := make(chan struct{})
	g.login = func(ctx context.Context, _, _ string) error { close(begun); <-ctx.Done(); return domain.Unavailable }
	c := g.config()
	c.RequestTimeout = time.Hour
	server, err := grpcapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	far := connect(t, listener.Addr().String())
	logged := make(chan error, 1)
	go func() { _, err := far.Login(t.Context(), "a", "b"); logged <- err }()
	<-begun
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(over); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if err := <-logged; !errors.Is(err, domain.Unavailable) {
		t.Errorf("the call: %v", err)
	}
}
