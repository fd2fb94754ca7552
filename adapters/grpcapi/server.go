package grpcapi

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
)

// Server serves the ports. It is made by New, and serves once.
type Server struct {
	grpc     *grpc.Server
	stopping chan struct{} // closed when streams, which would go on for ever, are to end
	once     sync.Once
}

// New returns a server that listens to nothing yet, or an error that names what is missing or cannot be.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{stopping: make(chan struct{})}
	around := &surround{Config: c, stopping: s.stopping}
	s.grpc = grpc.NewServer(append(options(c), grpc.UnaryInterceptor(around.unary), grpc.StreamInterceptor(around.stream))...)
	porteirov1.RegisterGateServer(s.grpc, gate{Gate: c.Gate})
	porteirov1.RegisterAccountsServer(s.grpc, accounts{Accounts: c.Accounts})
	porteirov1.RegisterSessionsServer(s.grpc, sessions{Sessions: c.Sessions})
	h := &health{Config: c, names: []string{""}} // the server as a whole
	for name := range s.grpc.GetServiceInfo() {
		h.names = append(h.names, name)
	}
	grpc_health_v1.RegisterHealthServer(s.grpc, h)
	reflection.Register(s.grpc)
	if c.More != nil {
		c.More(s.grpc)
	}
	return s, nil
}

// options sets every bound that gRPC leaves open, so that a slow or silent client holds nothing for long.
func options(c Config) []grpc.ServerOption {
	all := []grpc.ServerOption{
		grpc.ForceServerCodecV2(newStrict()),
		grpc.MaxRecvMsgSize(wire.MaxRequest),
		grpc.MaxHeaderListSize(wire.MaxHeader),
		grpc.MaxConcurrentStreams(250),          // of a connection, as net/http has it
		grpc.ConnectionTimeout(5 * time.Second), // of the handshakes
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle:     2 * time.Minute,
			MaxConnectionAge:      30 * time.Minute, // so that clients come to nodes that are new
			MaxConnectionAgeGrace: c.RequestTimeout + 5*time.Second,
			Time:                  time.Minute, // a client that is gone is noticed
			Timeout:               20 * time.Second,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	}
	if c.TLS != nil {
		all = append(all, grpc.Creds(credentials.NewTLS(c.TLS)))
	}
	return all
}

// Serve serves what comes to the listener until Shutdown, and returns nil then.
func (s *Server) Serve(l net.Listener) error { return s.grpc.Serve(l) }

// Shutdown takes no more calls, ends streams, and waits for the calls that have begun; those that have not ended when
// ctx does are cut off, with an error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(func() { close(s.stopping) })
	done := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return fmt.Errorf("some calls did not end: %w", ctx.Err())
	}
}
