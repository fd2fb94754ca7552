package grpcapi_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestTransport(t *testing.T) {
	contract.Transports(t, func(t *testing.T, near contract.Ports) contract.Ports {
		far := connect(t, serve(t, grpcapi.Config{
			Gate: near.Gate, Accounts: near.Accounts, Sessions: near.Sessions,
			Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler),
		}))
		return contract.Ports{Gate: far, Accounts: far, Sessions: far}
	})
}
