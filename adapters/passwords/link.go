package passwords

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"sync"
)

// request goes to the other process.
type request struct {
	ID             uint64
	Leave          bool // nobody waits for the answer of ID any more; nothing else counts
	Verify         bool // or hash
	Password, Hash string
}

// reply comes back, in any order.
type reply struct {
	ID          uint64
	Hash        string
	OK, Stale   bool
	Unavailable string // why there is no answer; "" when there is one
}

// errBroken says that the other process has ended before it answered.
var errBroken = errors.New("the process that works on them has ended")

// link is one run of the other process.
type link struct {
	conn io.ReadWriteCloser
	out  chan request
	over chan struct{} // closed when it is broken

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan<- reply
}

func newLink(conn io.ReadWriteCloser) *link {
	l := &link{conn: conn, out: make(chan request), over: make(chan struct{}), waiting: make(map[uint64]chan<- reply)}
	go l.write()
	go l.read()
	return l
}

// ask waits for the answer. Whoever leaves says so there: nobody works for a caller who is gone.
func (l *link) ask(ctx context.Context, r request) (reply, error) {
	answer := make(chan reply, 1)
	r.ID = l.enter(answer)
	defer l.leave(r.ID)
	select {
	case l.out <- r:
	case <-l.over:
		return reply{}, errBroken
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	select {
	case a := <-answer:
		return a, nil
	case <-l.over:
		select {
		case a := <-answer: // it was the last one
			return a, nil
		default:
			return reply{}, errBroken
		}
	case <-ctx.Done():
	}
	go func() { // who leaves does not wait until that is heard; there are no more of these than were sent and not answered
		select {
		case l.out <- request{ID: r.ID, Leave: true}:
		case <-l.over:
		}
	}()
	return reply{}, ctx.Err()
}

func (l *link) enter(answer chan<- reply) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.waiting[l.last] = answer
	return l.last
}

func (l *link) leave(id uint64) chan<- reply {
	l.mu.Lock()
	defer l.mu.Unlock()
	answer := l.waiting[id]
	delete(l.waiting, id)
	return answer
}

func (l *link) write() {
	for out := gob.NewEncoder(l.conn); ; {
		select {
		case r := <-l.out:
			if out.Encode(r) != nil {
				_ = l.conn.Close() // read ends
				return
			}
		case <-l.over:
			return
		}
	}
}

// read hands the answers out until the other process has ended.
func (l *link) read() {
	for in := gob.NewDecoder(l.conn); ; {
		var a reply
		if in.Decode(&a) != nil {
			break
		}
		if answer := l.leave(a.ID); answer != nil {
			answer <- a
		}
	}
	close(l.over)
	_ = l.conn.Close()
}

func (l *link) broken() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}
