//go:build unix

// Package image_test builds the image of deploy around the built porteiro, and starts it alone and with PostgreSQL.
package image_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds waiting: a machine that is busy with other tests takes a minute for what else takes a second.
const patience = 2 * time.Minute

var image string // porteiro's, built once by TestMain; "" without a Docker engine

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // the image is the same one whatever the tests are built with
		fmt.Println("not in a short run")
		return
	}
	code, err := 1, error(nil)
	if exec.Command("docker", "version").Run() == nil {
		image = fmt.Sprintf("porteiro-test:%d", os.Getpid())
		err = build(image)
	}
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	if image != "" {
		exec.Command("docker", "rmi", "-f", image).Run()
	}
	os.Exit(code)
}

// build wraps the binary as deploy/image.md says, in a folder that is no repository: no registry is asked.
func build(tag string) error {
	dir, err := os.MkdirTemp("", "porteiro-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dist := filepath.Join(dir, "dist")
	err = errors.Join(os.MkdirAll(filepath.Join(dist, "data"), 0o755), copyFile(certificates(), filepath.Join(dist, "ca-certificates.crt")))
	if err != nil {
		return err
	}
	dockerfile, err := filepath.Abs("../../deploy/Dockerfile")
	if err != nil {
		return err
	}
	flags, err := linkerFlags(dockerfile)
	if err != nil {
		return err
	}
	compile := exec.Command("go", "build", "-trimpath", flags, "-o", filepath.Join(dist, "porteiro"), "github.com/porteiro/porteiro/cmd/porteiro")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	wrap := exec.Command("docker", "build", "-q", "-f", dockerfile, "--target", "prebuilt", "-t", tag, dir)
	wrap.Env = append(os.Environ(), "DOCKER_BUILDKIT=0") // the one builder that every engine has
	for _, c := range []*exec.Cmd{compile, wrap} {
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", c.Args, err, out)
		}
	}
	return nil
}

// stamped is the version that the image is built with.
const stamped = "v1.2.3-image"

// linkerFlags are those of the Dockerfile, which its own stage would build with.
func linkerFlags(dockerfile string) (string, error) {
	content, err := os.ReadFile(dockerfile)
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut(string(content), `-ldflags="`)
	flags, _, ends := strings.Cut(rest, `"`)
	if !found || !ends {
		return "", fmt.Errorf("%s has no -ldflags", dockerfile)
	}
	return "-ldflags=" + strings.ReplaceAll(flags, "$VERSION", stamped), nil
}

// certificates is the bundle of this machine.
func certificates() string {
	return cmp.Or(os.Getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt")
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}

// lacks skips a test, or fails it where it is required.
func lacks(t *testing.T, says string) {
	t.Helper()
	if os.Getenv("PORTEIRO_REQUIRE_DOCKER") == "1" {
		t.Fatal(says)
	}
	t.Skip(says)
}

func needsImage(t *testing.T) {
	t.Helper()
	if image == "" {
		lacks(t, "no Docker engine: install docker.io and start it")
	}
}

// run runs a command to its end and returns what it says.
func run(t *testing.T, env []string, command ...string) string {
	t.Helper()
	out, err := try(env, command...)
	if err != nil {
		t.Fatalf("%v: %v: %s", command, err, out)
	}
	return out
}

func try(env []string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// afterwards runs a command when the test has ended, in whatever way: its shell waits for the end of a pipe that this
// process alone holds.
func afterwards(t *testing.T, env []string, command ...string) {
	t.Helper()
	c := exec.Command("sh", append([]string{"-c", `cat >/dev/null; "$@"`, "sh"}, command...)...)
	c.Env, c.SysProcAttr = append(os.Environ(), env...), &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	end, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %v: %s", command, err, &said)
		}
	})
}

// eventually returns when what holds, and fails the test if it never does.
func eventually(t *testing.T, what string, holds func() (bool, string)) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		held, seen := holds()
		if held {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %s", what, seen)
		}
	}
}

// becomes returns when a container has a state of health.
func becomes(t *testing.T, container, health string) {
	t.Helper()
	eventually(t, container+" becomes "+health, func() (bool, string) {
		said, err := try(nil, "docker", "inspect", "-f", "{{.State.Health.Status}}", container)
		return err == nil && said == health, said
	})
}

// ask sends a request and returns the status and the members of the answer.
func ask(t *testing.T, method, url, token, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]any{}
	json.Unmarshal(b, &members)
	return response.StatusCode, members
}

// story registers, signs in and asks who that is. It returns the access token.
func story(t *testing.T, url string) string {
	t.Helper()
	const credentials = `{"email":"ana@example.com","password":"correct horse battery"}`
	if status, said := ask(t, "POST", url+"/register", "", credentials); status != 201 {
		t.Fatalf("register: %d %v", status, said)
	}
	status, said := ask(t, "POST", url+"/login", "", credentials)
	token, _ := said["access_token"].(string)
	if status != 200 || token == "" {
		t.Fatalf("login: %d %v", status, said)
	}
	passes(t, url, token)
	return token
}

func passes(t *testing.T, url, token string) {
	t.Helper()
	if status, said := ask(t, "GET", url+"/authorize", token, ""); status != 200 || said["email"] != "ana@example.com" {
		t.Errorf("authorize: %d %v", status, said)
	}
}

// freePort is one on which nobody listens at the moment.
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
