package linesocket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/outside/linesocket"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestTransport(t *testing.T) {
	contract.Transports(t, func(t *testing.T, near contract.Ports) contract.Ports {
		s := serve(t, near)
		return contract.Ports{Gate: s.far, Accounts: s.far, Sessions: s.far}
	})
}

// served is a server on a socket of its own, and its client.
type served struct {
	*linesocket.Server
	path string
	far  *linesocket.Client
	log  *bytes.Buffer // to be read once no call is under way
}

func serve(t *testing.T, near contract.Ports) served {
	t.Helper()
	s := served{path: filepath.Join(t.TempDir(), "s"), log: new(bytes.Buffer)} // a path has a hundred bytes at most
	s.far = linesocket.NewClient(s.path)
	var err error
	s.Server, err = linesocket.New(linesocket.Config{
		Gate: near.Gate, Accounts: near.Accounts, Sessions: near.Sessions, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // also when a call never ends
		defer cancel()
		s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// gate does in every method what its Login does.
type gate struct {
	application.Gate
	application.Accounts
	application.Sessions
	login func(context.Context) error
}

func (g gate) Login(ctx context.Context, _, _ string) (application.Grant, error) {
	return application.Grant{AccessToken: "a"}, g.login(ctx)
}

func serveLogin(t *testing.T, login func(context.Context) error) served {
	g := gate{login: login}
	return serve(t, contract.Ports{Gate: g, Accounts: g, Sessions: g})
}

func TestWhoHangsUpCancelsTheCall(t *testing.T) {
	begun, seen := make(chan struct{}), make(chan error, 1)
	s := serveLogin(t, func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		seen <- ctx.Err()
		return ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := s.far.Login(ctx, "", ""); !errors.Is(err, domain.Unavailable) {
		t.Errorf("got %v", err)
	}
	if err := <-seen; !errors.Is(err, context.Canceled) { // and not its deadline
		t.Errorf("the call ended with %v", err)
	}
}

func TestTheDeadlineArrives(t *testing.T) {
	left := make(chan time.Duration, 1)
	s := serveLogin(t, func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		left <- time.Until(deadline)
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := s.far.Login(ctx, "", ""); err != nil {
		t.Fatal(err)
	}
	if d := <-left; d > 3*time.Second {
		t.Errorf("a call that waits for 3s was given %v", d)
	}
}

func TestShutdownLetsACallEnd(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := serveLogin(t, func(ctx context.Context) error {
		close(begun)
		<-goOn
		return ctx.Err() // it was not cancelled
	})
	answered, down := make(chan error, 1), make(chan error, 1)
	go func() { _, err := s.far.Login(t.Context(), "", ""); answered <- err }()
	<-begun
	go func() { down <- s.Shutdown(t.Context()) }()
	for { // until no more calls are taken
		conn, err := net.Dial("unix", s.path)
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-down:
		t.Fatalf("Shutdown did not wait: %v", err)
	case <-time.After(20 * time.Millisecond): // can only be too short to notice
	}
	close(goOn)
	if err := errors.Join(<-answered, <-down); err != nil {
		t.Error(err)
	}
	if _, err := s.far.Login(t.Context(), "", ""); !errors.Is(err, domain.Unavailable) {
		t.Errorf("after Shutdown: %v", err)
	}
}

func TestShutdownCancelsWhatDoesNotEnd(t *testing.T) {
	begun, seen := make(chan struct{}), make(chan error, 1)
	s := serveLogin(t, func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		seen <- ctx.Err()
		return ctx.Err()
	})
	answered := make(chan error, 1)
	go func() { _, err := s.far.Login(t.Context(), "", ""); answered <- err }()
	<-begun
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-answered; !errors.Is(err, domain.Unavailable) {
		t.Errorf("the call: %v", err)
	}
	if err := <-seen; !errors.Is(err, context.Canceled) { // and not its deadline
		t.Errorf("the call ended with %v", err)
	}
}

func TestAPanicIsUnavailableAndLogged(t *testing.T) {
	s := serveLogin(t, func(context.Context) error { panic("hunter2") })
	if _, err := s.far.Login(t.Context(), "", ""); !errors.Is(err, domain.Unavailable) {
		t.Errorf("got %v", err)
	}
	s.Shutdown(t.Context())
	if log := s.log.String(); !strings.Contains(log, "panic") || strings.Contains(log, "hunter2") {
		t.Errorf("the log has %s", log)
	}
}

func TestAnyLineIsAnswered(t *testing.T) {
	s := serveLogin(t, func(context.Context) error { return nil })
	for said, want := range map[string]string{
		"login 1s a b":   "ok {",
		"login 1s a":     "refused {\"Refusal\":\"request_invalid\"",
		"login 1s a b c": "refused {\"Refusal\":\"request_invalid\"",
		"login soon a b": "refused {\"Refusal\":\"request_invalid\"",
		"login 1s a %zz": "refused {\"Refusal\":\"request_invalid\"",
		"login":          "refused {\"Refusal\":\"request_invalid\"",
		"":               "refused {\"Refusal\":\"request_invalid\"",
		"shutdown 1s":    "refused {\"Refusal\":\"request_invalid\"",
		"login 1s a " + strings.Repeat("b", 1<<17): "refused {\"Refusal\":\"body_too_large\"",
	} {
		conn, err := net.Dial("unix", s.path)
		if err != nil {
			t.Fatal(err)
		}
		go io.WriteString(conn, said+"\n") // of the long one, not all is read
		got := make([]byte, len(want))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
			t.Errorf("%.40q: got %q, %v", said, got, err)
		}
		conn.Close()
	}
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	far := linesocket.NewClient(filepath.Join(t.TempDir(), "nobody listens"))
	long := strings.Repeat("a", 1<<17)
	_, login := far.Login(t.Context(), "", long)
	_, authorize := far.Authorize(t.Context(), long)
	_, nobody := far.Authorize(t.Context(), "")
	for _, c := range []struct {
		err  error
		want domain.Refusal
	}{
		{login, domain.BodyTooLarge}, {authorize, domain.TokenInvalid}, {nobody, domain.Unavailable},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("got %v, want %v", c.err, c.want)
		}
	}
}
