package bench_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// node is a server under load, in a process of its own.
type node struct {
	name string
	url  string
	pid  int
	said *bytes.Buffer
}

// porteiro starts the built binary on the database.
func porteiro(t *testing.T, name, database string, more ...string) *node {
	t.Helper()
	args := append([]string{
		"serve", "--listen", "127.0.0.1:0", "--database-url", database, "--drain-delay", "0s", "--address-limit", "off",
	}, more...)
	return start(t, name, exec.Command(binary, args...))
}

// other starts the build that this one is compared with, if there is one.
func other(t *testing.T, database string, more ...string) []*node {
	t.Helper()
	if *beside == "" {
		return nil
	}
	defer func(ours string) { binary = ours }(binary)
	binary = *beside
	return []*node{porteiro(t, "porteiro, the other build", database, more...)}
}

// baseline starts this test binary as one of the baselines.
func baseline(t *testing.T, role, database string) *node {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = []string{roleVariable + "=" + role, databaseVariable + "=" + database}
	return start(t, role, c)
}

// start waits for the line that says where it listens.
func start(t *testing.T, name string, c *exec.Cmd) *node {
	t.Helper()
	n := &node{name: name, said: &bytes.Buffer{}}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PORTEIRO_") {
			c.Env = append(c.Env, e)
		}
	}
	c.Dir, c.Stderr = t.TempDir(), n.said
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	r := bufio.NewReader(out)
	line, _ := r.ReadString('\n')
	_, url, found := strings.Cut(strings.TrimSpace(line), "listens on ")
	if !found {
		t.Fatalf("%s says %q and %s", name, line, n.said)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	n.url, n.pid = url, c.Process.Pid
	return n
}

// processes are the node and what it has started; the node alone where the system does not say.
func (n *node) processes() []int {
	all := []int{n.pid}
	lists, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(n.pid), "task", "*", "children"))
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(child); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}

// resident is what the node takes of memory, in bytes; 0 where the system does not say. Of what it has started that is
// without the pages of files: those of the program are there once.
func (n *node) resident() int {
	all := n.processes()
	sum := held(all[0], "VmRSS:")
	for _, pid := range all[1:] {
		sum += held(pid, "RssAnon:")
	}
	return sum
}

// held is a line of what the system says of the memory of a process, in bytes.
func held(pid int, line string) int {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(b), line)
	if !found {
		return 0
	}
	kib, _ := strconv.Atoi(strings.Fields(rest)[0])
	return kib << 10
}

// spent is the processor time that processes have used so far; 0 where the system does not say.
func spent(pids ...int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ, which Linux has fixed
	var sum time.Duration
	for _, pid := range pids {
		b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from the third on
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		sum += time.Duration(user+system) * tick
	}
	return sum
}
