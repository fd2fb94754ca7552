package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/application"
)

// hashing bounds what passwords may take of the machine.
type hashing struct {
	slots, queue, niceness int
}

func (h *hashing) flags(f *pflag.FlagSet) {
	f.IntVar(&h.slots, "hash-slots", 0, "how many passwords are worked on at once, each in 19 MiB of memory (default one for each core)")
	f.IntVar(&h.queue, "hash-queue", 0, "how many may wait for that; the rest are told to come back (default 16 for each slot)")
	f.IntVar(&h.niceness, "hash-niceness", 10, "how far passwords step back where the processor is short, so that whoever asks who may pass does not wait for logins: 0, not at all, to 19")
}

// check fills in the defaults, and refuses what passwords cannot be worked on with and what the machine's memory has no room for.
func (h *hashing) check() error {
	switch {
	case h.slots < 0 || h.queue < 0:
		return usagef("--hash-slots and --hash-queue are numbers, 1 or more")
	case h.niceness < 0 || h.niceness > 19:
		return usagef("--hash-niceness is a number from 0 to 19")
	}
	h.slots = cmp.Or(h.slots, runtime.GOMAXPROCS(0))
	h.queue = cmp.Or(h.queue, 16*h.slots)
	if there := memory(os.ReadFile); int64(h.slots) > there/2/eachHash() {
		return usagef("--hash-slots %d would fill %d MiB, and there are %d MiB: at most half of them are for passwords",
			h.slots, int64(h.slots)*eachHash()>>20, there>>20)
	}
	if _, err := passwords.New(passwords.Config{Slots: h.slots, Queue: h.queue}); err != nil {
		return usageError{err}
	}
	return nil
}

// open starts the process that works on passwords.
func (h *hashing) open(stderr io.Writer, log *slog.Logger) (*passwords.Far, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	return passwords.NewFar(passwords.Config{Slots: h.slots, Queue: h.queue}, func() (io.ReadWriteCloser, error) {
		return h.start(stderr, log)
	})
}

// eachHash is how many bytes one password takes while it is worked on.
func eachHash() int64 { return int64(passwords.DefaultParams().Memory) << 10 }

// try hashes once and says what that takes. It warns when the last of the queue would wait past the end of its request.
func (h *hashing) try(ctx context.Context, p application.Passwords, request time.Duration, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, request)
	defer cancel()
	start := time.Now()
	if _, err := p.Hash(ctx, "how long does this machine take"); err != nil {
		log.Warn("a first password could not be hashed", "error", err.Error()) // busy already, or there is nobody to do it
		return
	}
	one := time.Since(start)
	log.Info("passwords are hashed", "slots", h.slots, "one_takes", one.Round(100*time.Microsecond).String(), "mib", int64(h.slots)*eachHash()>>20)
	if one*time.Duration(h.queue/h.slots+1) > request {
		log.Warn("the last of the queue for hashing would wait for longer than a request may take: a shorter --hash-queue tells them at once")
	}
}

// memory is how many bytes the process that works on passwords may take: the least that the control group and the machine
// allow, so far as they say. GOMEMLIMIT is for serve.
func memory(read func(string) ([]byte, error)) int64 {
	least := int64(math.MaxInt64)
	if b, err := read("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil { // or "max"
			least = min(least, n)
		}
	}
	if b, err := read("/proc/meminfo"); err == nil {
		var kib int64
		if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &kib); err == nil && kib < math.MaxInt64>>10 {
			least = min(least, kib<<10)
		}
	}
	return least
}
