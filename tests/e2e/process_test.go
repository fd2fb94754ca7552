//go:build linux

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hasher is the process that a node has passwords worked on in: its only child.
func (n *node) hasher() int {
	n.t.Helper()
	pid := 0
	eventually(n.t, "it has a hasher", func() bool {
		folders, _ := filepath.Glob("/proc/[0-9]*")
		for _, folder := range folders {
			child, _ := strconv.Atoi(filepath.Base(folder))
			if there := stat(folder); there != nil && there[1] == strconv.Itoa(n.cmd.Process.Pid) && lives(child) {
				pid = child
			}
		}
		return pid != 0
	})
	return pid
}

// stat is what /proc says of a process or of a thread, from the third field of proc(5) on: state, parent and so on.
func stat(folder string) []string {
	b, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return nil
	}
	s := string(b)
	return strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
}

// lives says whether there is such a process, and not only its exit code, which nobody has asked for.
func lives(pid int) bool {
	there := stat(fmt.Sprintf("/proc/%d", pid))
	return there != nil && there[0] != "Z" && there[0] != "X"
}

func send(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// freeze stops a process without its notice.
func freeze(t *testing.T, pid int) {
	t.Helper()
	send(t, pid, syscall.SIGSTOP)
	eventually(t, "it is frozen", func() bool {
		there := stat(fmt.Sprintf("/proc/%d", pid))
		return there != nil && there[0] == "T"
	})
}

// eventually returns when what holds, and fails the test if it never does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never is so that %s", what)
		}
	}
}
