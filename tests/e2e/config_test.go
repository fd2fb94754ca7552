package e2e_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// T101: what is weak, unknown or contradictory is refused in one line that says what to do, before anything is made.
func TestConfigurationRefused(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, other, old, early := valid(t, "one.example"), valid(t, "other.example"), valid(t, "old.example"), valid(t, "early.example")
	old.write(t, "old.example", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	early.write(t, "early.example", time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))
	for _, c := range []struct {
		name, args string
		env        string
		code       int
		says       string
	}{
		{"an argument", "now", "", 2, "porteiro serve"},
		{"listen without port", "--listen localhost", "", 2, "HOST:PORT"},
		{"listen on a URL", "--listen http://localhost:8080", "", 2, "HOST:PORT"},
		{"a port that is none", "--listen 127.0.0.1:99999", "", 2, "HOST:PORT"},
		{"an address of another machine", "--listen 192.0.2.1:8080", "", 1, "--listen 192.0.2.1:8080"},
		{"base path without a slash", "--base-path auth", "", 2, "--base-path"},
		{"metrics where the API is", "--listen 127.0.0.1:18080 --metrics-listen 127.0.0.1:18080", "", 2, "--listen (127.0.0.1:18080) and --metrics-listen"},
		{"metrics within every address", "--listen :18080 --metrics-listen 127.0.0.1:18080", "", 2, "--metrics-listen (127.0.0.1:18080)"},
		{"gRPC where the API is", "--listen 127.0.0.1:18080 --grpc-listen 127.0.0.1:18080", "", 2, "--listen (127.0.0.1:18080) and --grpc-listen"},
		{"gRPC on every address", "--listen 127.0.0.1:18080 --grpc-listen 0.0.0.0:18080", "", 2, "--grpc-listen (0.0.0.0:18080)"},
		{"gRPC where the metrics are", "--metrics-listen [::1]:18080 --grpc-listen [::1]:18080", "", 2, "--metrics-listen ([::1]:18080) and --grpc-listen"},
		{"client in two words", "--client-id a,b", "", 2, "--client-id"},
		{"no pool", "--database-pool 0", "", 2, "--database-pool"},
		{"negative pool", "--database-pool -1", "", 2, "--database-pool"},
		{"no database", "--database-url=", "", 2, "sqlite:PATH"},
		{"sqlite without a path", "--database-url sqlite:", "", 2, "names no file"},
		{"file of the URL missing", "--database-url-file /nonexistent", "", 1, "--database-url-file"},
		{"file of the URL empty", "--database-url-file " + file("empty", "\n"), "", 2, "sqlite:PATH"},
		{"URL and file", "--database-url-file " + file("url", "sqlite:x.db"), "PORTEIRO_DATABASE_URL=sqlite:y.db", 2, "leave one out"},
		{"unreadable URL", "--database-url postgres://u:se/same@h/x", "", 1, "%40"},
		{"registration", "--registration yes", "", 2, "open or closed"},
		{"no issuer", "--issuer=", "", 2, "--issuer"},
		{"issuer of two words", "--issuer two\u2003words", "", 2, "--issuer"},
		{"issuer with a query", "--issuer https://id.example/?x=1", "", 2, "--issuer"},
		{"issuer with a password", "--issuer https://u:p@id.example", "", 2, "--issuer"},
		{"issuer without a host", "--issuer https://", "", 2, "--issuer"},
		{"no audience", "--audience=", "", 2, "--audience"},
		{"audience twice", "--audience shop,shop", "", 2, "--audience"},
		{"empty audience", "--audience shop,,bank", "", 2, "--audience"},
		{"no client", "--client-id=", "", 2, "--client-id"},
		{"access token too short", "--access-ttl 10ms", "", 2, "--access-ttl"},
		{"negative session", "--session-ttl -1h", "", 2, "--session-ttl"},
		{"session shorter than a token", "--session-ttl 10m", "", 2, "--session-ttl"},
		{"idle shorter than a token", "--idle-ttl 10m", "", 2, "--idle-ttl"},
		{"negative retry", "--refresh-retry -1s", "", 2, "--refresh-retry"},
		{"long retry", "--refresh-retry 1h", "", 2, "--refresh-retry is at most 1m0s"},
		{"negative leeway", "--leeway -1s", "", 2, "--leeway"},
		{"long leeway", "--leeway 1h", "", 2, "set the clocks right"},
		{"no time for a request", "--request-timeout 0s", "", 2, "--request-timeout"},
		{"much time for a request", "--request-timeout 1m", "", 2, "--request-timeout is at most 25s"},
		{"negative drain", "--drain-delay -1s", "", 2, "--drain-delay"},
		{"no retention", "--retention 0s", "", 2, "--retention"},
		{"retention shorter than the leeway", "--retention 10s", "", 2, "--leeway"},
		{"a duration without a unit", "--access-ttl 15", "", 2, "--access-ttl"},
		{"limit without time", "--login-limit 10", "", 2, "10/1m, or off"},
		{"limit of nothing", "--address-limit 0/1m", "", 2, "10/1m, or off"},
		{"limit that is none", "--register-limit 1000000/1s", "", 2, "say off"},
		{"limit from the environment", "", "PORTEIRO_LOGIN_LIMIT=many", 2, "PORTEIRO_LOGIN_LIMIT"},
		{"an algorithm of nobody", "--algorithm none", "", 2, "EdDSA"},
		{"rotation before the key is known", "--key-rotation 1m", "", 2, "--jwks-max-age"},
		{"an old key-encryption key alone", "--old-key-encryption-key-file " + file("kek", "x"), "", 2, "--key-encryption-key-file"},
		{"a weak key-encryption key", "--key-encryption-key-file " + file("weak", "changeme"), "", 1, "--key-encryption-key-file"},
		{"log format", "--log-format xml", "", 2, "text or json"},
		{"log level", "--log-level trace", "", 2, "debug, info or warn"},
		{"variable that is none", "", "PORTEIRO_SECRET_KEY=sesame", 2, "PORTEIRO_SECRET_KEY"},
		{"switch from the environment", "", "PORTEIRO_NO_MIGRATE=maybe", 2, "PORTEIRO_NO_MIGRATE"},
		{"certificate without key", "--tls-cert-file " + good.cert, "", 2, "together"},
		{"key without certificate", "--tls-key-file " + good.key, "", 2, "together"},
		{"certificate missing", "--tls-cert-file /nonexistent --tls-key-file " + good.key, "", 1, "--tls-cert-file"},
		{"key missing", "--tls-cert-file " + good.cert + " --tls-key-file /nonexistent", "", 1, "--tls-key-file"},
		{"another certificate's key", "--tls-cert-file " + good.cert + " --tls-key-file " + other.key, "", 1, "no certificate and its key"},
		{"files the wrong way round", "--tls-cert-file " + good.key + " --tls-key-file " + good.cert, "", 1, "no certificate and its key"},
		{"no certificate at all", "--tls-cert-file " + file("text", "hello") + " --tls-key-file " + good.key, "", 1, "no certificate and its key"},
		{"expired certificate", "--tls-cert-file " + old.cert + " --tls-key-file " + old.key, "", 1, "expired on"},
		{"certificate of tomorrow", "--tls-cert-file " + early.cert + " --tls-key-file " + early.key, "", 1, "this machine's clock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args, database := []string{"serve"}, filepath.Join(t.TempDir(), "porteiro.db")
			if !strings.Contains(c.args+c.env, "database-url") {
				args = append(args, "--database-url", "sqlite:"+database)
			}
			if c.args != "" {
				args = append(args, strings.Split(c.args, " ")...)
			}
			var env []string
			if c.env != "" {
				env = []string{c.env}
			}
			out, errs, code := command(t, "", env, args...)
			if code != c.code || out != "" || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d: %q %q; want %d and %q", code, out, errs, c.code, c.says)
			}
			last := errs[strings.LastIndexByte(strings.TrimSuffix(errs, "\n"), '\n')+1:]
			if !strings.HasPrefix(last, "porteiro: ") || strings.Contains(errs, "goroutine") || strings.Contains(errs, "sesame") || strings.Contains(errs, "se/same") {
				t.Errorf("it says %q", errs)
			}
			if c.code == 2 && strings.Count(errs, "\n") != 1 {
				t.Errorf("it says more than one line: %q", errs)
			}
			if _, err := os.Stat(database); c.name != "an address of another machine" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the database was made all the same: %v", err) // whose address it is shows only when it is bound
			}
		})
	}
}

