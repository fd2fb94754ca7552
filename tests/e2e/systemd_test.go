package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// systemd understands every line of the unit, and finds it as locked up as it is meant to be.
func TestSystemdUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		const says = "no systemd-analyze: apt-get install --no-install-recommends systemd"
		if os.Getenv("PORTEIRO_REQUIRE_SYSTEMD") == "1" {
			t.Fatal(says)
		}
		t.Skip(says)
	}
	content, err := os.ReadFile("../../deploy/porteiro.service")
	if err != nil {
		t.Fatal(err)
	}
	const installed = "ExecStart=/usr/local/bin/porteiro serve\n"
	if strings.Count(string(content), installed) != 1 {
		t.Fatalf("the unit does not have %q once", installed)
	}
	unit := filepath.Join(t.TempDir(), "porteiro.service")
	if err := os.WriteFile(unit, []byte(strings.Replace(string(content), installed, "ExecStart="+binary+" serve\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=yes", "--threshold=15", unit}, // the highest exposure, in tenths
	} {
		c := exec.Command(analyze, append([]string{"--no-pager"}, args...)...)
		out, err := c.CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v: %s", args[0], err, out)
		}
	}
}
