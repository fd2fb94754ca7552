// Package nearfar_test runs the suite of whole stories on the core and on the far side of each transport, over each
// store: nobody can tell them apart.
package nearfar_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/grpcapi"
	grpcclient "github.com/porteiro/porteiro/adapters/grpcapi/client"
	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// patience bounds what would otherwise hang: rows share two cores of hashing.
const patience = time.Minute

type store interface {
	application.Store
	application.KeyStore
}

func TestMemoryNear(t *testing.T)     { services(t, inMemory, near, quick{}) }
func TestMemoryMeasured(t *testing.T) { services(t, inMemory, measured, quick{}) }
func TestMemoryHTTP(t *testing.T)     { services(t, inMemory, overHTTP, quick{}) }
func TestSQLiteHTTP(t *testing.T)     { inFull(t); services(t, onSQLite, overHTTP, quick{}) }
func TestPostgresHTTP(t *testing.T)   { inFull(t); services(t, onPostgres, overHTTP, argon2id(t)) }
func TestMemoryGRPC(t *testing.T)     { services(t, inMemory, overGRPC, quick{}) }
func TestSQLiteGRPC(t *testing.T)     { inFull(t); services(t, onSQLite, overGRPC, quick{}) }
func TestPostgresGRPC(t *testing.T)   { inFull(t); services(t, onPostgres, overGRPC, quick{}) }

// inFull leaves out of a short run what the same rows over memory show a race detector too.
func inFull(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short run")
	}
}

// argon2id is the hasher of the service. One variant has it: the rows make hundreds of hashes.
func argon2id(t *testing.T) application.Passwords {
	t.Helper()
	h, err := passwords.New(passwords.Config{Queue: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// quick is a hasher that costs nothing, for what has nothing to do with hashes.
type quick struct{}

func (quick) Hash(ctx context.Context, password string) (string, error) {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(password))), ctx.Err()
}

func (q quick) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	same, err := q.Hash(ctx, password)
	return hash != "" && same == hash, false, err
}

func services(
	t *testing.T, open func(*testing.T) store, carry func(*testing.T, *application.Core) contract.Ports, hasher application.Passwords,
) {
	contract.Services(t, func(t *testing.T, clock application.Clock) contract.Service {
		s := open(t)
		codec, err := tokens.New(begin(t, s, clock), tokens.Config{At: clock()})
		if err != nil {
			t.Fatal(err)
		}
		core, err := application.New(application.Deps{
			Store: s, Tokens: codec, Passwords: hasher, Clock: clock, Registration: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		ports := carry(t, core)
		return contract.Service{Gate: ports.Gate, Accounts: ports.Accounts, Sessions: ports.Sessions, Administration: core}
	})
}

// begin makes the first keys and returns them.
func begin(t *testing.T, s application.KeyStore, clock application.Clock) []domain.Key {
	t.Helper()
	ring, err := application.NewKeyRing(application.KeyRingDeps{Store: s, Maker: tokens.Maker{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func near(_ *testing.T, core *application.Core) contract.Ports {
	return contract.Ports{Gate: core, Accounts: core, Sessions: core}
}

// measured has metrics before the core.
func measured(t *testing.T, core *application.Core) contract.Ports {
	m, err := metrics.New(metrics.Config{
		Version: "test", Clock: time.Now, Busy: func() (int, int) { return 0, 0 },
		Keys:  func() ([]domain.Key, time.Time) { return nil, time.Time{} },
		Pools: func() map[string]sql.DBStats { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return contract.Ports{Gate: m.Gate(core), Accounts: m.Accounts(core), Sessions: m.Sessions(core)}
}

func overHTTP(t *testing.T, core *application.Core) contract.Ports {
	log := slog.New(slog.DiscardHandler)
	handler, err := httpapi.New(httpapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: log,
		RequestTimeout: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = httpapi.NewServer(handler, log)
	server.Config.WriteTimeout = patience
	server.Start()
	t.Cleanup(server.Close)
	far, err := client.New(client.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return contract.Ports{Gate: far, Accounts: far, Sessions: far}
}

func overGRPC(t *testing.T, core *application.Core) contract.Ports {
	server, err := grpcapi.New(grpcapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(slog.DiscardHandler),
		RequestTimeout: patience,
	})
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
		if err := errors.Join(server.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	far, err := grpcclient.New(grpcclient.Config{Address: listener.Addr().String(), Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return contract.Ports{Gate: far, Accounts: far, Sessions: far}
}

func inMemory(*testing.T) store { return memory.New() }

func onSQLite(t *testing.T) store {
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "porteiro.db"), Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func onPostgres(t *testing.T) store {
	s, err := postgres.Open(t.Context(), postgres.Config{URL: postgrestest.URL(t), Pool: 4, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
