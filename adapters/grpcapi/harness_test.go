package grpcapi_test

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/grpcapi/client"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// serve serves on a port of this machine until the test ends, and returns where.
func serve(t *testing.T, c grpcapi.Config) (address string) {
	t.Helper()
	server, err := grpcapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel() // some calls are held on purpose
		_ = server.Shutdown(over)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// connect returns a client of a server in plain text.
func connect(t *testing.T, address string) *client.Client {
	t.Helper()
	far, err := client.New(client.Config{Address: address, Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return far
}

// gate is a near side that does as it is told.
type gate struct {
	application.Gate
	application.Accounts
	application.Sessions
	login     func(ctx context.Context, email, password string) error
	authorize func(ctx context.Context, access string) error
	calls     atomic.Int32
}

func (g *gate) Login(ctx context.Context, email, password string) (application.Grant, error) {
	g.calls.Add(1)
	return application.Grant{AccessToken: "A", RefreshToken: "R"}, g.login(ctx, email, password)
}

func (g *gate) Authorize(ctx context.Context, access string, _ ...domain.Role) (application.Identity, error) {
	g.calls.Add(1)
	return application.Identity{User: "u", LoginTime: time.Unix(1, 0)}, g.authorize(ctx, access)
}

func (g *gate) Logout(context.Context, string, domain.Scope) error {
	g.calls.Add(1)
	return nil
}

// newGate lets everybody in.
func newGate() *gate {
	return &gate{
		login:     func(context.Context, string, string) error { return nil },
		authorize: func(context.Context, string) error { return nil },
	}
}

func (g *gate) config() grpcapi.Config {
	return grpcapi.Config{
		Gate: g, Accounts: g, Sessions: g, Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler),
	}
}

// dial is a connection that sends what it is told, as any client could.
func dial(t *testing.T, address string, more ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, append(more, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// reason is that of the refusal in an error, or "".
func reason(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, is := d.(*errdetails.ErrorInfo); is && info.GetDomain() == "porteiro" {
			return info.GetReason()
		}
	}
	return ""
}
