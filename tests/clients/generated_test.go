package clients_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// TestGeneratedClient has oapi-codegen make a client of the document that the service serves, and the client sign in, ask
// and sign out. The generator and what its client needs are a module of their own; where that cannot be had the test is
// skipped, or fails with PORTEIRO_REQUIRE_GENERATOR=1.
func TestGeneratedClient(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/openapi")); err != nil {
		t.Fatal(err)
	}
	if out, err := inFolder(t, folder, "go", "mod", "download"); err != nil {
		if os.Getenv("PORTEIRO_REQUIRE_GENERATOR") == "1" {
			t.Fatalf("go mod download: %v\n%s", err, out)
		}
		t.Skipf("the generator cannot be had from the module proxy: %v", err)
	}
	core := inprocess.Core(t, nil)
	server := httptest.NewServer(inprocess.Handler(t, core, func(c *httpapi.Config) { c.BasePath = "/auth" }))
	t.Cleanup(server.Close)
	if _, err := core.Register(t.Context(), "ana@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	fetch(t, server.URL+"/auth/openapi.json", filepath.Join(folder, "openapi.json"))
	if out, err := inFolder(t, folder, "go", "tool", "oapi-codegen", "-config", "config.yaml", "openapi.json"); err != nil {
		t.Fatalf("oapi-codegen: %v\n%s", err, out)
	}
	out, err := inFolder(t, folder, "go", "run", ".", server.URL+"/auth")
	if err != nil {
		t.Fatalf("the client: %v\n%s", err, out)
	}
	var said map[string]string
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("the client says %q", out)
	}
	want := map[string]string{
		"token type": "Bearer", "authorize": "ana@example.com", "header": "ana@example.com", "a role that is missing": "insufficient_role",
		"logout": "Logout bem-sucedido", "after it": "token_revoked", "a wrong password": "invalid_credentials",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("the client (-want +got):\n%s", diff)
	}
}

// inFolder runs a command to its end and returns its output, or what it complained of.
func inFolder(t *testing.T, folder, name string, args ...string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = folder, append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "CGO_ENABLED=0")
	out, err := c.Output()
	if exit, failed := err.(*exec.ExitError); failed {
		return exit.Stderr, err
	}
	return out, err
}

func fetch(t *testing.T, url, file string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.ReadFrom(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", url, response.StatusCode, err)
	}
}
