package application

import (
	"sync"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Few says what of many records that say the same is written down: of each kind 5 at once, and then 5 a second. What
// cannot be decided because the service is busy, or its store away, may come thousands of times a second; nothing else is
// so often and says so little. The zero Few is ready, and safe for concurrent use.
type Few[K comparable] struct {
	mu    sync.Mutex
	kinds map[K]*counted
	rest  counted // of all kinds for which there is no more room
}

// counted is what is kept of a kind: when its bucket is empty again, and how many were left out since the last one.
type counted struct {
	empty   time.Time
	leftOut int
}

// mostKinds bounds what is remembered.
const mostKinds = 64

// Take says whether one more of a kind is written down, and if so how many were left out since the last one.
func (f *Few[K]) Take(now time.Time, kind K) (leftOut int, taken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.of(now, kind)
	empty, wait := domain.Limit{Burst: 5, Every: time.Second / 5}.Charge(now, c.empty)
	c.empty = empty
	if wait > 0 {
		c.leftOut++
		return 0, false
	}
	leftOut, c.leftOut = c.leftOut, 0
	return leftOut, true
}

// of returns what is kept of a kind. Where there is no room for another one those make it that have not come for a minute,
// and what was left out of them is told with the rest.
func (f *Few[K]) of(now time.Time, kind K) *counted {
	if c, there := f.kinds[kind]; there {
		return c
	}
	if f.kinds == nil {
		f.kinds = make(map[K]*counted)
	}
	if len(f.kinds) == mostKinds {
		for k, c := range f.kinds {
			if c.empty.Before(now.Add(-time.Minute)) {
				f.rest.leftOut += c.leftOut
				delete(f.kinds, k)
			}
		}
	}
	if len(f.kinds) == mostKinds {
		return &f.rest
	}
	c := &counted{}
	f.kinds[kind] = c
	return c
}
