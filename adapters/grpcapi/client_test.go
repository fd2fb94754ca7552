package grpcapi_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi/client"
	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/domain"
)

func TestClientSettings(t *testing.T) {
	for says, c := range map[string]client.Config{
		`"" is not the address`:         {},
		`"https://auth.example.com" is`: {Address: "https://auth.example.com"},
		`":9090" is not`:                {Address: ":9090"},
		"exclude each other":            {Address: "auth.example.com:9090", Plaintext: true, TLS: &tls.Config{MinVersion: tls.VersionTLS13}},
	} {
		if _, err := client.New(c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// other is a server that is none of ours, and answers as it is told.
type other struct {
	porteirov1.UnimplementedGateServer
	porteirov1.UnimplementedAccountsServer
	err      error
	identity *porteirov1.Identity
	calls    atomic.Int32
}

func (o *other) Login(context.Context, *porteirov1.LoginRequest) (*porteirov1.LoginResponse, error) {
	o.calls.Add(1)
	return &porteirov1.LoginResponse{}, o.err
}

func (o *other) Authorize(context.Context, *porteirov1.AuthorizeRequest) (*porteirov1.AuthorizeResponse, error) {
	o.calls.Add(1)
	return &porteirov1.AuthorizeResponse{Identity: o.identity}, o.err
}

func (o *other) Register(context.Context, *porteirov1.RegisterRequest) (*porteirov1.RegisterResponse, error) {
	o.calls.Add(1)
	return &porteirov1.RegisterResponse{}, o.err
}

func (o *other) ChangeEmail(context.Context, *porteirov1.ChangeEmailRequest) (*porteirov1.ChangeEmailResponse, error) {
	o.calls.Add(1)
	return &porteirov1.ChangeEmailResponse{}, o.err
}

func withDetails(t *testing.T, reason, domain string) error {
	t.Helper()
	s, err := status.New(codes.Unauthenticated, "no").WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	return s.Err()
}

// What is no answer of porteiro's is Unavailable, a success that says nothing too, and no call is made twice.
func TestForeignAnswers(t *testing.T) {
	for name, err := range map[string]error{
		"nothing":                nil,
		"away":                   status.Error(codes.Unavailable, "no healthy upstream"),
		"a status alone":         status.Error(codes.Unauthenticated, "jwt is missing"),
		"somebody else's reason": withDetails(t, "token_expired", "example.com"),
		"an unknown reason":      withDetails(t, "token_lost", "porteiro"),
	} {
		o := &other{err: err}
		server := grpc.NewServer()
		porteirov1.RegisterGateServer(server, o)
		porteirov1.RegisterAccountsServer(server, o)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		far, err := client.New(client.Config{Address: listener.Addr().String(), Plaintext: true, Dial: []grpc.DialOption{
			grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.001s","maxBackoff":"0.001s","backoffMultiplier":1,"retryableStatusCodes":["UNAVAILABLE"]}}]}`),
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		_, err1 := far.Login(t.Context(), "a", "b")
		_, err2 := far.Authorize(t.Context(), "a.b.c")
		o.identity = &porteirov1.Identity{}
		_, err3 := far.Authorize(t.Context(), "a.b.c")
		_, err4 := far.Register(t.Context(), "a@example.com", "b")
		_, err5 := far.ChangeEmail(t.Context(), "a.b.c", "b", "a@example.com")
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if !errors.Is(err, domain.Unavailable) || errors.Is(err, domain.TokenExpired) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := o.calls.Load(); n != 5 {
			t.Errorf("%s: five calls were sent %d times", name, n)
		}
	}
}

// A call is made with the token that it is given, whatever else the context carries.
func TestTokenOfAnotherCall(t *testing.T) {
	g := newGate()
	var got string
	g.authorize = func(_ context.Context, access string) error { got = access; return nil }
	far := connect(t, serve(t, g.config()))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer OTHER")
	if _, err := far.Authorize(ctx, "MINE"); err != nil || got != "MINE" {
		t.Errorf("it was made with %q: %v", got, err)
	}
	got = ""
	if _, err := far.Authorize(ctx, ""); !errors.Is(err, domain.TokenMissing) || got != "" {
		t.Errorf("without a token it was made with %q: %v", got, err)
	}
}

func TestUnsendableTokens(t *testing.T) {
	g := newGate()
	far := connect(t, serve(t, g.config()))
	for _, token := range []string{" ", "a ", "a\nb", "é", "\x00", strings.Repeat("a", 9<<10)} {
		if _, err := far.Authorize(t.Context(), token); !errors.Is(err, domain.TokenInvalid) {
			t.Errorf("%.20q: %v", token, err)
		}
	}
	if g.calls.Load() != 0 {
		t.Error("one of them was sent")
	}
}

// Without a service, and after Close, there is no answer.
func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	far := connect(t, address)
	if _, err := far.Login(t.Context(), "a", "b"); !errors.Is(err, domain.Unavailable) {
		t.Errorf("without a service: %v", err)
	}
	far.Close()
	if _, err := far.Login(t.Context(), "a", "b"); !errors.Is(err, domain.Unavailable) {
		t.Errorf("after Close: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := connect(t, address).Login(over, "a", "b"); !errors.Is(err, domain.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is over: %v", err)
	}
}
