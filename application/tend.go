package application

import (
	"context"
	"fmt"
	"slices"

	"github.com/porteiro/porteiro/domain"
)

// Begin makes the first key of each purpose that has none: nodes that begin at once agree on one. When the newest
// access key is of another algorithm than this node is to use, it rotates. Only a start looks at that: nodes of two
// settings would take turns for ever. It returns the keys that it made, without Private.
func (r *KeyRing) Begin(ctx context.Context) ([]domain.Key, error) {
	made, err := r.change(ctx, r.begins)
	if err != nil {
		return nil, fmt.Errorf("first keys: %w", err)
	}
	tended, err := r.Tend(ctx)
	return append(made, tended...), err
}

// Tend rotates what is due and keeps what verifies for as long as tokens live here. Every node calls it with each poll;
// of those that find a rotation due at once, one makes it. It returns the keys that it made, without Private.
func (r *KeyRing) Tend(ctx context.Context) ([]domain.Key, error) {
	made, err := r.change(ctx, r.rotates)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return made, nil
}

// step does to the keys of one purpose what is to be done, and asks for a new key only then.
type step func(ring *domain.Ring, purpose domain.Kind, fresh func() (domain.Key, error)) error

func (r *KeyRing) begins(ring *domain.Ring, purpose domain.Kind, fresh func() (domain.Key, error)) error {
	now := r.d.Clock()
	newest, found := ring.Newest(now, purpose)
	wanted := r.wanted(purpose)
	if found && (wanted == "" || newest.Algorithm == wanted) || !found && ring.Holds(purpose) {
		return nil
	}
	key, err := fresh()
	if err != nil || ring.First(now, key) {
		return err
	}
	_, err = ring.Rotate(now, key, r.handover(purpose))
	return err
}

func (r *KeyRing) rotates(ring *domain.Ring, purpose domain.Kind, fresh func() (domain.Key, error)) error {
	now, h := r.d.Clock(), r.handover(purpose)
	if ring.Due(now, purpose, r.d.Every, h) {
		key, err := fresh()
		if err != nil {
			return err
		}
		if _, err := ring.Rotate(now, key, h); err != nil {
			return err
		}
	}
	ring.Keep(now, purpose, h)
	return nil
}

// change takes the step for each purpose. It takes it first on what can be read without a lock, where nearly always
// there is nothing to do; and it makes keys there, because the lock is no place for that.
func (r *KeyRing) change(ctx context.Context, take step) ([]domain.Key, error) {
	keys, err := r.d.Store.Keys(ctx)
	if err != nil {
		return nil, failure(err)
	}
	made := map[domain.Kind]domain.Key{}
	fresh := func(purpose domain.Kind) (domain.Key, error) {
		if key, there := made[purpose]; there {
			return key, nil
		}
		key, err := r.fresh(keys, purpose, r.wanted(purpose))
		if err == nil {
			made[purpose] = key
		}
		return key, err
	}
	var changes domain.RingChanges
	all := func(ring *domain.Ring) error {
		for _, purpose := range purposes() {
			if err := take(ring, purpose, func() (domain.Key, error) { return fresh(purpose) }); err != nil {
				return err
			}
		}
		changes = ring.Changes()
		return nil
	}
	if err := all(domain.NewRing(keys...)); err != nil {
		return nil, failure(err)
	}
	if !changes.None() {
		if err := r.d.Store.ChangeKeys(ctx, all); err != nil {
			return nil, failure(err)
		}
		if keys, err = r.d.Store.Keys(ctx); err != nil {
			return nil, failure(err)
		}
	}
	if _, err := r.see(keys); err != nil {
		return nil, failure(err)
	}
	return withoutPrivate(changes.Added), nil
}

func withoutPrivate(keys []domain.Key) []domain.Key {
	keys = slices.Clone(keys)
	for i := range keys {
		keys[i].Private = nil
	}
	return keys
}
