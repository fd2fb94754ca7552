package passwords

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var (
	_ application.Passwords = (*Far)(nil)
	_ application.Places    = (*Far)(nil)
)

// Far has passwords worked on by [Serve] in another process, which the system can give less of the processor than this
// one. Who has a place is counted here: a crowd is refused without asking there. It is safe for concurrent use.
type Far struct {
	slots  *slots
	asking atomic.Int64
	start  func() (io.ReadWriteCloser, error)

	mu      sync.Mutex
	link    *link     // the last one
	started time.Time // when one was last started, or tried to be
	closed  bool
}

// restart is the least time between two starts of the other process.
const restart = time.Second

// NewFar starts the other process and returns passwords that are worked on there, under the parameters of its own. Slots
// and Queue bound how many have a place. start is called again for whoever comes after the other process has ended, at
// most once a second.
func NewFar(c Config, start func() (io.ReadWriteCloser, error)) (*Far, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("passwords: %w", err)
	}
	f := &Far{slots: newSlots(c.Slots, c.Queue, nil), start: start}
	if _, err := f.there(); err != nil {
		return nil, fmt.Errorf("passwords: %w", err)
	}
	return f, nil
}

// Hash is [Hasher.Hash]. The error is [domain.Unavailable] also when the other process is gone.
func (f *Far) Hash(ctx context.Context, password string) (string, error) {
	a, err := f.ask(ctx, request{Password: password})
	if err != nil {
		return "", fmt.Errorf("passwords: hash: %w", err)
	}
	return a.Hash, nil
}

// Verify is [Hasher.Verify]. The error is [domain.Unavailable] also when the other process is gone.
func (f *Far) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	a, err := f.ask(ctx, request{Verify: true, Password: password, Hash: hash})
	if err != nil {
		return false, false, fmt.Errorf("passwords: verify: %w", err)
	}
	return a.OK, a.Stale, nil
}

// Place is documented at application.Places.
func (f *Far) Place(ctx context.Context) (context.Context, func(), error) {
	ctx, leave, err := f.slots.place(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("passwords: %w", err)
	}
	return ctx, leave, nil
}

// Busy returns how many passwords are worked on, and how many callers have a place and are not, as far as it is known
// here: whoever asks is taken to be worked for while there are slots.
func (f *Far) Busy() (working, waiting int) {
	working = min(int(f.asking.Load()), cap(f.slots.working))
	return working, max(len(f.slots.places)-working, 0)
}

// Close ends the other process, and waits for it.
func (f *Far) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return f.link.conn.Close()
}

func (f *Far) ask(ctx context.Context, r request) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, ended(err)
	}
	_, leave, err := f.slots.place(ctx)
	if err != nil {
		return reply{}, err
	}
	defer leave()
	f.asking.Add(1)
	defer f.asking.Add(-1)
	l, err := f.there()
	if err != nil {
		return reply{}, fmt.Errorf("%w: %w", domain.Unavailable, err)
	}
	a, err := l.ask(ctx, r)
	switch {
	case err != nil:
		return reply{}, fmt.Errorf("%w: %w", domain.Unavailable, err)
	case a.Unavailable != "":
		return reply{}, fmt.Errorf("%w: %s", domain.Unavailable, a.Unavailable)
	}
	return a, nil
}

// there returns the link to the other process, which it starts when there is none.
func (f *Far) there() (*link, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.link != nil && !f.link.broken() {
		return f.link, nil
	}
	now := time.Now()
	if since := now.Sub(f.started); f.closed || since >= 0 && since < restart {
		return nil, errBroken
	}
	f.started = now
	conn, err := f.start()
	if err != nil {
		return nil, fmt.Errorf("the process that works on them cannot be started: %w", err)
	}
	f.link = newLink(conn)
	return f.link, nil
}
