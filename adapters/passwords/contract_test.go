package passwords_test

import (
	"testing"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestContract(t *testing.T) {
	contract.Passwords(t, func(*testing.T) application.Passwords {
		return passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	})
}
