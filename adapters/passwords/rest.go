package passwords

import (
	"runtime"
	"sync"
	"time"
)

// rests says how long a slot rests after a password: as long as others kept it from the processor meanwhile, when
// that was a third of the time or more. Where others have little to do it is no time at all.
type rests struct {
	spent func() time.Duration

	mu      sync.Mutex
	working int
	worked  time.Duration // the time that slots were worked in, all together
	seen    time.Time
}

const (
	// little is the share of the time that is no sign of a crowd: what a login needs beside its password, a neighbour of
	// the machine.
	little = 1.0 / 3
	// mostRest bounds a rest: there are logins however much else there is to do.
	mostRest = time.Second
)

// begin counts one more at work, until rest is called, which says how long to rest. A nil rests never does.
func (r *rests) begin() (rest func() time.Duration) {
	if r == nil {
		return func() time.Duration { return 0 }
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	began := r.look()
	worked, spent := r.worked, r.spent()
	r.working++
	return func() time.Duration {
		r.mu.Lock()
		defer r.mu.Unlock()
		now := r.look()
		r.working--
		kept := 1 - float64(r.spent()-spent)/float64(max(r.worked-worked, 1))
		if kept < little {
			return 0
		}
		return min(time.Duration(kept*float64(now.Sub(began))), mostRest)
	}
}

// look brings worked up to now.
func (r *rests) look() time.Time {
	now := time.Now()
	r.worked += time.Duration(min(r.working, runtime.GOMAXPROCS(0))) * now.Sub(r.seen) // more slots than that are no others
	r.seen = now
	return now
}
