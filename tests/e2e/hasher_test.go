//go:build linux

package e2e_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// logins sends so many, and returns what comes back when it comes.
func (n *node) logins(count int) <-chan answer {
	answers := make(chan answer, count)
	for range count {
		go func() {
			a, err := n.try("POST", "/login", "", credentials)
			if err != nil {
				a.body = err.Error()
			}
			answers <- a
		}()
	}
	return answers
}

// ended is how often the log says that the hasher has.
func (n *node) ended() int {
	return strings.Count(n.stderr.String(), "the process that works on passwords has ended")
}

// unlimited is a node that has a user and bounds nobody, and where its metrics are. To be slow is no fault here.
func unlimited(t *testing.T, more ...string) (n *node, metrics string) {
	t.Helper()
	n, metrics = monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"),
		append([]string{"--login-limit", "off", "--address-limit", "off", "--request-timeout", "25s"}, more...)...)
	n.ask("POST", "/register", "", credentials)
	return n, metrics
}

// T048: whoever waits for a hasher that is killed is told to come back, at once; nobody else notices, and there is another.
func TestTheHasherIsKilled(t *testing.T) {
	n, metrics := unlimited(t, "--hash-slots", "1")
	token, _ := n.login()
	done := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for asked := 0; !closed(done) || asked == 0; asked++ {
			if a, err := n.try("GET", "/authorize", token, ""); err != nil || a.status != 200 {
				t.Errorf("authorize meanwhile: %v, %d %s", err, a.status, a.body)
				return
			}
		}
	})
	first := n.hasher()
	freeze(t, first)
	const crowd = 4
	answers := n.logins(crowd)
	eventually(t, "all wait", func() bool {
		now := scraped(t, metrics)
		return now["porteiro_hashing_working"] == 1 && now["porteiro_hashing_waiting"] == crowd-1
	})
	send(t, first, syscall.SIGKILL)
	killed := time.Now()
	for range crowd {
		a := <-answers
		n.expect("a login that was under way", a, 503, "code", "unavailable")
		if a.header.Get("Retry-After") == "" {
			t.Error("it does not say when to come back")
		}
	}
	if took := time.Since(killed); took > 10*time.Second {
		t.Errorf("they were told after %v", took)
	}
	eventually(t, "logins work again", func() bool {
		a := n.ask("POST", "/login", "", credentials)
		if a.status != 200 {
			n.expect("a login before that", a, 503, "code", "unavailable")
		}
		return a.status == 200
	})
	t.Logf("logins work again after %v", time.Since(killed))
	close(done)
	asking.Wait()
	if second := n.hasher(); second == first || n.ended() != 1 {
		t.Errorf("it was %d and is %d; the log says %d times that one has ended: %s", first, second, n.ended(), n.stderr)
	}
}

// However a node ends, its hasher does not outlive it, and there is nothing to say of it.
func TestNoHasherIsLeftBehind(t *testing.T) {
	n, _ := unlimited(t)
	pid := n.hasher()
	n.stop()
	if lives(pid) || n.ended() != 0 {
		t.Errorf("after SIGTERM: it lives: %v; it says %s", lives(pid), n.stderr)
	}
	n.start()
	pid = n.hasher()
	freeze(t, pid)
	n.stop()
	if lives(pid) {
		send(t, pid, syscall.SIGKILL)
		t.Error("one that hangs lives on after SIGTERM")
	}
	n.start()
	pid = n.hasher()
	n.kill()
	eventually(t, "it has gone after SIGKILL", func() bool { return !lives(pid) })
}

// Whoever sends a signal to all processes of a service, or to those of a terminal, costs nobody their login.
func TestASignalToTheHasherToo(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT, "SIGHUP": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			n, metrics := unlimited(t)
			n.login()
			pid := n.hasher()
			freeze(t, pid)
			answers := n.logins(1)
			eventually(t, "it is worked on", func() bool { return scraped(t, metrics)["porteiro_hashing_working"] == 1 })
			send(t, pid, signal)
			if signal != syscall.SIGHUP {
				send(t, n.cmd.Process.Pid, signal)
				n.says("draining", 0)
			}
			send(t, pid, syscall.SIGCONT)
			if a := <-answers; a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if signal == syscall.SIGHUP {
				return
			}
			if err := n.cmd.Wait(); err != nil || lives(pid) || n.ended() != 0 {
				t.Errorf("%v; it lives: %v; it says %s", err, lives(pid), n.stderr)
			}
		})
	}
}

