package memory

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
	return s.everyKey(), nil
}

func (s *Store) everyKey() []domain.Key {
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := make([]domain.Key, 0, len(s.keys))
	for _, key := range s.keys {
		keys = append(keys, key.Clone())
	}
	slices.SortFunc(keys, func(a, b domain.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return keys
}

// ChangeKeys is documented at application.KeyStore. Its lock is the one of every writer.
func (s *Store) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	defer s.end() // also when f panics
	ring := domain.NewRing(s.everyKey()...)
	if err := f(ring); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("change keys: %w", err)
	}
	changes := ring.Changes()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range append(changes.Added, changes.Changed...) {
		s.keys[key.ID] = key
	}
	return nil
}
