package main

import (
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/porteiro/porteiro/adapters/passwords"
)

// crowd is the longest queue that there can be: how many wait in the process that works on passwords is bounded by the one
// that asks.
const crowd = 1 << 20

// garbageMost is more bytes than a slot ever fills: an imported hash may ask for 64 MiB, and its renewal comes after that.
const garbageMost = 128 << 20

// newHasher is the process that works on passwords. Serve starts it, and nobody else has a use for it.
func newHasher() *cobra.Command {
	h := &hashing{}
	cmd := &cobra.Command{
		Use:    "hasher",
		Short:  "Work on the passwords of the node that started it",
		Hidden: true,
		Args:   exactly(0),
		RunE: func(*cobra.Command, []string) error {
			// A node that is told to end answers first whom it has begun to serve. It closes the pipe then.
			signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			config := passwords.Config{Slots: h.slots, Queue: crowd, Collect: true}
			debug.SetGCPercent(-1)                             // after each password instead
			debug.SetMemoryLimit(int64(h.slots) * garbageMost) // or sooner, should something else fill it
			if h.niceness > 0 {
				config.Spent = stepBack(h.niceness)
			}
			// Linux alone has these: what ps shows, and that this process goes first where memory is short.
			_ = os.WriteFile("/proc/self/comm", []byte("porteiro-hasher"), 0)
			_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
			hasher, err := passwords.New(config)
			if err != nil {
				return usageError{err}
			}
			return passwords.Serve(pipes(), hasher)
		},
	}
	h.flags(cmd.Flags())
	return cmd
}

// start starts that process. Nothing of the environment is handed on: there are secrets in it.
func (h *hashing) start(stderr io.Writer, log *slog.Logger) (io.ReadWriteCloser, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "hasher", "--hash-slots", strconv.Itoa(h.slots), "--hash-niceness", strconv.Itoa(h.niceness))
	cmd.Args[0] = "porteiro" // what ps shows
	cmd.Env, cmd.Stderr, cmd.SysProcAttr = []string{}, stderr, ofItsOwn()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return process{out, in, sync.OnceValue(func() error { return end(cmd, in, log) })}, nil
}

// executable is this program, also when another one has taken its place meanwhile.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// process is one that has been started, and the pipes to it.
type process struct {
	io.Reader
	io.Writer
	end func() error
}

// Close ends the process, and waits for that.
func (p process) Close() error { return p.end() }

// end closes what a process reads, which ends it, and waits; one that does not end is killed. It says so when it ended
// otherwise than it should.
func end(cmd *exec.Cmd, in io.Closer, log *slog.Logger) error {
	_ = in.Close()
	kill := time.AfterFunc(time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	err := cmd.Wait()
	if err != nil {
		log.Warn("the process that works on passwords has ended", "error", err.Error())
	}
	return err
}
