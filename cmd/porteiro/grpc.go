package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/grpcapi/extauthz"
)

// grpcListener is serve's flag about gRPC.
type grpcListener struct{ address string }

func (g *grpcListener) flags(f *pflag.FlagSet) {
	f.StringVar(&g.address, "grpc-listen", "", "an address to serve gRPC on, Envoy's ext_authz too, such as 127.0.0.1:9090 (default: none)")
}

func (g *grpcListener) check() error {
	if g.address != "" && !hostAndPort(g.address) {
		return usagef("--grpc-listen is HOST:PORT, such as 127.0.0.1:9090, not %q", g.address)
	}
	return nil
}

// grpcCalls is a gRPC server and its listener; the zero grpcCalls is for a service without one.
type grpcCalls struct {
	server   *grpcapi.Server
	listener net.Listener
}

// open listens if there is an address. The handler is the HTTP one, whose forward auth answers Envoy.
func (g *grpcListener) open(cert *certificate, handler http.Handler, base string, c grpcapi.Config) (grpcCalls, error) {
	if g.address == "" {
		return grpcCalls{}, nil
	}
	envoy, err := extauthz.New(handler, base+"/authorize")
	if err != nil {
		return grpcCalls{}, err
	}
	c.More = envoy.Register
	if cert.used() {
		c.TLS = cert.config()
	}
	server, err := grpcapi.New(c)
	if err != nil {
		return grpcCalls{}, err
	}
	listener, err := listen("--grpc-listen", g.address)
	return grpcCalls{server, listener}, err
}

// serve serves beside the caller, if there is a server, and tells failed how it ended.
func (g grpcCalls) serve(failed chan<- error) {
	if g.server != nil {
		go func() { failed <- g.server.Serve(g.listener) }()
	}
}

func (g grpcCalls) announce(w io.Writer) {
	if g.server != nil {
		fmt.Fprintf(w, "porteiro listens for gRPC on %s\n", g.listener.Addr())
	}
}

func (g grpcCalls) shutdown(ctx context.Context) error {
	if g.server == nil {
		return nil
	}
	return g.server.Shutdown(ctx)
}
