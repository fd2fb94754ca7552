package sealing

import (
	"context"

	"github.com/porteiro/porteiro/domain"
)

// Reseal seals every key of the inner store with the first key-encryption key, in one change, and returns how many it
// sealed: those that are sealed with it are left as they are, and retired ones that cannot be opened too.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	return s.rewrite(ctx, func(stored, opened domain.Key) domain.Key {
		if SealedWith(stored) == s.keks[0].id {
			return stored
		}
		return s.keks[0].seal(opened)
	})
}

// Unseal opens every key of the inner store, in one change, and returns how many it opened.
func (s *Store) Unseal(ctx context.Context) (int, error) {
	return s.rewrite(ctx, func(_, opened domain.Key) domain.Key { return opened })
}

func (s *Store) rewrite(ctx context.Context, f func(stored, opened domain.Key) domain.Key) (n int, err error) {
	err = s.inner.ChangeKeys(ctx, func(ring *domain.Ring) error {
		for _, stored := range ring.Keys() {
			opened, err := s.keks.open(stored)
			if err != nil && stored.Retired(s.clock()) {
				continue
			}
			if err != nil {
				return err
			}
			ring.Put(f(stored, opened))
		}
		n = len(ring.Changes().Changed)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
