package nearfar_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestIntrospectionMemoryHTTP(t *testing.T)   { introspections(t, inMemory) }
func TestIntrospectionSQLiteHTTP(t *testing.T)   { inFull(t); introspections(t, onSQLite) }
func TestIntrospectionPostgresHTTP(t *testing.T) { inFull(t); introspections(t, onPostgres) }

// introspections runs what programs ask over HTTP, with real tokens, over a store.
func introspections(t *testing.T, open func(*testing.T) store) {
	contract.Introspections(t, func(t *testing.T, clock application.Clock) contract.Inspected {
		s := open(t)
		codec, err := tokens.New(begin(t, s, clock), tokens.Config{At: clock()})
		if err != nil {
			t.Fatal(err)
		}
		core, err := application.New(application.Deps{Store: s, Tokens: codec, Passwords: quick{}, Clock: clock, Registration: true})
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		handler, err := httpapi.New(httpapi.Config{
			Gate: core, Accounts: core, Sessions: core, Introspection: core, Ready: core.Ready, Logger: log, RequestTimeout: patience,
		})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		far, err := client.New(client.Config{URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		return contract.Inspected{
			Service:       contract.Service{Gate: far, Accounts: far, Sessions: far, Administration: core},
			Introspection: far, Registry: core,
		}
	})
}
