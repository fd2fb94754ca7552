// Package outside_test is what a team has that keeps a store and a transport of its own, in a module of its own: the
// suite of whole stories over both, on the core as their main would assemble it.
package outside_test

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"example.org/outside/linesocket"
	"example.org/outside/logfile"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

// patience bounds what would otherwise hang: rows share the machine's slots of hashing.
const patience = time.Minute

func TestServices(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short run: the suites of either one show a race detector as much, and hash nothing")
	}
	hasher, err := passwords.New(passwords.Config{Queue: 1000})
	if err != nil {
		t.Fatal(err)
	}
	contract.Services(t, func(t *testing.T, clock application.Clock) contract.Service {
		store, err := logfile.Open(filepath.Join(t.TempDir(), "porteiro.log"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		core, err := assemble(t.Context(), store, hasher, clock)
		if err != nil {
			t.Fatal(err)
		}
		far := overSocket(t, core)
		return contract.Service{Gate: far, Accounts: far, Sessions: far, Administration: core}
	})
}

// assemble makes the first keys and the core over them.
func assemble(ctx context.Context, s *logfile.Store, p application.Passwords, clock application.Clock) (*application.Core, error) {
	ring, err := application.NewKeyRing(application.KeyRingDeps{Store: s, Maker: tokens.Maker{}, Clock: clock})
	if err != nil {
		return nil, err
	}
	if _, err := ring.Begin(ctx); err != nil {
		return nil, err
	}
	keys, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	codec, err := tokens.New(keys, tokens.Config{At: clock()})
	if err != nil {
		return nil, err
	}
	return application.New(application.Deps{Store: s, Tokens: codec, Passwords: p, Clock: clock, Registration: true})
}

func overSocket(t *testing.T, core *application.Core) *linesocket.Client {
	server, err := linesocket.New(linesocket.Config{
		Gate: core, Accounts: core, Sessions: core, Logger: slog.New(slog.DiscardHandler), Timeout: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Shutdown(context.Background()) })
	return linesocket.NewClient(path)
}
