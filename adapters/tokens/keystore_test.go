package tokens_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// keyStore keeps keys in this process.
type keyStore struct {
	mu   sync.Mutex
	keys []domain.Key
}

var _ application.KeyStore = (*keyStore)(nil)

func (s *keyStore) Keys(ctx context.Context) ([]domain.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := slices.Clone(s.keys)
	for i := range all {
		all[i].Private = bytes.Clone(all[i].Private)
	}
	slices.SortFunc(all, func(a, b domain.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func (s *keyStore) AddKey(ctx context.Context, key domain.Key, first bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if slices.ContainsFunc(s.keys, func(k domain.Key) bool { return k.ID == key.ID || first && k.Purpose == key.Purpose }) {
		return nil
	}
	key.Private = bytes.Clone(key.Private)
	s.keys = append(s.keys, key)
	return nil
}

func TestKeyStoreIsOne(t *testing.T) {
	contract.Keys(t, func(*testing.T) application.KeyStore { return &keyStore{} })
}
