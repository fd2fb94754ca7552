package application

import (
	"sync"
	"time"
)

// told is which buckets have just been found without room. Whoever goes on all the same is told so without asking the
// store, for a second: another node may have given a charge back since.
type told struct {
	mu   sync.Mutex
	full map[string]fullness
}

type fullness struct{ seen, until time.Time }

// mostTold bounds what is remembered.
const mostTold = 4096

// wait is how long until each of the buckets has room, so far as is known; 0 when nothing is.
func (t *told) wait(now time.Time, buckets ...string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range buckets {
		if f, there := t.full[name]; there && !now.Before(f.seen) && now.Sub(f.seen) < time.Second {
			wait = max(wait, f.until.Sub(now))
		}
	}
	return wait
}

func (t *told) remember(now time.Time, bucket string, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full == nil || len(t.full) >= mostTold {
		t.full = make(map[string]fullness)
	}
	t.full[bucket] = fullness{now, now.Add(wait)}
}

func (t *told) forget(buckets ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range buckets {
		delete(t.full, name)
	}
}