// Every thread of the hasher has less of the processor, from its first password on, by as much as was asked.
func TestTheHasherStepsBack(t *testing.T) {
	const nice = 19 - 3 // of what stat returns
	before := stat("/proc/self")[nice]
	if n, err := strconv.Atoi(before); err != nil || n > 7 {
		t.Skipf("the tests themselves have niceness %s", before)
	}
	for args, want := range map[string]string{"--hash-niceness 10": "10", "--hash-niceness 7": "7", "--hash-niceness 0": ""} {
		n, _ := monitored(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), strings.Fields(args)...)
		for answers, left := n.logins(8), 8; left > 0; left-- {
			<-answers // whether there was time for it is no matter: it had every thread work
		}
		own := stat(fmt.Sprintf("/proc/%d", n.cmd.Process.Pid))[nice]
		if own != before {
			t.Errorf("serve %s: the node itself has niceness %s, not %s", args, own, before)
		}
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", n.hasher()))
		if err != nil || len(threads) < 2 {
			t.Fatalf("%d threads, %v", len(threads), err)
		}
		for _, thread := range threads {
			if there := stat(thread); there != nil && there[nice] != cmp.Or(want, own) {
				t.Errorf("serve %s: niceness %s of a thread, %s of the node", args, there[nice], own)
			}
		}
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", n.hasher())); err != nil || strings.TrimSpace(string(b)) != "1000" {
			t.Errorf("serve %s: it goes first where memory is short: %s, %v", args, b, err)
		}
		n.stop()
	}
}

// T048: a slot takes what one password fills, and as much for what was there before it.
func TestTheHasherTakesLittleMemory(t *testing.T) {
	n, _ := unlimited(t, "--hash-slots", "2")
	for answers, left := n.logins(30), 30; left > 0; left-- {
		if a := <-answers; a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.hasher()))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	const program, slots, each = 40 << 10, 2, 19 << 10 // KiB
	if peak, err := strconv.Atoi(strings.Fields(rest)[0]); err != nil || peak > program+slots*each {
		t.Errorf("it took %d KiB, and may take %d, %v", peak, program+slots*each, err)
	}
}

// T097: of what a node knows, its hasher has the passwords that it works on: no setting, and no open file.
func TestTheHasherIsToldNoSecret(t *testing.T) {
	n, _ := unlimited(t)
	send(t, n.hasher(), syscall.SIGKILL)
	eventually(t, "there is another one, beside an open database", func() bool {
		return n.ask("POST", "/login", "", credentials).status == 200
	})
	read := func(pid int, name string) string {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	// what the tests themselves were started with may be open in both
	keeps := func(pid int) (all []string) {
		links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, link := range links {
			name, _ := os.Readlink(link)
			if strings.Contains(name, "porteiro.db") || strings.HasPrefix(name, "socket:") {
				all = append(all, name)
			}
		}
		return all
	}
	own, pid := n.cmd.Process.Pid, n.hasher()
	if read(own, "environ") == "" || len(keeps(own)) < 2 || !strings.Contains(read(own, "cmdline"), "porteiro.db") {
		t.Fatal("of the node nothing can be seen either")
	}
	if env := read(pid, "environ"); env != "" {
		t.Errorf("its environment is %q", env)
	}
	if open := keeps(pid); len(open) != 0 {
		t.Errorf("it has open %q", open)
	}
	if args := strings.ReplaceAll(read(pid, "cmdline"), "\x00", " "); !strings.HasPrefix(args, "porteiro hasher ") || strings.Contains(args, "porteiro.db") {
		t.Errorf("it was called by %q", args)
	}
}

// A node whose program was replaced, as an upgrade does before the restart, starts its hasher from what it is itself.
func TestTheProgramIsReplaced(t *testing.T) {
	for name, replace := range map[string]func(string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("#!/bin/false\n"), 0o755), os.Rename(path+".new", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(binary)
			if err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(t.TempDir(), "porteiro")
			if err := os.WriteFile(program, b, 0o755); err != nil {
				t.Fatal(err)
			}
			n := &node{t: t, program: program, args: []string{
				"serve", "--listen", "127.0.0.1:0", "--registration", "open", "--drain-delay", "0s",
			}}
			t.Cleanup(func() { n.kill() })
			n.start()
			n.ask("POST", "/register", "", credentials)
			if err := replace(program); err != nil {
				t.Fatal(err)
			}
			first := n.hasher()
			send(t, first, syscall.SIGKILL)
			eventually(t, "logins work again", func() bool { return n.ask("POST", "/login", "", credentials).status == 200 })
			if second := n.hasher(); second == first {
				t.Errorf("it still is %d", second)
			}
		})
	}
}
