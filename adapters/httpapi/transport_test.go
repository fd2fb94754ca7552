package httpapi_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestTransport(t *testing.T) {
	contract.Transports(t, func(t *testing.T, near contract.Ports) contract.Ports {
		handler, err := httpapi.New(httpapi.Config{
			Gate: near.Gate, Accounts: near.Accounts, Sessions: near.Sessions, BasePath: "/auth",
			Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(nil)
		server.Config = httpapi.NewServer(handler, slog.New(slog.DiscardHandler))
		server.Start()
		t.Cleanup(server.Close)
		far, err := client.New(client.Config{URL: server.URL + "/auth/"})
		if err != nil {
			t.Fatal(err)
		}
		return contract.Ports{Gate: far, Accounts: far, Sessions: far}
	})
}
