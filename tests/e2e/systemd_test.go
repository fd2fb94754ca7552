package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The command that deploy/systemd.md has for those who run others by hand gives them the settings of the unit.
func TestSystemdByHand(t *testing.T) {
	page, err := os.ReadFile("../../deploy/systemd.md")
	if err != nil {
		t.Fatal(err)
	}
	const command = "porteiro user add ana@example.com"
	var shell string
	for line := range strings.Lines(string(page)) {
		if strings.Contains(line, command) {
			shell = strings.TrimSpace(line)
		}
	}
	dir := t.TempDir()
	database := filepath.Join(dir, "a b.db")
	for name, content := range map[string]string{
		"database-url": "sqlite:" + database + "\n",
		"porteiro.env": "# settings\nPORTEIRO_AUDIT=true\nPORTEIRO_LISTEN=127.0.0.1:8080\nPORTEIRO_ISSUER='https://id.example/a&b'\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, errs, code := porteiro(t, "", "migrate", "--database-url", "sqlite:"+database); code != 0 {
		t.Fatal(errs)
	}
	c := exec.CommandContext(t.Context(), "sh", "-c", strings.NewReplacer("/etc/porteiro/", dir+"/", command, binary+strings.TrimPrefix(command, "porteiro")).Replace(shell))
	c.Stdin = strings.NewReader("correct horse battery\n")
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "added ana@example.com") || !strings.Contains(string(out), `"msg":"event"`) { // of --audit
		t.Errorf("%q: %v: %s", shell, err, out)
	}
}

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
		if args[0] == "security" && !strings.Contains(string(out), "setpriority is allowed") {
			t.Errorf("the hasher cannot step back: %s", out)
		}
	}
}
