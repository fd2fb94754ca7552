package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/tests/postgrestest"
)

// monitored starts a node with metrics and returns where they are.
func monitored(t *testing.T, databaseURL string, more ...string) (n *node, at string) {
	t.Helper()
	n = serve(t, databaseURL, append([]string{"--metrics-listen", "127.0.0.1:0"}, more...)...)
	found := regexp.MustCompile(`url=(http://[^ ]+)/metrics`).FindStringSubmatch(n.stderr.String())
	if found == nil {
		t.Fatalf("it does not say where metrics are: %s", n.stderr)
	}
	return n, found[1]
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(b)
}

// scraped is the series at a time: the value of each.
func scraped(t *testing.T, at string) map[string]float64 {
	t.Helper()
	status, body := get(t, at+"/metrics")
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	values := map[string]float64{}
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndexByte(line, '}'); i >= 0 {
			name, value = line[:i+1], strings.TrimSpace(line[i+1:])
		}
		if !strings.HasPrefix(line, "#") {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			values[name] = v
		}
	}
	return values
}

func TestMetricsSQLite(t *testing.T) {
	counted(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "writer")
}

func TestMetricsPostgres(t *testing.T) { counted(t, postgrestest.URL(t), "postgres") }

// counted does a known number of everything and compares every series that this moves.
func counted(t *testing.T, databaseURL, pool string) {
	n, at := monitored(t, databaseURL, "--login-limit", "6/1h")
	n.ask("POST", "/register", "", credentials)
	n.ask("POST", "/register", "", credentials)
	access, refresh := n.login()
	for range 2 {
		n.login()
	}
	for range 7 { // a limit of 6 has room for 6 wrong ones
		n.ask("POST", "/login", "", `{"email":"ana@example.com","password":"x"}`)
	}
	n.ask("POST", "/login", "", `{"email":"nobody@example.com","password":"x"}`)
	n.ask("POST", "/login", "", `{"password":`) // no decision of the core
	for range 4 {
		n.passes("authorize", access)
	}
	n.ask("GET", "/authorize?role=admin", access, "")
	n.ask("GET", "/authorize", "a.b.c", "")
	n.ask("GET", "/sessions", access, "")
	second := n.ask("POST", "/refresh", refresh, "").text("refresh_token")
	n.ask("POST", "/refresh", second, "")
	n.expect("a token of the one before", n.ask("POST", "/refresh", refresh, ""), 401, "code", "token_reused")
	n.refuses("its session", access)
	n.ask("POST", "/logout", access, "")
	want := map[string]float64{
		"register ok": 1, "register email_taken": 1,
		"login ok": 3, "login invalid_credentials": 7, "login too_many_attempts": 1,
		"authorize ok": 4, "authorize insufficient_role": 1, "authorize token_invalid": 1, "authorize token_revoked": 1,
		"session_list ok": 1, "refresh ok": 2, "refresh token_reused": 1, "logout ok": 1,
	}
	got := scraped(t, at)
	decision := regexp.MustCompile(`^porteiro_decisions_total\{operation="(\w+)",outcome="(\w+)"\}$`)
	for name, v := range got {
		if m := decision.FindStringSubmatch(name); m != nil && v != want[m[1]+" "+m[2]] {
			t.Errorf("%s is %v, want %v", name, v, want[m[1]+" "+m[2]])
		}
	}
	for name, v := range map[string]float64{
		`porteiro_decisions_total{operation="refresh",outcome="token_reused"}`: 1,
		`porteiro_decision_duration_seconds_count{operation="login"}`:          11,
		`porteiro_decision_duration_seconds_count{operation="authorize"}`:      7,
		`porteiro_hashing_duration_seconds_count{work="verify"}`:               10,
		`porteiro_hashing_duration_seconds_count{work="hash"}`:                 2,
		`porteiro_hashing_refused_total`:                                       0,
		`porteiro_standings_batch_sessions_sum`:                                7, // not that of a token that does not hold
		`porteiro_signing_keys{purpose="access",state="signing"}`:              1,
		`porteiro_signing_keys{purpose="refresh",state="signing"}`:             1,
		`porteiro_database_waits_total{pool="` + pool + `"}`:                   0,
	} {
		if g, found := got[name]; !found || g != v {
			t.Errorf("%s is %v (there: %v), want %v", name, g, found, v)
		}
	}
	for _, name := range []string{
		`porteiro_database_connections_limit{pool="` + pool + `"}`, `porteiro_signing_keys_looked_at_timestamp_seconds`,
		`porteiro_signing_key_active_timestamp_seconds{purpose="access"}`, `porteiro_attempts_count_duration_seconds_count`, "go_goroutines", "process_start_time_seconds",
	} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	_, text := get(t, at+"/metrics")
	for _, no := range []string{"ana@", "nobody", "example", "127.0.0.1", "@", access, refresh, "/login", "/authorize"} {
		if strings.Contains(text, no) {
			t.Errorf("a series shows %q", no)
		}
	}
	n.stop()
}

