package metrics_test

import (
	"bufio"
	"database/sql"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/domain"
)

func now() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 500_000_000, time.UTC) }

// config is of a node that is in the middle of something.
func config() metrics.Config {
	return metrics.Config{
		Version: "v1.2.3", Clock: now, Slots: 2, Queue: 32, Busy: func() (int, int) { return 2, 5 },
		Keys: func() ([]domain.Key, time.Time) {
			return []domain.Key{
				{ID: "old", Purpose: domain.Access, ActiveFrom: now().Add(-48 * time.Hour), RetiredAt: now().Add(-time.Hour)},
				{ID: "before", Purpose: domain.Access, ActiveFrom: now().Add(-24 * time.Hour)},
				{ID: "now", Purpose: domain.Access, ActiveFrom: now().Add(-time.Hour)},
				{ID: "next", Purpose: domain.Access, ActiveFrom: now().Add(time.Hour)},
				{ID: "refresh", Purpose: domain.Refresh, ActiveFrom: now().Add(-time.Minute)},
			}, now().Add(-3 * time.Second)
		},
		Pools: func() map[string]sql.DBStats {
			return map[string]sql.DBStats{"postgres": {MaxOpenConnections: 16, InUse: 7, Idle: 3, WaitCount: 11, WaitDuration: 1500 * time.Millisecond}}
		},
	}
}

func open(t testing.TB) *metrics.Metrics {
	t.Helper()
	m, err := metrics.New(config())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scrape returns what is served at /metrics.
func scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.NewServer(false, slog.New(slog.DiscardHandler)).Handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// series reads the values of what was scraped.
func series(t testing.TB, text string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if line := lines.Text(); !strings.HasPrefix(line, "#") {
			at := strings.LastIndexByte(line, ' ')
			value, err := strconv.ParseFloat(line[at+1:], 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			values[line[:at]] = value
		}
	}
	return values
}

// holds compares the series that are named, and says which are not there.
func holds(t testing.TB, m *metrics.Metrics, want map[string]float64) {
	t.Helper()
	got := series(t, scrape(t, m))
	for name, value := range want {
		if v, found := got[name]; !found || v != value {
			t.Errorf("%s is %v (there: %v), want %v", name, v, found, value)
		}
	}
}
