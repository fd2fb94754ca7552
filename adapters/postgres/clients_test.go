package postgres_test

import (
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

func TestClients(t *testing.T) {
	inFull(t)
	contract.Clients(t, func(t *testing.T) application.Clients {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}

func TestEverybody(t *testing.T) {
	inFull(t)
	contract.Everybody(t, func(t *testing.T) contract.Crowd {
		return open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: crowded})
	})
}
