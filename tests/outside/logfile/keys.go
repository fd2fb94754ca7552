package logfile

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/porteiro/porteiro/domain"
)

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := make([]domain.Key, 0, len(s.keys))
	for _, key := range s.keys {
		keys = append(keys, key.Clone())
	}
	slices.SortFunc(keys, func(a, b domain.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return keys, nil
}

// ChangeKeys is documented at application.KeyStore. Its lock is the one of every writer.
func (s *Store) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	defer s.end() // also when f panics
	keys, err := s.Keys(ctx)
	if err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	ring := domain.NewRing(keys...)
	if err := f(ring); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	changes := ring.Changes()
	if changes.None() {
		return nil
	}
	var r record
	for _, key := range append(changes.Added, changes.Changed...) {
		r.Keys = append(r.Keys, rowOfKey(key))
	}
	if err := s.commit(r); err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	return nil
}
