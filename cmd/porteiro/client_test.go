package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// full is a disk that takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A secret that was not written is lost: that is a failure, and says what to do.
func TestClientAddFailsWithItsSecret(t *testing.T) {
	location := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
	if err := run(t.Context(), []string{"migrate", "--database-url", location}, nil, nil, new(bytes.Buffer), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"gate", "other --json"} {
		add := append([]string{"client", "add", "--database-url", location}, strings.Fields(args)...)
		err := run(t.Context(), add, nil, nil, full{}, new(bytes.Buffer))
		if exitCode(err) != 1 || !strings.Contains(err.Error(), "porteiro client delete "+strings.Fields(args)[0]) {
			t.Errorf("client add %s: %v", args, err)
		}
	}
}
