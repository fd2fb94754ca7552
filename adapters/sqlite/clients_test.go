package sqlite_test

import (
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestClients(t *testing.T) {
	inFull(t)
	contract.Clients(t, func(t *testing.T) application.Clients { return fresh(t) })
}

func TestEverybody(t *testing.T) {
	inFull(t)
	contract.Everybody(t, func(t *testing.T) contract.Crowd { return fresh(t) })
}
