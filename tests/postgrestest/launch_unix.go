//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// start returns when the server answers. A killed server's memory and port may be in use for a moment, so a server
// that ends at once is started again, for two seconds. It does nothing to a server that runs.
func (c *cluster) start() error {
	if c.running() {
		return nil
	}
	var err error
	for range 10 {
		if err = c.launch(); err == nil || c.running() {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	return err
}

func (c *cluster) running() bool {
	if c.ended == nil {
		return false
	}
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

func (c *cluster) launch() error {
	log, err := os.Create(c.path("log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := c.command("postgres", append([]string{"-D", c.path("data")}, c.args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	dieWithParent(cmd)
	if err := c.spawn(cmd); err != nil {
		return err
	}
	return c.awaitAnswer()
}

// spawn starts the command on a thread that lives until the command ends: the parent-death signal comes when the
// thread ends that started the child, and Go ends threads as it likes. The file pid is for the watchdog.
func (c *cluster) spawn(cmd *exec.Cmd) error {
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		if err == nil {
			c.pid = cmd.Process.Pid
			err = os.WriteFile(c.path("pid"), []byte(strconv.Itoa(c.pid)), 0o600)
		}
		started <- err
		if cmd.Process != nil {
			_ = cmd.Wait()
			_ = os.Remove(c.path("pid"))
		}
	}()
	c.ended = ended
	return <-started
}

// awaitAnswer waits until the server takes a connection.
func (c *cluster) awaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		db, err := connect(ctx, c.url)
		if err == nil {
			return db.Close()
		}
		select {
		case <-c.ended:
			return fmt.Errorf("postgres ended at once: %s", c.log())
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w: %s", err, c.log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// log is what the server has said since its last start.
func (c *cluster) log() []byte {
	said, _ := os.ReadFile(c.path("log")) // it is only for messages
	return said
}
