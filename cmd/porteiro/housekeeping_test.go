package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// walk is a purge that has three steps to a whole walk, and fails while it is told to.
type walk struct {
	began  time.Time
	mu     sync.Mutex
	at     []time.Duration // when each step was
	from   []domain.SessionID
	broken error
}

func (w *walk) purge(_ context.Context, after domain.SessionID) (domain.SessionID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at, w.from = append(w.at, time.Since(w.began)), append(w.from, after)
	if w.broken != nil {
		return after, w.broken
	}
	return map[domain.SessionID]domain.SessionID{"": "a", "a": "b", "b": ""}[after], nil
}

func (w *walk) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

// during runs the housekeeping of a node inside a bubble, whose clock f moves.
func during(t *testing.T, f func(h *housekeeping, w *walk, log *bytes.Buffer)) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := &walk{began: time.Now()}
		h := newHousekeeping(w.purge, slog.New(slog.NewTextHandler(&log, nil)), 5*time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); h.run(ctx) }()
		f(h, w, &log)
		cancel()
		<-ended
	})
}

// pass lets time go by, and then whoever has something to do at that time do it.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestHousekeepingWalksInSmallSteps(t *testing.T) {
	during(t, func(h *housekeeping, w *walk, log *bytes.Buffer) {
		pass(h.soon*3/2 + 2*h.step*3/2 + h.rest*3/2)
		if len(w.from) < 4 || w.from[0] != "" || w.from[1] != "a" || w.from[2] != "b" || w.from[3] != "" {
			t.Fatalf("got the steps %q, want each to go on where the last one stopped", w.from)
		}
		for i, at := range w.at[:4] {
			about, since := h.soon, at
			if i > 0 {
				about, since = h.step, at-w.at[i-1]
			}
			if i == 3 {
				about = h.rest // a whole walk is done
			}
			if since < about/2 || since >= about*3/2 {
				t.Errorf("step %d came after %v, want about %v", i, since, about)
			}
		}
		if log.Len() != 0 {
			t.Errorf("it says %s", log)
		}
	})
}

func TestHousekeepingTellsOfAFailureOnce(t *testing.T) {
	during(t, func(h *housekeeping, w *walk, log *bytes.Buffer) {
		pass(h.soon * 3 / 2)
		w.fail(errors.New("the store is away"))
		pass(8 * h.step)
		failed := len(w.from)
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "the store is away") || failed < 4 {
			t.Fatalf("after %d steps it says %s", failed, log)
		}
		if last := w.from[failed-1]; last != "a" {
			t.Errorf("it goes on at %q, want where it failed", last)
		}
		w.fail(nil)
		pass(3 * h.step)
		if strings.Count(log.String(), "\n") != 2 || !strings.Contains(log.String(), "again") {
			t.Errorf("when it works again it says %s", log)
		}
	})
}

// A stop in the middle of a step, which the context of the step has cut short, is no failure to tell of.
func TestHousekeepingStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		began := make(chan struct{})
		h := newHousekeeping(func(ctx context.Context, _ domain.SessionID) (domain.SessionID, error) {
			close(began)
			<-ctx.Done()
			return "", ctx.Err()
		}, slog.New(slog.NewTextHandler(&log, nil)), time.Hour)
		ended := make(chan struct{})
		go func() { defer close(ended); h.run(ctx) }()
		<-began
		cancel()
		<-ended
		if log.Len() != 0 {
			t.Errorf("it says %s", &log)
		}
	})
}

// A step that the store does not answer ends by itself, and the next one is tried.
func TestHousekeepingBoundsAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		steps := 0
		h := newHousekeeping(func(ctx context.Context, _ domain.SessionID) (domain.SessionID, error) {
			steps++
			<-ctx.Done()
			return "", ctx.Err()
		}, slog.New(slog.NewTextHandler(&log, nil)), time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); h.run(ctx) }()
		pass(4 * h.step)
		if steps < 2 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%d steps, and it says %s", steps, &log)
		}
		cancel()
		<-ended
	})
}
