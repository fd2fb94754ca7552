//go:build unix

package main

import (
	"io"
	"os"
	"syscall"
	"time"
)

// pipes are the standard input and output. A read that waits does so in Go's poller: in the system it would keep a
// processor from the passwords for as long as the runtime takes to notice.
func pipes() io.ReadWriter {
	open := func(fd int) *os.File {
		_ = syscall.SetNonblock(fd, true)
		return os.NewFile(uintptr(fd), "pipe")
	}
	return struct {
		io.Reader
		io.Writer
	}{open(0), open(1)}
}

// ofItsOwn puts a process into a group of its own: what a terminal sends to this one's is not for it, and it can be
// addressed as a whole.
func ofItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stepBack lets every thread of this process's group have less of the processor, and returns what tells how much this
// process has had. Where the first is forbidden the threads are as all others are.
func stepBack(niceness int) (spent func() time.Duration) {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, 0, niceness)
	return spentHere
}

// spentHere is how much of the processor this process has had.
func spentHere() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // of oneself it cannot fail
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
