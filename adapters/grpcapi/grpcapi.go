// Package grpcapi carries the driving ports over gRPC: the services of porteiro.v1, with the standard health service and
// reflection. It decides nothing itself; package client is its far side, and package extauthz answers Envoy beside it.
package grpcapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/porteiro/porteiro/application"
)

// Config is what the server drives, and its settings.
type Config struct {
	Gate     application.Gate            // required
	Accounts application.Accounts        // required
	Sessions application.Sessions        // required
	Ready    func(context.Context) error // required: nil when the service can do its work
	Logger   *slog.Logger                // required: failures go there, once, and never a secret; of Unavailable a few a second
	Clock    application.Clock           // by which few are counted; default time.Now

	RequestTimeout time.Duration       // bounds the work for one call; default 5 seconds
	Draining       func() bool         // whether the node is about to stop: it is not serving then
	TrustedProxies application.Proxies // whose x-forwarded-for is believed; default nobody's
	TLS            *tls.Config         // default none: plain text

	// More registers further services on the same server, such as extauthz's.
	More func(grpc.ServiceRegistrar)
}

// check refuses a configuration in which something is missing, and fills in the defaults.
func (c *Config) check() error {
	switch {
	case c.Gate == nil:
		return errors.New("grpcapi: a Gate is needed")
	case c.Accounts == nil:
		return errors.New("grpcapi: Accounts are needed")
	case c.Sessions == nil:
		return errors.New("grpcapi: Sessions are needed")
	case c.Ready == nil:
		return errors.New("grpcapi: Ready is needed")
	case c.Logger == nil:
		return errors.New("grpcapi: a Logger is needed")
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 5 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Draining == nil {
		c.Draining = func() bool { return false }
	}
	if err := c.TrustedProxies.Check(); err != nil {
		return fmt.Errorf("grpcapi: %w", err)
	}
	return nil
}
