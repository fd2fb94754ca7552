package grpcapi_test

import (
	"context"
	"net"
	"testing"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/grpcapi/client"
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
