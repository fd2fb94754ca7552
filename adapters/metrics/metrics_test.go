package metrics_test

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// TestLint holds every metric to Prometheus' own rules of naming.
func TestLint(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, open(t)))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestNew(t *testing.T) {
	for missing, change := range map[string]func(*metrics.Config){
		"Clock": func(c *metrics.Config) { c.Clock = nil },
		"Busy":  func(c *metrics.Config) { c.Busy = nil },
		"Keys":  func(c *metrics.Config) { c.Keys = nil },
		"Pools": func(c *metrics.Config) { c.Pools = nil },
	} {
		c := config()
		change(&c)
		if m, err := metrics.New(c); m != nil || err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: got %v", missing, err)
		}
	}
}

// TestWhatIsAsked: what a node is in the middle of is asked for with the scrape.
func TestWhatIsAsked(t *testing.T) {
	at := float64(now().UnixMilli()) / 1000
	m := open(t)
	holds(t, m, map[string]float64{
		`porteiro_hashing_slots`:                                           2,
		`porteiro_hashing_queue_limit`:                                     32,
		`porteiro_hashing_working`:                                         2,
		`porteiro_hashing_waiting`:                                         5,
		`porteiro_database_connections{pool="postgres",state="in_use"}`:    7,
		`porteiro_database_connections{pool="postgres",state="idle"}`:      3,
		`porteiro_database_connections_limit{pool="postgres"}`:             16,
		`porteiro_database_waits_total{pool="postgres"}`:                   11,
		`porteiro_database_wait_seconds_total{pool="postgres"}`:            1.5,
		`porteiro_signing_keys{purpose="access",state="next"}`:             1,
		`porteiro_signing_keys{purpose="access",state="signing"}`:          1,
		`porteiro_signing_keys{purpose="access",state="verifying"}`:        1,
		`porteiro_signing_keys{purpose="access",state="retired"}`:          1,
		`porteiro_signing_keys{purpose="refresh",state="signing"}`:         1,
		`porteiro_signing_keys{purpose="refresh",state="retired"}`:         0,
		`porteiro_signing_key_active_timestamp_seconds{purpose="access"}`:  at - 3600,
		`porteiro_signing_key_active_timestamp_seconds{purpose="refresh"}`: at - 60,
		`porteiro_signing_keys_looked_at_timestamp_seconds`:                at - 3,
	})
	text := scrape(t, m)
	for _, name := range []string{`porteiro_build_info{goversion="go1.`, "\ngo_goroutines ", "\nprocess_cpu_seconds_total "} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not there", name)
		}
	}
}

// TestEverySeriesIsThere: the series of every use case and refusal are there before anything happened.
func TestEverySeriesIsThere(t *testing.T) {
	got := series(t, scrape(t, open(t)))
	outcomes := []string{application.Done, application.Panicked, "abandoned"}
	for _, r := range domain.Refusals() {
		outcomes = append(outcomes, string(r))
	}
	count := 0
	for name, v := range got {
		if strings.HasPrefix(name, "porteiro_decisions_total{") {
			count++
			if v != 0 {
				t.Errorf("%s is %v", name, v)
			}
		}
	}
	if want := 12 * len(outcomes); count != want {
		t.Errorf("%d series of decisions, want %d", count, want)
	}
	if _, found := got[`porteiro_decisions_total{operation="refresh",outcome="token_reused"}`]; !found {
		t.Error("reuse has no series")
	}
}

// TestNothingElseIsServed: the listener serves metrics, and profiles only where they are wanted; never the command line,
// which may hold the database's password.
func TestNothingElseIsServed(t *testing.T) {
	m := open(t)
	for _, c := range []struct {
		request       string
		without, with int
	}{
		{"GET /metrics", 200, 200},
		{"POST /metrics", 405, 405},
		{"GET /", 404, 404},
		{"GET /login", 404, 404},
		{"GET /debug/pprof/", 404, 200},
		{"GET /debug/pprof/heap", 404, 200},
		{"GET /debug/pprof/profile?seconds=1", 404, 200},
		{"GET /debug/pprof/cmdline", 404, 404},
		{"POST /debug/pprof/heap", 404, 405},
	} {
		for profiles, want := range map[bool]int{false: c.without, true: c.with} {
			s := m.NewServer(profiles, slog.New(slog.DiscardHandler))
			method, path, _ := strings.Cut(c.request, " ")
			w := httptest.NewRecorder()
			s.Handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != want {
				t.Errorf("%s, profiles %v: %d, want %d", c.request, profiles, w.Code, want)
			}
			if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 {
				t.Errorf("a server without a timeout: %+v", s)
			}
		}
	}
}
