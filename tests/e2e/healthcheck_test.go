package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// freePort is one that nobody listens on at the moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// One environment serves both, the way an image has it: whatever serve listens on, the check asks.
func TestHealthcheckFindsItsNode(t *testing.T) {
	i := valid(t, "one.example")
	for name, env := range map[string]func(port string) []string{
		"this machine":  func(port string) []string { return []string{"PORTEIRO_LISTEN=127.0.0.1:" + port} },
		"every address": func(port string) []string { return []string{"PORTEIRO_LISTEN=0.0.0.0:" + port} },
		"no host":       func(port string) []string { return []string{"PORTEIRO_LISTEN=:" + port} },
		"IPv6 too":      func(port string) []string { return []string{"PORTEIRO_LISTEN=[::]:" + port} },
		"TLS below a base path, with a proxy for everything else": func(port string) []string {
			return []string{
				"PORTEIRO_LISTEN=0.0.0.0:" + port, "PORTEIRO_BASE_PATH=/auth", "PORTEIRO_TLS_CERT_FILE=" + i.cert,
				"PORTEIRO_TLS_KEY_FILE=" + i.key, "HTTP_PROXY=http://192.0.2.1:1", "HTTPS_PROXY=http://192.0.2.1:1",
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			settings := env(freePort(t))
			if _, stderr, code := command(t, "", settings, "healthcheck"); code != 1 || !strings.Contains(stderr, "no answer") {
				t.Errorf("before there is a node: %d %s", code, stderr)
			}
			n := serveIn(t, append(settings, "PORTEIRO_LIVE=true"), "--database-url", "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
			for args, path := range map[string]string{"healthcheck": "/readyz", "healthcheck --live": "/healthz"} {
				stdout, stderr, code := command(t, "", settings, strings.Fields(args)...)
				if code != 0 || !strings.HasSuffix(stdout, path+" answers 200\n") {
					t.Errorf("%s: %d %s%s", args, code, stdout, stderr)
				}
			}
			if stdout, stderr, code := command(t, "", append(settings, "PORTEIRO_LIVE=true"), "healthcheck"); code != 0 || !strings.Contains(stdout, "/healthz answers") {
				t.Errorf("alive by the environment: %d %s%s", code, stdout, stderr)
			}
			n.stop()
		})
	}
}

// Whatever is not 200 is not well: a node that drains or has lost its database, and what is no node at all.
func TestHealthcheckTellsWhatIsNotWell(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) }))
	defer elsewhere.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"503":        func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"404":        func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(answer)
			defer s.Close()
			_, stderr, code := porteiro(t, "", "healthcheck", "--listen", strings.TrimPrefix(s.URL, "http://"))
			if code != 1 || !strings.Contains(stderr, "/readyz answers") {
				t.Errorf("%d %s", code, stderr)
			}
		})
	}
}

func TestHealthcheckRefused(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"--listen localhost", "HOST:PORT"},
		{"--listen 127.0.0.1:0", "serve chooses"},
		{"--base-path auth", "--base-path"},
		{"--tls-cert-file x.pem", "--tls-key-file"},
		{"now", "porteiro healthcheck"},
	} {
		_, stderr, code := porteiro(t, "", append([]string{"healthcheck"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: %d %s; want 2 and %q", c.args, code, stderr, c.says)
		}
	}
}
