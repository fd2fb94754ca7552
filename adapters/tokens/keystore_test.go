package tokens_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// keyStore keeps keys in this process, and fails when it is told to.
type keyStore struct {
	mu     sync.Mutex
	busy   chan struct{} // closed when the one writer is done; nil while there is none
	keys   []domain.Key
	broken error
}

var _ application.KeyStore = (*keyStore)(nil)

// fail has every call fail from now on, or none again.
func (s *keyStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *keyStore) Keys(ctx context.Context) ([]domain.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := cmp.Or(ctx.Err(), s.broken); err != nil {
		return nil, err
	}
	all := slices.Clone(s.keys)
	for i := range all {
		all[i] = all[i].Clone()
	}
	slices.SortFunc(all, func(a, b domain.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// turn waits until there is no writer; whoever waits has a context.
func (s *keyStore) turn(ctx context.Context) (done func(), err error) {
	for {
		s.mu.Lock()
		other := s.busy
		if other == nil {
			mine := make(chan struct{})
			s.busy = mine
			s.mu.Unlock()
			return func() { s.mu.Lock(); s.busy = nil; s.mu.Unlock(); close(mine) }, nil
		}
		s.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *keyStore) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	done, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	keys, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	ring := domain.NewRing(keys...)
	if err := f(ring); err != nil {
		return err
	}
	changes := ring.Changes()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range append(changes.Added, changes.Changed...) {
		s.keys = append(slices.DeleteFunc(s.keys, func(l domain.Key) bool { return l.ID == k.ID }), k)
	}
	return nil
}

func TestKeyStoreIsOne(t *testing.T) {
	contract.Keys(t, func(*testing.T) application.KeyStore { return &keyStore{} })
}
