package tokens

import (
	"context"
	"fmt"
	"slices"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Ring returns the keys of the store. When a purpose has none it makes the first one and reads the ring again: what the
// store answers then counts, so that nodes that start at once agree. An error is the store's; nothing of a key is in it.
func Ring(ctx context.Context, store application.KeyStore, clock application.Clock) ([]domain.Key, error) {
	keys, err := store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("tokens: ring: %w", err)
	}
	complete := true
	for _, kind := range kinds {
		if slices.ContainsFunc(keys, func(k domain.Key) bool { return k.Purpose == kind }) {
			continue
		}
		complete = false
		if err := begin(ctx, store, kind, clock); err != nil {
			return nil, err
		}
	}
	if complete {
		return keys, nil
	}
	if keys, err = store.Keys(ctx); err != nil {
		return nil, fmt.Errorf("tokens: ring: %w", err)
	}
	return keys, nil
}

// begin adds the first key of a purpose, which signs from now on: nobody has cached a ring without it.
func begin(ctx context.Context, store application.KeyStore, kind domain.Kind, clock application.Clock) error {
	i := slices.IndexFunc(algorithms, func(a algorithm) bool { return a.purpose == kind })
	id, private, err := algorithms[i].generate()
	if err != nil {
		return fmt.Errorf("tokens: making a key for %s tokens: %w", kind, err)
	}
	now := domain.Instant(clock())
	err = store.AddKey(ctx, domain.Key{
		ID: id, Purpose: kind, Algorithm: algorithms[i].method.Alg(), Private: private, CreatedAt: now, ActiveFrom: now,
	}, true)
	if err != nil {
		return fmt.Errorf("tokens: adding a key for %s tokens: %w", kind, err)
	}
	return nil
}
