//go:build unix

// Package gateways_test puts real gateways, with the configurations of deploy, between a client and an application, and
// the built porteiro beside them.
package gateways_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var binary string // porteiro, built once by TestMain

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // the binary is the same one whatever the tests are built with
		fmt.Println("not in a short run")
		return
	}
	dir, err := os.MkdirTemp("", "porteiro-gateways-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "porteiro")
	build := exec.Command("go", "build", "-o", binary, "github.com/porteiro/porteiro/cmd/porteiro")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// gateway is one of the programs that deploy has a configuration for.
type gateway struct {
	name string
	// write puts the configuration into a folder, for these addresses, and returns what is run there and with what.
	write func(t *testing.T, folder string, a addresses) (command, env []string)
	// others tells whether it removes identity headers that porteiro does not know, too.
	others bool
}

// addresses are host and port of all who take part. A gateway with a certificate (a file that holds its key, too) speaks
// TLS there.
type addresses struct{ gateway, porteiro, app, certificate string }

func gateways() []gateway {
	return []gateway{
		{name: "nginx", write: writeNginx},
		{name: "caddy", write: writeCaddy, others: true},
		{name: "haproxy", write: writeHAProxy, others: true},
	}
}

// each runs a test for every gateway. One that is not installed is skipped, or fails the test where it is required.
func each(t *testing.T, test func(*testing.T, gateway)) {
	for _, g := range gateways() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(g.name); err != nil {
				says := "no " + g.name + ": apt-get install --no-install-recommends nginx caddy haproxy"
				if os.Getenv("PORTEIRO_REQUIRE_GATEWAYS") == "1" {
					t.Fatal(says)
				}
				t.Skip(says)
			}
			test(t, g)
		})
	}
}

// start returns the address of a gateway that listens, until the test ends.
func (g gateway) start(t *testing.T, porteiro, app string) string {
	t.Helper()
	return g.listen(t, porteiro, app, "")
}

func (g gateway) listen(t *testing.T, porteiro, app, certificate string) string {
	t.Helper()
	folder, a := t.TempDir(), addresses{freeAddress(t), porteiro, app, certificate}
	command, env := g.write(t, folder, a)
	run(t, folder, env, command...).listens(a.gateway)
	return a.gateway
}

// writeNginx puts the two files where an operator does: below a configuration of the machine's own.
func writeNginx(t *testing.T, folder string, a addresses) (command, env []string) {
	user := "" // that of this process; nginx has another one only when it is root
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	write(t, folder, "nginx.conf", fmt.Sprintf(`%[2]s daemon off; pid %[1]s/pid; error_log stderr; worker_processes 1;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	include porteiro.conf;
}
`, folder, user))
	write(t, folder, "porteiro-ask.conf", deployed(t, "nginx/porteiro-ask.conf"))
	listen := "listen " + a.gateway + ";"
	if a.certificate != "" {
		listen = fmt.Sprintf("listen %[1]s ssl http2; ssl_certificate %[2]s; ssl_certificate_key %[2]s;", a.gateway, a.certificate)
	}
	write(t, folder, "porteiro.conf", changed(t, "nginx/porteiro.conf",
		"server 127.0.0.1:8080;", "server "+a.porteiro+";", "server 127.0.0.1:3000;", "server "+a.app+";", "listen 127.0.0.1:8000;", listen))
	return []string{"nginx", "-e", "stderr", "-p", folder, "-c", filepath.Join(folder, "nginx.conf")}, nil
}

func writeCaddy(t *testing.T, folder string, a addresses) (command, env []string) {
	conf, site := deployed(t, "caddy/Caddyfile"), "http://"+a.gateway
	if a.certificate != "" { // Caddy gets one by itself, but not here
		_, port, _ := strings.Cut(a.gateway, ":")
		site = "https://" + host + ":" + port
		conf = changed(t, "caddy/Caddyfile", "{$GATEWAY:http://127.0.0.1:8000} {\n", "{$GATEWAY} {\n\ttls "+a.certificate+" "+a.certificate+"\n",
			"\tadmin ", "\tauto_https disable_redirects\n\tadmin ")
	}
	write(t, folder, "Caddyfile", conf)
	return []string{"caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"}, []string{
		"GATEWAY=" + site, "PORTEIRO=" + a.porteiro, "APP=" + a.app, "CADDY_ADMIN=off",
		"XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder,
	}
}

func writeHAProxy(t *testing.T, folder string, a addresses) (command, env []string) {
	conf := deployed(t, "haproxy/haproxy.cfg")
	if a.certificate != "" {
		conf = changed(t, "haproxy/haproxy.cfg", `bind "${GATEWAY}"`, `bind "${GATEWAY}" ssl crt `+a.certificate+` alpn h2,http/1.1`)
	}
	write(t, folder, "haproxy.cfg", conf)
	write(t, folder, "porteiro.lua", deployed(t, "haproxy/porteiro.lua"))
	return []string{"haproxy", "-db", "-f", "haproxy.cfg"}, []string{
		"GATEWAY=" + a.gateway, "PORTEIRO=" + a.porteiro, "APP=" + a.app,
	}
}

// changed is a file of deploy with what an operator changes there: what is written, and what takes its place, in turns.
func changed(t *testing.T, name string, pairs ...string) string {
	t.Helper()
	conf := deployed(t, name)
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(conf, pairs[i]) != 1 {
			t.Fatalf("%s does not have %q once", name, pairs[i])
		}
		conf = strings.Replace(conf, pairs[i], pairs[i+1], 1)
	}
	return conf
}

func deployed(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