// What can be meant, but should not, is served and warned of.
func TestConfigurationWarnedOf(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"plain-HTTP issuer": {[]string{"--issuer", "http://id.example"}, "plain-HTTP"},
		"no login limit":    {[]string{"--login-limit", "off"}, "--login-limit"},
		"nothing":           {[]string{"--issuer", "https://id.example"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), c.args...)
			log, want := n.stderr.String(), 1
			if c.says == "" {
				want = 0
			}
			if strings.Count(log, "level=WARN") != want || !strings.Contains(log, c.says) {
				t.Errorf("it says %s", log)
			}
		})
	}
	_, errs, code := porteiro(t, "", "serve", "--database-url", "postgresql://u:sesame@porteiro.invalid/x?sslmode=disable")
	if code != 1 || strings.Count(errs, "unencrypted") != 1 || strings.Contains(errs, "sesame") {
		t.Errorf("exit %d: it says %s", code, errs)
	}
}

// T102: nothing but the API listens, and it does not say what it is.
func TestNothingElseListens(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
	for _, path := range []string{
		"/", "/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/docs", "/swagger", "/swagger-ui/", "/openapi.yaml", "/version",
		"/status", "/env", "/.git/config", "/admin",
	} {
		n.expect(path, n.ask("GET", path, "", ""), 404, "code", "not_found")
	}
	for _, path := range []string{"/healthz", "/protected", "/nothing"} {
		for name, values := range n.ask("GET", path, "", "").header {
			switch http.CanonicalHeaderKey(name) {
			case "Server", "Via", "X-Powered-By", "X-Version":
				t.Errorf("%s answers %s: %v", path, name, values)
			}
			if strings.Contains(strings.ToLower(strings.Join(values, " ")), "go1.") {
				t.Errorf("%s answers %s: %v", path, name, values)
			}
		}
	}
}
