package postgres

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// queue keeps connections of the pool for standings. The zero queue lets everybody through.
type queue struct {
	free   chan struct{} // one for each transaction or login's read at the same time; nil: as many as the pool has
	waited atomic.Int64  // how many had to wait
	took   atomic.Int64  // how long they waited, in nanoseconds
}

// turn waits until fewer are at work than leave the spare connections free.
func (s *Store) turn(ctx context.Context) (done func(), err error) {
	if s.queue.free == nil {
		return func() {}, nil
	}
	done = func() { <-s.queue.free }
	select {
	case s.queue.free <- struct{}{}:
		return done, nil
	default:
	}
	s.queue.waited.Add(1)
	defer func(since time.Time) { s.queue.took.Add(int64(time.Since(since))) }(time.Now())
	select {
	case s.queue.free <- struct{}{}:
		return done, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Pools returns what the connections are doing. Who waits for a turn waits for a connection, and counts.
func (s *Store) Pools() map[string]sql.DBStats {
	stats := s.db.Stats()
	stats.WaitCount += s.queue.waited.Load()
	stats.WaitDuration += time.Duration(s.queue.took.Load())
	return map[string]sql.DBStats{"postgres": stats}
}
