package contract_test

import (
	"testing"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

// A store is proved by the suites for what it does: memory keeps users and sessions, signing keys and attempts.
func Example() {
	_ = func(t *testing.T) {
		contract.Stores(t, func(*testing.T) application.Store { return memory.New() })
		contract.Keys(t, func(*testing.T) application.KeyStore { return memory.New() })
		contract.Attempts(t, func(*testing.T) application.Attempts { return memory.New() })
	}
}

// Two handles on one database: here on one store in this process.
func ExampleSharedStores() {
	_ = func(t *testing.T) {
		contract.SharedStores(t, func(*testing.T) (a, b application.Store) {
			s := memory.New()
			return s, s
		})
	}
}

// A service that runs somewhere is proved by its address alone.
func ExampleHTTP() {
	_ = func(t *testing.T) {
		contract.HTTP(t, contract.Target{URL: "https://example.com/auth"})
	}
}
