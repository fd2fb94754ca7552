// Package coalesce owns the reads of standing that many requests share: however many ask at once, a few queries answer
// them all. It remembers nothing. A request joins only a query that is sent after it arrived, so its answer is as fresh
// as that of a query of its own.
package coalesce

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Reader answers one session at a time and asks for many at a time. It is safe for concurrent use.
type Reader struct {
	store   application.Standings
	timeout time.Duration
	workers int
	most    int

	mu      sync.Mutex
	running int      // queries that have been sent and not been answered, at most workers
	waiting []*batch // those to be sent next, the oldest first; requests join the last one. Empty unless all workers run
}

var _ application.Standing = (*Reader)(nil)

// Config says how a Reader asks. Zero settings are the defaults.
type Config struct {
	Timeout time.Duration // bounds a query that several wait for; default 2 seconds
	Workers int           // queries at the same time; default 1, which makes the fewest and largest
	Most    int           // sessions in one query; default 512
}

// New returns a Reader over a store, or an error that names what cannot be.
func New(store application.Standings, c Config) (*Reader, error) {
	if store == nil {
		return nil, errors.New("coalesce: a store is needed")
	}
	if c.Timeout < 0 || c.Workers < 0 || c.Most < 0 {
		return nil, errors.New("coalesce: Timeout, Workers and Most are not negative")
	}
	r := &Reader{store: store, timeout: c.Timeout, workers: c.Workers, most: c.Most}
	if r.timeout == 0 {
		r.timeout = 2 * time.Second
	}
	if r.workers == 0 {
		r.workers = 1
	}
	if r.most == 0 {
		r.most = 512
	}
	return r, nil
}

// lateAfter is how long whoever waits may go on waiting after their context has ended.
const lateAfter = 10 * time.Millisecond

// batch is one query and those who wait for it. Its ids are only added to under the Reader's lock, and no more once it
// was taken out of waiting; what was found is only read after done is closed.
type batch struct {
	ids   []domain.SessionID
	asked map[domain.SessionID]struct{}
	done  chan struct{}
	late  chan struct{} // closed when it has taken long enough for those who wait to look at their contexts
	timer *time.Timer   // which closes late
	found map[domain.SessionID]domain.Standing
	err   error
}

// Standing is documented at application.Standing. Its error is domain.Unavailable, whatever the store says.
func (r *Reader) Standing(ctx context.Context, id domain.SessionID) (domain.Standing, error) {
	if _, err := domain.ParseSessionID(string(id)); err != nil {
		return domain.Standing{}, nil // nobody has it, and it has no place in anybody else's query
	}
	if err := ctx.Err(); err != nil {
		return domain.Standing{}, unavailable(err)
	}
	b := r.join(id)
	if b == nil {
		return r.alone(ctx, id)
	}
	select {
	case <-b.done:
	case <-b.late: // a context may have to set a timer before it can tell that it has ended
		select {
		case <-b.done:
		case <-ctx.Done():
			return domain.Standing{}, unavailable(ctx.Err()) // the others go on
		}
	}
	if b.err != nil {
		return domain.Standing{}, unavailable(b.err)
	}
	standing := b.found[id]
	standing.Roles = slices.Clone(standing.Roles) // others may have asked for the same session
	return standing, nil
}

// join puts the request into a batch that has not been sent, or returns nil when a worker is free: then the request is
// its own worker.
func (r *Reader) join(id domain.SessionID) *batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running < r.workers {
		r.running++
		return nil
	}
	var b *batch
	if n := len(r.waiting); n > 0 {
		b = r.waiting[n-1]
	}
	if b == nil || len(b.ids) == r.most {
		b = &batch{asked: make(map[domain.SessionID]struct{}), done: make(chan struct{}), late: make(chan struct{})}
		b.timer = time.AfterFunc(lateAfter, func() { close(b.late) })
		r.waiting = append(r.waiting, b)
	}
	if _, twice := b.asked[id]; !twice {
		b.asked[id] = struct{}{}
		b.ids = append(b.ids, id)
	}
	return b
}

// alone asks for one session, in the request's own goroutine and under its own context: nobody else depends on it, and
// a timer of its own would cost more than the rest.
func (r *Reader) alone(ctx context.Context, id domain.SessionID) (domain.Standing, error) {
	defer r.hand()
	found, err := r.store.Standings(ctx, id)
	if err != nil {
		return domain.Standing{}, unavailable(err)
	}
	return found[id], nil
}

// hand leaves the worker's place to those who came meanwhile, in a goroutine that ends when nobody waits.
func (r *Reader) hand() {
	if b := r.take(); b != nil {
		go r.work(b)
	}
}

func (r *Reader) work(b *batch) {
	for ; b != nil; b = r.take() {
		b.found, b.err = r.ask(b.ids)
		close(b.done)
		b.timer.Stop()
		// Let those who were answered, and what has come in, go first: the next query has more in it then. A node with
		// nothing else to do goes on at once.
		runtime.Gosched()
	}
}

// take seals the oldest batch, or gives the worker's place up when there is none.
func (r *Reader) take() *batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		r.running--
		return nil
	}
	b := r.waiting[0]
	r.waiting = slices.Delete(r.waiting, 0, 1)
	return b
}

// ask sends a batch under a context of its own: it must not end with one of those who wait. A store that panics is a
// store that failed, for all of them, and for nobody else.
func (r *Reader) ask(ids []domain.SessionID) (found map[domain.SessionID]domain.Standing, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the store panicked: %T", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	return r.store.Standings(ctx, ids...)
}

// unavailable is what every failure is: only what was read may refuse.
func unavailable(err error) error {
	return fmt.Errorf("coalesce: %w: %w", domain.Unavailable, err)
}
