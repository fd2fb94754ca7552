// Package client is the far side of grpcapi: it implements the driving ports over one gRPC connection, so that whoever
// holds one cannot tell it from the core. A call is sent once, unless the service said that it never saw it.
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/porteiro/porteiro/adapters/grpcapi/internal/wire"
	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Client drives a porteiro that is elsewhere. It is safe for concurrent use, and all calls share its connection.
type Client struct {
	conn     *grpc.ClientConn
	gate     porteirov1.GateClient
	accounts porteirov1.AccountsClient
	sessions porteirov1.SessionsClient
}

var (
	_ application.Gate     = (*Client)(nil)
	_ application.Accounts = (*Client)(nil)
	_ application.Sessions = (*Client)(nil)
)

// Config says where the service is, and how to get there.
type Config struct {
	// Address is the service's HOST:PORT, such as auth.example.com:9090.
	Address string

	// TLS is whom to trust and what to show; default the system's certificates, and no certificate of one's own.
	TLS *tls.Config

	// Plaintext leaves TLS out: passwords and tokens are readable on the way. It is for one's own machine, and for a mesh
	// that encrypts by itself.
	Plaintext bool

	// Dial is more of gRPC's own options: a balancer, interceptors, keepalive. Default none.
	Dial []grpc.DialOption
}

// New returns a client, or an error that says what is wrong with the configuration. It connects with its first call.
func New(c Config) (*Client, error) {
	host, port, err := net.SplitHostPort(c.Address)
	number, notOne := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || host == "" || notOne != nil || number == 0:
		return nil, fmt.Errorf("client: %q is not the address of a service, such as auth.example.com:9090", c.Address)
	case c.Plaintext && c.TLS != nil:
		return nil, errors.New("client: TLS settings and plain text exclude each other: leave one of them out")
	}
	security := credentials.NewTLS(c.TLS)
	if c.Plaintext {
		security = insecure.NewCredentials()
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(security),
		grpc.WithDisableServiceConfig(), // a name server has no say in
		grpc.WithDisableRetry(),         // what is sent twice
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxAnswer)),
	}, c.Dial...)
	conn, err := grpc.NewClient(c.Address, options...)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return &Client{
		conn, porteirov1.NewGateClient(conn), porteirov1.NewAccountsClient(conn), porteirov1.NewSessionsClient(conn),
	}, nil
}

// Close ends the connection. Calls that are under way are Unavailable, and so is every one after it.
func (c *Client) Close() error { return c.conn.Close() }

// as returns a context whose calls carry the token and no other; TokenInvalid for one that cannot be sent. "" is no token.
func as(ctx context.Context, token string) (context.Context, error) {
	if token != "" {
		if err := wire.Sendable(token); err != nil {
			return nil, err
		}
	}
	if md, found := metadata.FromOutgoingContext(ctx); found { // of another call, that this one is made for
		delete(md, wire.Authorization)
		ctx = metadata.NewOutgoingContext(ctx, md)
	}
	if token == "" {
		return ctx, nil
	}
	return metadata.AppendToOutgoingContext(ctx, wire.Authorization, "Bearer "+token), nil
}

// failed is the refusal in the error of a call. Whatever is not one of ours comes from something in between, and is
// Unavailable.
func failed(ctx context.Context, err error) error {
	if refusal, found := wire.Refusal(err); found {
		return refusal
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %w", domain.Unavailable, ended)
	}
	return fmt.Errorf("%w: %w", domain.Unavailable, err)
}
