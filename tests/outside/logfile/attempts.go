package logfile

import (
	"context"
	"fmt"
	"time"
)

// Count is documented at application.Attempts.
func (s *Store) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	defer s.end() // also when f panics
	empty := make([]time.Time, len(buckets))
	for i, name := range buckets {
		empty[i] = s.attempts[name]
	}
	kept := f(empty)
	if kept == nil {
		return nil
	}
	r := record{Attempts: map[string]micro{}}
	for i, name := range buckets {
		r.Attempts[name] = microOf(kept[i])
	}
	if err := s.commit(r); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// Forget is documented at application.Attempts.
func (s *Store) Forget(ctx context.Context, before time.Time, n int) (int, error) {
	if err := s.begin(ctx); err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	defer s.end()
	r := record{Attempts: map[string]micro{}}
	for name, empty := range s.attempts {
		if len(r.Attempts) < n && empty.Before(before) {
			r.Attempts[name] = microOf(time.Time{})
		}
	}
	if len(r.Attempts) == 0 {
		return 0, nil
	}
	if err := s.commit(r); err != nil {
		return 0, fmt.Errorf("forget: %w", err)
	}
	return len(r.Attempts), nil
}
