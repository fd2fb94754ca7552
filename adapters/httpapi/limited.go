package httpapi

import (
	"context"
	"sync"
	"time"
)

// limited is a context with a deadline that sets its timer when somebody first waits for it to end. Most of the requests
// that come most often are answered before anybody has, and a timer for each is a twentieth of what they cost.
type limited struct {
	context.Context // the request's own
	deadline        time.Time

	mu     sync.Mutex
	timed  context.Context // nil: nobody has waited
	cancel context.CancelFunc
}

// ended is a context that has.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// within returns a context that ends with ctx, after d, or when end is called.
func within(ctx context.Context, d time.Duration) *limited {
	l := &limited{Context: ctx, deadline: time.Now().Add(d)}
	if earlier, has := ctx.Deadline(); has && earlier.Before(l.deadline) {
		l.deadline = earlier
	}
	return l
}

// end is a context.CancelFunc.
func (l *limited) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		l.cancel()
	} else if l.timed == nil {
		l.timed = ended
	}
}

// Deadline is context.Context's.
func (l *limited) Deadline() (time.Time, bool) { return l.deadline, true }

// Done is context.Context's.
func (l *limited) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timed == nil {
		l.timed, l.cancel = context.WithDeadline(l.Context, l.deadline)
	}
	return l.timed.Done()
}

// Err is context.Context's.
func (l *limited) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.timed != nil:
		return l.timed.Err()
	case l.Context.Err() != nil:
		return l.Context.Err()
	case !time.Now().Before(l.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value is context.Context's. What is derived from this one finds there, in the one that it waits for, where to be told.
func (l *limited) Value(key any) any {
	l.mu.Lock()
	from := l.Context
	if l.cancel != nil {
		from = l.timed
	}
	l.mu.Unlock()
	return from.Value(key)
}
