// Package e2e_test starts the built binary, as an operator would, and drives it over HTTP and by its command line.
package e2e_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/porteiro/porteiro/tests/openapitest"
)

var (
	binary   string                // built once by TestMain
	document *openapitest.Document // what every answer is held to
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // the binary is the same one whatever the tests are built with
		fmt.Println("not in a short run")
		return
	}
	var err error
	if document, err = openapitest.Load("../../adapters/httpapi/openapi.json"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "porteiro-e2e-")
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

// environ is the environment without what would configure porteiro, and with what is given.
func environ(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PORTEIRO_") {
			env = append(env, e)
		}
	}
	// Others use the processor beside these tests, and logins are not to wait for them.
	return append(append(env, "PORTEIRO_HASH_NICENESS=0"), more...)
}

// porteiro runs a command to its end.
func porteiro(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return command(t, stdin, nil, args...)
}

func command(t *testing.T, stdin string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Env, c.Dir, c.Stdin = environ(env...), t.TempDir(), strings.NewReader(stdin)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// node is a running porteiro serve.
type node struct {
	t       *testing.T
	program string // "" is the binary
	args    []string
	env     []string
	cmd     *exec.Cmd
	url     string
	grpc    string // where it serves gRPC, with --grpc-listen
	stderr  log
}

// log is the file into which a process says what it says: what it said before it answered is there with the answer.
type log string

func (l log) String() string {
	b, err := os.ReadFile(string(l))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// serve starts a node on a port of its own and returns when it listens.
func serve(t *testing.T, databaseURL string, more ...string) *node {
	t.Helper()
	return serveIn(t, nil, append([]string{"--listen", "127.0.0.1:0", "--database-url", databaseURL, "--registration", "open"}, more...)...)
}

// serveIn starts a node in an environment, and returns when it listens.
func serveIn(t *testing.T, env []string, args ...string) *node {
	t.Helper()
	n := &node{t: t, env: env, args: append([]string{"serve", "--drain-delay", "0s"}, args...)}
	t.Cleanup(func() { n.kill() })
	n.start()
	return n
}

func (n *node) start() {
	n.t.Helper()
	n.cmd = exec.Command(cmp.Or(n.program, binary), n.args...)
	n.cmd.Env, n.cmd.Dir, n.stderr = environ(n.env...), n.t.TempDir(), log(filepath.Join(n.t.TempDir(), "log"))
	stderr, err := os.Create(string(n.stderr))
	if err != nil {
		n.t.Fatal(err)
	}
	defer stderr.Close()
	n.cmd.Stderr = stderr
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	said := bufio.NewReader(out)
	line, _ := said.ReadString('\n')
	_, url, found := strings.Cut(strings.TrimSpace(line), "porteiro listens on ")
	if !found {
		n.cmd.Wait()
		n.t.Fatalf("it says %q and %s", line, n.stderr)
	}
	n.url = url
	if slices.Contains(n.args, "--grpc-listen") {
		line, _ := said.ReadString('\n')
		if n.grpc, found = strings.CutPrefix(strings.TrimSpace(line), "porteiro listens for gRPC on "); !found {
			n.t.Fatalf("it says %q and %s", line, n.stderr)
		}
	}
}

// stop ends the node as an operator does, and fails the test if it does not end well.
func (n *node) stop() {
	n.t.Helper()
	n.cmd.Process.Signal(syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		n.t.Fatalf("after SIGTERM: %v: %s", err, n.stderr)
	}
}

func (n *node) kill() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	member map[string]any
}

// ask sends a request; a body is JSON, a token goes into the Authorization header.
func (n *node) ask(method, path, token, body string) answer {
	n.t.Helper()
	a, err := n.try(method, path, token, body)
	if err != nil {
		n.t.Fatalf("%s %s: %v: %s", method, path, err, n.stderr)
	}
	return a
}

// described is the path as openapi.json has it: a test that asks below a host's root names the base path, /auth, itself.
func described(path string) string {
	if below, found := strings.CutPrefix(path, "/auth/"); found {
		path = "/" + below
	}
	return strings.TrimSuffix(path, "/auth")
}

func (n *node) try(method, path, token, body string) (answer, error) {
	r, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header, body: string(b)}
	json.Unmarshal(b, &a.member)
	asked, _, _ := strings.Cut(path, "?")
	if fault := document.Check(method, described(asked), a.status, a.header, b); err == nil && fault != nil {
		n.t.Errorf("%s %s: %d is not as openapi.json has it: %v", method, asked, a.status, fault)
	}
	return a, err
}

func (a answer) text(member string) string {
	s, _ := a.member[member].(string)
	return s
}

// expect holds an answer to a status and a member.
func (n *node) expect(what string, a answer, status int, member, value string) {
	n.t.Helper()
	if a.status != status || a.text(member) != value {
		n.t.Errorf("%s: %d %s; want %d with %s %q", what, a.status, a.body, status, member, value)
	}
}
