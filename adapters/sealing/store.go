package sealing

import (
	"context"
	"slices"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Store seals what goes into another store of keys and opens what comes out. What is there unsealed is read as it is.
type Store struct {
	inner application.KeyStore
	clock application.Clock
	keks  keks
	blind bool
	lost  bool
}

var _ application.KeyStore = (*Store)(nil)

// New returns a store over another. The first of the key-encryption keys seals, all of them open. Without any it seals
// nothing, and refuses what is sealed. A retired key that it cannot open it shows as it is stored: nobody uses it.
func New(inner application.KeyStore, clock application.Clock, keks ...KEK) *Store {
	return &Store{inner: inner, clock: clock, keks: keks}
}

// Blind returns a store that opens nothing: it shows every key as it is stored, and seals new ones. It is for whoever
// looks after keys without using them, and may have lost a key-encryption key: only who says so adds keys to a ring that
// the key-encryption keys do not open, as nodes that open the ring could not open those.
func (s *Store) Blind(lost bool) *Store {
	blind := *s
	blind.blind, blind.lost = true, lost
	return &blind
}

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	stored, err := s.inner.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return s.opened(stored)
}

func (s *Store) opened(stored []domain.Key) ([]domain.Key, error) {
	if s.blind {
		return stored, nil
	}
	keys := make([]domain.Key, len(stored))
	for i, k := range stored {
		key, err := s.keks.open(k)
		switch {
		case err == nil:
			keys[i] = key
		case k.Retired(s.clock()):
			keys[i] = k
		default:
			return nil, err
		}
	}
	return keys, nil
}

// ChangeKeys is documented at application.KeyStore. A key whose secret did not change stays sealed, or unsealed, as it
// is.
func (s *Store) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	return s.inner.ChangeKeys(ctx, func(stored *domain.Ring) error {
		kept := stored.Keys()
		before, err := s.opened(kept)
		if err != nil {
			return err
		}
		ring := domain.NewRing(before...)
		if err := f(ring); err != nil {
			return err
		}
		changes := ring.Changes()
		if err := s.mayAdd(kept, changes.Added); err != nil {
			return err
		}
		for _, k := range changes.Added {
			stored.Put(s.sealed(k))
		}
		for _, k := range changes.Changed {
			i := slices.IndexFunc(before, func(b domain.Key) bool { return b.ID == k.ID })
			if sameSecret(before[i], k) {
				k.Private = kept[i].Private
			} else {
				k = s.sealed(k)
			}
			stored.Put(k)
		}
		return nil
	})
}

// mayAdd refuses to put a key among others that the key-encryption keys do not open: an unsealed one never, one that is
// sealed with another only for who has lost theirs.
func (s *Store) mayAdd(kept, added []domain.Key) error {
	if len(added) == 0 || s.lost && len(s.keks) > 0 {
		return nil
	}
	for _, k := range domain.Unretired(kept, s.clock()) {
		if _, err := s.keks.open(k); err != nil {
			return err
		}
	}
	return nil
}

// sameSecret reports whether what is sealed, and what it is sealed for, are the same.
func sameSecret(a, b domain.Key) bool {
	return a.Purpose == b.Purpose && a.Algorithm == b.Algorithm && slices.Equal(a.Private, b.Private)
}

func (s *Store) sealed(k domain.Key) domain.Key {
	if len(s.keks) == 0 {
		return k
	}
	return s.keks[0].seal(k)
}
