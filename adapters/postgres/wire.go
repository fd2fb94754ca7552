package postgres

import (
	"context"
	"net"
	"sync"
	"time"
)

// grace is how long an exchange may go on after its caller has gone: long enough for an answer that is on its way, so
// that a thousand callers who leave at once do not cost a thousand connections.
const grace = 100 * time.Millisecond

// nap is after how long a connection is asked whether it is still there before it carries what is sent once.
const nap = 100 * time.Millisecond

// wire is the socket of a connection. Each read and write has a deadline: the end of the running call, or a timeout
// if that comes sooner. After the first error it carries nothing more: what is still on its way answers a question that
// nobody remembers.
type wire struct {
	net.Conn
	timeout time.Duration
	now     func() time.Time

	mu          sync.Mutex
	call        int       // counts the calls
	end         time.Time // of the running call, zero when it has none
	used        time.Time // when something was read or written last
	read, write time.Time // what the layers above set: lib/pq for the handshake, TLS for its farewell
	err         error
}

// during bounds what follows by the context: by its deadline, and by the grace once it is cancelled. The function that
// it returns lets go of the context.
func (w *wire) during(ctx context.Context) (done func() bool) {
	deadline, _ := ctx.Deadline()
	call := w.until(deadline)
	return context.AfterFunc(ctx, func() { w.hurry(call, w.now().Add(grace)) })
}

// until begins a call that ends at the given time.
func (w *wire) until(end time.Time) (call int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.call++
	w.end = end
	return w.call
}

// hurry brings the end of a call forward, also for a read that is blocked. A call that is over is left alone.
func (w *wire) hurry(call int, end time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if call != w.call || w.err != nil {
		return
	}
	w.end = sooner(w.end, end)
	_ = w.Conn.SetReadDeadline(sooner(w.read, w.end)) // fails only when closed, and then so does the read
	_ = w.Conn.SetWriteDeadline(sooner(w.write, w.end))
}

// Read is net.Conn's.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.arm(w.Conn.SetReadDeadline, &w.read); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p)
	return n, w.keep(err)
}

// Write is net.Conn's.
func (w *wire) Write(p []byte) (int, error) {
	if err := w.arm(w.Conn.SetWriteDeadline, &w.write); err != nil {
		return 0, err
	}
	n, err := w.Conn.Write(p)
	return n, w.keep(err)
}

// arm holds the lock while it sets the deadline, so that hurry is never undone by it.
func (w *wire) arm(set func(time.Time) error, above *time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.used = w.now()
	return set(sooner(sooner(*above, w.end), w.used.Add(w.timeout)))
}

// rested reports whether nothing was read or written for a while.
func (w *wire) rested() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Sub(w.used) > nap
}

func (w *wire) keep(err error) error {
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.err == nil {
			w.err = err
		}
	}
	return err
}

// broken reports whether the wire carries nothing more.
func (w *wire) broken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err != nil
}

// SetDeadline is net.Conn's. It adds to the wire's own deadlines and replaces none.
func (w *wire) SetDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read, w.write = t, t
	return w.Conn.SetDeadline(t)
}

// SetReadDeadline is SetDeadline for reading.
func (w *wire) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = t
	return w.Conn.SetReadDeadline(t)
}

// SetWriteDeadline is SetDeadline for writing.
func (w *wire) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write = t
	return w.Conn.SetWriteDeadline(t)
}

// sooner returns the earlier time; the zero time is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
