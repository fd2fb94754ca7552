package guard_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/porteiro/porteiro/adapters/grpcapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const (
	check = "/grpc.health.v1.Health/Check" // one request, one answer
	watch = "/grpc.health.v1.Health/Watch" // a stream
	all   = "/grpc.health.v1.Health/"
)

// gate answers as it is told, and keeps what it was asked.
type gate struct {
	application.Gate
	id    application.Identity
	err   error
	asked [][]string
	wait  bool
}

func (g *gate) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	words := []string{access}
	for _, r := range anyOf {
		words = append(words, string(r))
	}
	g.asked = append(g.asked, words)
	if end, bounded := ctx.Deadline(); g.wait && bounded && time.Until(end) < 10*time.Second { // else nothing would end it
		<-ctx.Done()
		return application.Identity{}, domain.Unavailable
	}
	return g.id, g.err
}

func ana() application.Identity {
	return application.Identity{
		User: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com", Roles: []domain.Role{"admin"},
		Session: "018f0000-0000-7000-8000-000000000002", LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC),
	}
}

// service stands for one that is guarded, by the one service that gRPC brings along. It keeps whom it let in.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
	mu sync.Mutex
	in []context.Context
}

func (s *service) enter(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in = append(s.in, ctx)
}

func (s *service) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	s.enter(ctx)
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func (s *service) Watch(_ *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	s.enter(stream.Context())
	return stream.Send(&grpc_health_v1.HealthCheckResponse{})
}

// door is a guarded server, the gate behind the guard and a client.
type door struct {
	*gate
	service
	log    bytes.Buffer
	client grpc_health_v1.HealthClient
}

func newDoor(t *testing.T, change ...func(*guard.Config)) *door {
	t.Helper()
	d := &door{gate: &gate{id: ana()}}
	c := guard.Config{Gate: d.gate, Logger: slog.New(slog.NewTextHandler(&d.log, nil))}
	for _, f := range change {
		f(&c)
	}
	g, err := guard.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(g.Unary), grpc.ChainStreamInterceptor(g.Stream))
	grpc_health_v1.RegisterHealthServer(server, &d.service)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d.client = grpc_health_v1.NewHealthClient(conn)
	return d
}

// call calls a method with metadata of names and values in turns.
func (d *door) call(t *testing.T, method string, pairs ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), pairs...), time.Minute)
	defer cancel()
	if method == check {
		_, err := d.client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		return err
	}
	stream, err := d.client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	return err
}

// leaving is a gate whose caller leaves while it is asked.
type leaving struct {
	application.Gate
	leave func()
}

func (l leaving) Authorize(context.Context, string, ...domain.Role) (application.Identity, error) {
	l.leave()
	return application.Identity{}, domain.Unavailable
}
