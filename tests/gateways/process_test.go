//go:build unix

package gateways_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds waiting for what takes a few milliseconds on a machine that has nothing else to do.
const patience = 90 * time.Second

// leash runs a command beside a shell that ends it when its own standard input is closed: with the test, in whatever way
// that ends.
const leash = `"$@" & pid=$!
cat >/dev/null
kill -TERM $pid; wait $pid`

// process is a program that runs.
type process struct {
	t     *testing.T
	log   string // the file into which it says what it says
	leash io.Closer
	ended chan struct{}
}

// run starts a program in a folder, and ends it with the test.
func run(t *testing.T, folder string, env []string, command ...string) *process {
	t.Helper()
	p := &process{t: t, log: filepath.Join(folder, "said"), ended: make(chan struct{})}
	said, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	c := exec.Command("sh", append([]string{"-c", leash, "sh"}, command...)...)
	c.Dir, c.Stdout, c.Stderr, c.SysProcAttr = folder, said, said, &syscall.SysProcAttr{Setpgid: true}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PORTEIRO_") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, env...)
	if p.leash, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.Wait(); close(p.ended) }()
	t.Cleanup(p.stop)
	return p
}

// stop ends it. Twice is once.
func (p *process) stop() {
	p.leash.Close()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Errorf("it does not end: %s", p.said())
	}
}

func (p *process) said() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// listens returns when somebody takes connections there.
func (p *process) listens(address string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		select {
		case <-p.ended:
			p.t.Fatalf("it has ended: %s", p.said())
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("nobody listens on %s: %s", address, p.said())
		}
	}
}

// freeAddress is one on which nobody listens at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
