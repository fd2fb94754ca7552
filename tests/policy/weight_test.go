package policy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWeight is what a team gets from us in a module that imports domain and application, and the suites in its tests:
// nothing that somebody else wrote.
func TestWeight(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum")) // what is not needed of them goes, and nobody is asked for others
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{
		"go.sum":        string(sums),
		"go.mod":        "module example.org/light\n\ngo 1.26.8\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n",
		"light.go":      "package light\n\nimport (\n\t_ \"" + module + "/application\"\n\t_ \"" + module + "/domain\"\n)\n",
		"light_test.go": "package light\n\nimport (\n\t\"testing\"\n\n\t\"" + module + "/tests/contract\"\n)\n\nvar _ = contract.Stores\n\nfunc Test(*testing.T) {}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			var said string
			if e, ok := err.(*exec.ExitError); ok {
				said = string(e.Stderr)
			}
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, said)
		}
		return string(out)
	}

	run("mod", "tidy")
	built := run("list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...")
	modules := map[string]bool{}
	for _, m := range strings.Fields(built) {
		modules[m] = true
	}
	if len(modules) != 2 || !modules[module] || !modules["example.org/light"] {
		t.Errorf("its build, tests and all, has packages of the modules %v; want only itself and porteiro", modules)
	}

	// go mod tidy notes the tests of what is imported too, and ours compare with go-cmp. Nothing else of the go.mod of
	// porteiro is looked at: the go command prunes what no package needs.
	gosum, err := os.ReadFile(filepath.Join(folder, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSpace(string(gosum)), "\n")
	for _, l := range lines {
		if len(lines) > 2 || !strings.HasPrefix(l, "github.com/google/go-cmp ") {
			t.Fatalf("its go.sum has more than the two lines of go-cmp:\n%s", gosum)
		}
	}
	gomod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil || strings.Count(string(gomod), "\nrequire") != 1 {
		t.Errorf("its go.mod asks for more than porteiro: %v\n%s", err, gomod)
	}
}