// TestMetricsUnderLoad: as many series after a crowd as before, whoever came, and each request counted.
func TestMetricsUnderLoad(t *testing.T) {
	n, at := monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--address-limit", "off", "--hash-slots", "1", "--hash-queue", "2")
	before := scraped(t, at)
	var crowd sync.WaitGroup
	var busy sync.Map
	const people = 24
	for i := range people {
		crowd.Go(func() {
			a, err := n.try("POST", "/login", "", fmt.Sprintf(`{"email":"user%d@example.com","password":"x"}`, i))
			if err != nil {
				t.Error(err)
			}
			if a.status == 503 {
				busy.Store(i, true)
			}
		})
	}
	crowd.Wait()
	refused := 0
	busy.Range(func(any, any) bool { refused++; return true })
	after := scraped(t, at)
	if len(after) != len(before) {
		t.Errorf("%d series before, %d after", len(before), len(after))
	}
	unavailable := after[`porteiro_decisions_total{operation="login",outcome="unavailable"}`]
	if float64(refused) != unavailable || refused == 0 || after["porteiro_hashing_refused_total"] != unavailable {
		t.Errorf("%d were told to come back; %v are counted, %v by the hasher", refused, unavailable, after["porteiro_hashing_refused_total"])
	}
	if wrong := after[`porteiro_decisions_total{operation="login",outcome="invalid_credentials"}`]; wrong+unavailable != people {
		t.Errorf("%v and %v of %d are counted", wrong, unavailable, people)
	}
}

// TestMetricsListener: metrics are on a listener of their own, with nothing else on it, and only where they are wanted.
func TestMetricsListener(t *testing.T) {
	n, at := monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
	for url, want := range map[string]int{
		at + "/metrics": 200, at + "/login": 404, at + "/healthz": 404, at + "/debug/pprof/": 404, at + "/": 404,
		n.url + "/metrics": 404, n.url + "/debug/pprof/": 404,
	} {
		if status, _ := get(t, url); status != want {
			t.Errorf("%s: %d, want %d", url, status, want)
		}
	}
	n.stop()
	_, profiled := monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), "--pprof")
	if status, body := get(t, profiled+"/debug/pprof/goroutine?debug=1"); status != 200 || !strings.Contains(body, "goroutine profile") {
		t.Errorf("a profile: %d %.100s", status, body)
	}
	if status, _ := get(t, profiled+"/debug/pprof/cmdline"); status != 404 {
		t.Errorf("the command line, which may hold a password: %d", status)
	}
	plain := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
	if strings.Contains(plain.stderr.String(), "metrics") {
		t.Errorf("nobody asked for metrics: %s", plain.stderr)
	}
}

func TestMetricsSettings(t *testing.T) {
	taken, at := monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
	_ = taken
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--pprof"}, 2, "--pprof is given without --metrics-listen"},
		{[]string{"--metrics-listen", "9464"}, 2, "--metrics-listen is HOST:PORT"},
		{[]string{"--metrics-listen", strings.TrimPrefix(at, "http://")}, 1, "choose another --metrics-listen"},
	} {
		_, errs, code := porteiro(t, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit %d: %s", c.args, code, errs)
		}
	}
}
