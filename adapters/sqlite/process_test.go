package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/sqlite"
)

// TestMain is also the main of the processes that the tests start: this binary once more, told what to do.
func TestMain(m *testing.M) {
	role, path := os.Getenv("PORTEIRO_TEST_ROLE"), os.Getenv("PORTEIRO_TEST_PATH")
	if role == "" {
		os.Exit(m.Run())
	}
	if err := play(context.Background(), role, path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// play does what a process is started for. Each line that it prints is something that it has done.
func play(ctx context.Context, role, path string) error {
	if role == "migrate" {
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadString('\n')
	}
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path, Timeout: patience})
	if err != nil {
		return err
	}
	defer s.Close()
	switch role {
	case "open":
		return nil
	case "migrate":
		fmt.Println("open")
		done, err := s.Migrate(ctx)
		if err != nil {
			return err
		}
		fmt.Println("applied", len(done))
		return s.Check(ctx)
	case "cycle":
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadString('\n')
		return cycle(ctx, s)
	case "acknowledge":
		return acknowledge(ctx, s, func(n int) { fmt.Println(n) })
	}
	return fmt.Errorf("no role %q", role)
}

type command = exec.Cmd

// process is one that was started, and its ends.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, role, path string, and ...func(*command)) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe") // can be run by every user
	if _, err := os.Stat(cmd.Path); err != nil {
		cmd.Path = os.Args[0]
	}
	cmd.Env = append(os.Environ(), "PORTEIRO_TEST_ROLE="+role, "PORTEIRO_TEST_PATH="+path)
	cmd.Stderr = os.Stderr
	for _, f := range and {
		f(cmd)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{t, cmd, in, bufio.NewScanner(out)}
}

// line waits for the next line, and "" is the end.
func (p *process) line() string {
	p.out.Scan()
	return p.out.Text()
}

func (p *process) expect(want string) {
	p.t.Helper()
	if got := p.line(); got != want {
		p.t.Fatalf("a process said %q, want %q", got, want)
	}
}

// rest returns what else it says until it ends.
func (p *process) rest() []string {
	var lines []string
	for p.out.Scan() {
		lines = append(lines, p.out.Text())
	}
	return lines
}

func (p *process) goOn() {
	p.t.Helper()
	if _, err := io.WriteString(p.in, "go on\n"); err != nil {
		p.t.Fatal(err)
	}
}

// kill is kill -9: nothing of the process runs any more.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns when it has ended, and whether well.
func (p *process) wait() error { return p.cmd.Wait() }

// ended waits for a process that must end well.
func (p *process) ended() {
	p.t.Helper()
	lines := p.rest()
	if err := p.wait(); err != nil {
		p.t.Errorf("a process ended with %v: %s", err, strings.Join(lines, "; "))
	}
}
