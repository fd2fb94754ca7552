package memory_test

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestStore(t *testing.T) {
	contract.Stores(t, func(*testing.T) application.Store { return memory.New() })
}

func TestImports(t *testing.T) {
	contract.Imports(t, func(*testing.T) contract.Importing { return memory.New() })
}

func TestAttempts(t *testing.T) {
	contract.Attempts(t, func(*testing.T) application.Attempts { return memory.New() })
}

func TestKeys(t *testing.T) {
	contract.Keys(t, func(*testing.T) application.KeyStore { return memory.New() })
}

func TestTwoCoresOfOneProcessMayShareIt(t *testing.T) {
	contract.SharedStores(t, func(*testing.T) (a, b application.Store) {
		s := memory.New()
		return s, s
	})
}

func TestNowIsTheGivenClock(t *testing.T) {
	want := time.Date(2031, time.May, 4, 12, 0, 0, 0, time.UTC)
	s := memory.New(memory.Clock(func() time.Time { return want }))
	if got, err := s.Now(t.Context()); err != nil || !got.Equal(want) {
		t.Errorf("Now shows %v, %v", got, err)
	}
}

func TestClients(t *testing.T) {
	contract.Clients(t, func(*testing.T) application.Clients { return memory.New() })
}

func TestEverybody(t *testing.T) {
	contract.Everybody(t, func(*testing.T) contract.Crowd { return memory.New() })
}
