package grpcapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// book is a log that several goroutines write and read.
type book struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.Write(p)
}

// lines returns what was written since it was last called.
func (b *book) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.written.Reset()
	return strings.Split(strings.TrimSuffix(b.written.String(), "\n"), "\n")
}

// A crowd that there is no time for is a few lines a second, as over HTTP; a fault has its own each time.
func TestACrowdOfFailuresIsAFewLines(t *testing.T) {
	g, log := newGate(), &book{}
	var mu sync.Mutex
	now, answer := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), error(nil)
	g.login = func(context.Context, string, string) error { mu.Lock(); defer mu.Unlock(); return answer }
	c := g.config()
	c.Logger = slog.New(slog.NewTextHandler(log, nil))
	c.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	far := connect(t, serve(t, c))
	fail := func(later time.Duration, err error, times int) []string {
		mu.Lock()
		now, answer = now.Add(later), err
		mu.Unlock()
		for range times {
			if _, err := far.Login(t.Context(), "a", "b"); err == nil {
				t.Fatal("it went well")
			}
		}
		return log.lines()
	}
	full := fmt.Errorf("login: the queue is full: %w", domain.Unavailable)
	if got := fail(0, full, 50); len(got) != 5 || !strings.Contains(got[4], "the queue is full") || strings.Contains(got[4], "left_out") {
		t.Errorf("got %d lines: %s", len(got), got)
	}
	if got := fail(0, fmt.Errorf("%w: connection refused", domain.Unavailable), 1); !strings.Contains(got[0], "connection refused") {
		t.Errorf("another reason: %s", got)
	}
	if got := fail(0, errors.New("a fault"), 10); len(got) != 10 {
		t.Errorf("got %d lines of 10 faults: %s", len(got), got)
	}
	if got := fail(time.Second, full, 1); len(got) != 1 || !strings.HasSuffix(got[0], " left_out=45") {
		t.Errorf("a second later: %s", got)
	}
}
