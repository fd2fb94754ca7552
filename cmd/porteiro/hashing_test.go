package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
)

func TestMemoryIsTheLeastThatAnybodyAllows(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		most  int64
		exact bool
	}{
		"a control group":    {map[string]string{"/sys/fs/cgroup/memory.max": "67108864\n", "/proc/meminfo": "MemTotal:       25165824 kB\n"}, 64 << 20, true},
		"no bound of it":     {map[string]string{"/sys/fs/cgroup/memory.max": "max\n", "/proc/meminfo": "MemTotal:       1024 kB\nMemFree: 1 kB\n"}, 1 << 20, true},
		"a machine silent":   {nil, 1 << 62, false},
		"what is not a size": {map[string]string{"/sys/fs/cgroup/memory.max": "", "/proc/meminfo": "?"}, 1 << 62, false},
	} {
		got := memory(func(path string) ([]byte, error) {
			if text, there := c.files[path]; there {
				return []byte(text), nil
			}
			return nil, errors.New("not here")
		})
		if c.exact && got != c.most || !c.exact && got < 1<<30 {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestHashingThatCannotBeMeant(t *testing.T) {
	for name, h := range map[string]hashing{
		"a negative number": {slots: -1}, "a negative queue": {queue: -1}, "more than the memory": {slots: 1 << 20},
		"a queue without end": {queue: crowd + 1},
		"no niceness":         {niceness: 20}, "a negative one": {niceness: -1},
	} {
		if err := h.check(); !errors.As(err, new(usageError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever waits in the node has a place in the process that works on passwords, however long a queue was asked for.
func TestTheLongestQueue(t *testing.T) {
	if err := (&hashing{slots: 1, queue: crowd}).check(); err != nil {
		t.Error(err)
	}
}

func TestHashingSaysWhatItTakes(t *testing.T) {
	var said strings.Builder
	h := hashing{slots: 1, queue: 1000}
	hasher, err := passwords.New(passwords.Config{Slots: h.slots, Queue: h.queue})
	if err != nil {
		t.Fatal(err)
	}
	h.try(t.Context(), hasher, time.Millisecond, slog.New(slog.NewTextHandler(&said, nil)))
	for _, want := range []string{"passwords are hashed", "slots=1", "one_takes=", "level=WARN"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it says %s", said.String())
		}
	}
}
