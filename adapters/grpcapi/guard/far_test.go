package guard_test

import (
	"log/slog"
	"net"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	"github.com/porteiro/porteiro/adapters/grpcapi/client"
	"github.com/porteiro/porteiro/adapters/grpcapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// A gate that is far is no other than one that is near: porteiro's own transport serves both.
func TestFar(t *testing.T) {
	core := inprocess.Core(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	server, err := grpcapi.New(grpcapi.Config{Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	far, err := client.New(client.Config{Address: l.Addr().String(), Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	token := signIn(core)
	d := newDoor(t, func(c *guard.Config) { c.Gate = far })
	if err := d.call(t, check, "authorization", "Bearer "+token); err != nil || len(d.in) != 1 {
		t.Fatalf("%v, let in %d times", err, len(d.in))
	}
	if id, _ := application.IdentityOf(d.in[0]); id.Email != "ana@example.com" {
		t.Errorf("the method sees %+v", id)
	}
	if err := core.Logout(t.Context(), token, domain.Global); err != nil {
		t.Fatal(err)
	}
	if got := read(t, d.call(t, watch, "authorization", "Bearer "+token)); got.reason != "token_revoked" {
		t.Errorf("after the logout: %+v", got)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, d.call(t, check, "authorization", "Bearer "+token)); got.code != codes.Unavailable || len(d.in) != 1 {
		t.Errorf("without the service: %+v, let in %d times", got, len(d.in))
	}
}
