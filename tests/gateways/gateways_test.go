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

// addresses are host and port of all who take part.
type addresses struct{ gateway, porteiro, app string }

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
	folder, a := t.TempDir(), addresses{freeAddress(t), porteiro, app}
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
	conf := deployed(t, "nginx/porteiro.conf")
	for written, here := range map[string]string{
		"server 127.0.0.1:8080;": "server " + a.porteiro + ";", "server 127.0.0.1:3000;": "server " + a.app + ";",
		"listen 127.0.0.1:8000;": "listen " + a.gateway + ";",
	} {
		if strings.Count(conf, written) != 1 {
			t.Fatalf("nginx/porteiro.conf does not have %q once", written)
		}
		conf = strings.Replace(conf, written, here, 1)
	}
	write(t, folder, "porteiro.conf", conf)
	return []string{"nginx", "-e", "stderr", "-p", folder, "-c", filepath.Join(folder, "nginx.conf")}, nil
}

func writeCaddy(t *testing.T, folder string, a addresses) (command, env []string) {
	write(t, folder, "Caddyfile", deployed(t, "caddy/Caddyfile"))
	return []string{"caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"}, []string{
		"GATEWAY=http://" + a.gateway, "PORTEIRO=" + a.porteiro, "APP=" + a.app, "CADDY_ADMIN=off",
		"XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder,
	}
}

func writeHAProxy(t *testing.T, folder string, a addresses) (command, env []string) {
	write(t, folder, "haproxy.cfg", deployed(t, "haproxy/haproxy.cfg"))
	write(t, folder, "porteiro.lua", deployed(t, "haproxy/porteiro.lua"))
	return []string{"haproxy", "-db", "-f", "haproxy.cfg"}, []string{
		"GATEWAY=" + a.gateway, "PORTEIRO=" + a.porteiro, "APP=" + a.app,
	}
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
