package passwords

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/porteiro/porteiro/application"
)

// Serve works on what the [Far] at the other end asks, until that end is closed, which is no error. It refuses nobody for
// want of room if by does not: Far does.
func Serve(conn io.ReadWriter, by application.Passwords) error {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	n := &near{by: by, out: gob.NewEncoder(conn), at: make(map[uint64]context.CancelFunc)}
	in := gob.NewDecoder(conn)
	for {
		var r request
		err := in.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Leave {
			n.leave(r.ID)
			continue
		}
		own, leave := context.WithCancel(ctx)
		n.enter(r.ID, leave)
		all.Go(func() {
			defer n.leave(r.ID)
			n.answer(n.work(own, r))
		})
	}
}

// near is the side of a link that works.
type near struct {
	by application.Passwords

	mu  sync.Mutex
	out *gob.Encoder
	at  map[uint64]context.CancelFunc // who is waited for
}

func (n *near) enter(id uint64, leave context.CancelFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at[id] = leave
}

func (n *near) leave(id uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if leave, there := n.at[id]; there {
		delete(n.at, id)
		leave()
	}
}

// work answers one request. A panic is that one's, as it would be in a process of its own.
func (n *near) work(ctx context.Context, r request) (a reply) {
	defer func() {
		if p := recover(); p != nil {
			a = reply{ID: r.ID, Unavailable: fmt.Sprintf("the work panicked: %T", p)} // its value may quote a password
		}
	}()
	a.ID = r.ID
	var err error
	if r.Verify {
		a.OK, a.Stale, err = n.by.Verify(ctx, r.Password, r.Hash)
	} else {
		a.Hash, err = n.by.Hash(ctx, r.Password)
	}
	if err != nil {
		return reply{ID: r.ID, Unavailable: err.Error()}
	}
	return a
}

func (n *near) answer(a reply) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.out.Encode(a) // who has gone needs no answer
}
