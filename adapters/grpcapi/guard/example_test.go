package guard_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/porteiro/porteiro/adapters/grpcapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// greeting is an interceptor that stands for a service's methods: they find who calls in their context.
func greeting(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	id, _ := application.IdentityOf(ctx)
	fmt.Printf("%s calls\n", id.Email)
	return next(ctx, request)
}

// The gate is porteiro's core here; the client of a transport serves as well.
func Example() {
	gate, err := inprocess.New(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	door, err := guard.New(guard.Config{
		Gate: gate, Logger: slog.Default(),
		Roles:  map[string][]domain.Role{"/grpc.health.v1.Health/List": {"admin", "operator"}},
		Exempt: []string{"/grpc.health.v1.Health/Watch"},
	})
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(door.Unary, greeting), grpc.ChainStreamInterceptor(door.Stream))
	grpc_health_v1.RegisterHealthServer(server, health.NewServer()) // and your own
	if err := door.Check(server.GetServiceInfo()); err != nil {
		panic(err)
	}
	client := grpc_health_v1.NewHealthClient(connect(server))
	defer server.Stop()

	anybody := context.Background()
	ana := metadata.AppendToOutgoingContext(anybody, "authorization", "Bearer "+signIn(gate))
	_, err = client.Check(ana, &grpc_health_v1.HealthCheckRequest{})
	fmt.Println(status.Code(err))
	_, err = client.List(ana, &grpc_health_v1.HealthListRequest{})
	fmt.Println(status.Convert(err).Code(), status.Convert(err).Message())
	_, err = client.Check(anybody, &grpc_health_v1.HealthCheckRequest{})
	fmt.Println(status.Convert(err).Code(), status.Convert(err).Message())
	// Output:
	// ana@example.com calls
	// OK
	// PermissionDenied insufficient_role
	// Unauthenticated token_missing
}

func connect(server *grpc.Server) *grpc.ClientConn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go server.Serve(l)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	return conn
}

func signIn(core *application.Core) (access string) {
	if _, err := core.Register(context.Background(), "ana@example.com", "correct horse battery"); err != nil {
		panic(err)
	}
	g, err := core.Login(context.Background(), "ana@example.com", "correct horse battery")
	if err != nil {
		panic(err)
	}
	return g.AccessToken
}
