package logfile_test

import (
	"path/filepath"
	"testing"

	"example.org/outside/logfile"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestStore(t *testing.T) {
	contract.Stores(t, func(t *testing.T) application.Store { return fresh(t) })
}

func TestAttempts(t *testing.T) {
	contract.Attempts(t, func(t *testing.T) application.Attempts { return fresh(t) })
}

func TestKeys(t *testing.T) {
	contract.Keys(t, func(t *testing.T) application.KeyStore { return fresh(t) })
}

func TestDurable(t *testing.T) {
	contract.Durable(t, func(t *testing.T) func() application.Store {
		path := filepath.Join(t.TempDir(), "porteiro.log")
		var before *logfile.Store
		return func() application.Store {
			if before != nil {
				if err := before.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			before = open(t, path)
			return before
		}
	})
}

// fresh returns a store on a file of its own.
func fresh(t *testing.T) *logfile.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "porteiro.log"))
}

func open(t *testing.T, path string) *logfile.Store {
	t.Helper()
	s, err := logfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}
