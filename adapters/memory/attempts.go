package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Count is documented at application.Attempts. It holds the lock while f runs, once.
func (s *Store) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	defer s.end() // also when f panics
	empty := make([]time.Time, len(buckets))
	s.mu.RLock()
	for i, name := range buckets {
		empty[i] = s.attempts[name]
	}
	s.mu.RUnlock()
	kept := f(empty)
	if kept == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, name := range buckets {
		if kept[i].IsZero() {
			delete(s.attempts, name)
		} else {
			s.attempts[name] = domain.Instant(kept[i])
		}
	}
	return nil
}

// Forget is documented at application.Attempts.
func (s *Store) Forget(ctx context.Context, before time.Time, n int) (int, error) {
	if err := s.begin(ctx); err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	removed := 0
	for name, empty := range s.attempts {
		if removed < n && empty.Before(before) {
			delete(s.attempts, name)
			removed++
		}
	}
	return removed, nil
}
