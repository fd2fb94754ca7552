//go:build unix

package postgrestest

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// stop ends the server the way an administrator would: clients are thrown out, everything is written.
func (c *cluster) stop() error {
	if err := c.resume(); err != nil {
		return err
	}
	return c.end(syscall.SIGINT)
}

// kill ends the server and its backends at once, as a power cut does. Only what a disk has survives, if fsync is on.
func (c *cluster) kill() error {
	if err := c.pause(); err != nil { // a frozen server starts no backend meanwhile
		return err
	}
	if err := c.signalBackends(syscall.SIGKILL); err != nil {
		return err
	}
	return c.end(syscall.SIGKILL)
}

func (c *cluster) end(signal syscall.Signal) error {
	if err := c.signal(signal); err != nil {
		return err
	}
	if c.ended == nil {
		return nil
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("postgres does not end: %s", c.log())
	}
}

// pause freezes the server first, so that it starts no further backend, and then its backends.
func (c *cluster) pause() error {
	if err := c.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); c.running() && !frozen(c.pid); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("postgres does not freeze")
		}
	}
	return c.signalBackends(syscall.SIGSTOP)
}

func (c *cluster) resume() error {
	if err := c.signalBackends(syscall.SIGCONT); err != nil {
		return err
	}
	return c.signal(syscall.SIGCONT)
}

// signal does nothing to a server that has ended.
func (c *cluster) signal(signal syscall.Signal) error {
	if !c.running() {
		return nil
	}
	return send(c.pid, signal)
}

// signalBackends reaches each process of the server but the first: they are process groups of their own.
func (c *cluster) signalBackends(signal syscall.Signal) error {
	if !c.running() {
		return nil
	}
	pids, err := children(c.pid)
	for _, pid := range pids {
		err = errors.Join(err, send(pid, signal))
	}
	return err
}

// send is no error where the process is gone already.
func send(pid int, signal syscall.Signal) error {
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %v to %d: %w", signal, pid, err)
	}
	return nil
}

// remove stops the server, and removes its folder and its memory. It waits for that.
func (c *cluster) remove() {
	c.guard.release()
	<-c.guard.gone
}
