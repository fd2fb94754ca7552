// Package alerts_test holds deploy/prometheus to what the service really counts, and has promtool try its rules.
package alerts_test

import (
	"database/sql"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/domain"
)

const folder = "../../deploy/prometheus/"

// TestRules has promtool read the rules and run their tests. Without one it is skipped, or fails where
// PORTEIRO_REQUIRE_PROMTOOL=1.
func TestRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		const says = "no promtool: apt-get install --no-install-recommends prometheus"
		if os.Getenv("PORTEIRO_REQUIRE_PROMTOOL") == "1" {
			t.Fatal(says)
		}
		t.Skip(says)
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		c := exec.CommandContext(t.Context(), promtool, args...)
		c.Dir = folder
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestSeriesAreThere: a rule over a series that nobody has never fires, and nobody notices.
func TestSeriesAreThere(t *testing.T) {
	rules, err := os.ReadFile(folder + "alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	there := scrape(t)
	find := func(pattern, before, after string) (found int) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(rules), -1) {
			for name := range strings.SplitSeq(m[len(m)-1], "|") {
				found++
				if name = before + name + after; !strings.Contains(there, name) {
					t.Errorf("no series has %s", name)
				}
			}
		}
		return found
	}
	if n := find(`(porteiro_\w+)`, "\n", ""); n < 5 {
		t.Errorf("%d names of series are in the rules", n)
	}
	find(`outcome=~?"([\w|]+)"`, `outcome="`, `"`)
	find(`operation=~?"([\w|]+)"`, `operation="`, `"`)
	find(`purpose=~?"([\w|]+)"`, `purpose="`, `"`)
	for _, part := range []string{"alert:", "runbook:", "summary:", "severity: page"} {
		if n := strings.Count(string(rules), part); n != 5 {
			t.Errorf("%d times %s: each of the five wakes somebody, and says what to do then", n, part)
		}
	}
}

// scrape returns what a node shows.
func scrape(t *testing.T) string {
	t.Helper()
	m, err := metrics.New(metrics.Config{
		Version: "test", Clock: time.Now, Busy: func() (int, int) { return 0, 0 },
		Keys:  func() ([]domain.Key, time.Time) { return []domain.Key{{ID: "a", Purpose: domain.Access}}, time.Now() },
		Pools: func() map[string]sql.DBStats { return map[string]sql.DBStats{"postgres": {}} },
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.NewServer(false, slog.New(slog.DiscardHandler)).Handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return "\n" + w.Body.String()
}
