package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func refusedKeys(ctx context.Context, s application.KeyStore) error {
	kept := []domain.Key{key("a", domain.Access, 0), key("r", domain.Refresh, 1000)}
	if err := addKeys(ctx, s, kept...); err != nil {
		return err
	}
	attempts := map[string]func(*domain.Ring){
		"added a key":        func(r *domain.Ring) { r.Put(key("b", domain.Access, 0)) },
		"altered a key":      func(r *domain.Ring) { r.Put(key("a", domain.Access, time.Hour)) },
		"did nothing at all": func(*domain.Ring) {},
	}
	for _, mine := range []error{errMine, domain.NotFound, domain.ErrLastKey, &domain.Denied{Refusal: domain.RequestInvalid}} {
		for what, attempt := range attempts {
			err := s.ChangeKeys(ctx, func(r *domain.Ring) error { attempt(r); return mine })
			if err != mine {
				return fmt.Errorf("f %s and returned %q (%T), ChangeKeys answered %v (%T)", what, mine, mine, err, err)
			}
			if err := sameKeys(ctx, s, kept...); err != nil {
				return fmt.Errorf("f %s and returned an error: %w", what, err)
			}
		}
	}
	return nil
}

func panicInChangeKeys(ctx context.Context, s application.KeyStore) error {
	kept, added := key("a", domain.Access, 0), key("b", domain.Access, 1000)
	if err := addKeys(ctx, s, kept); err != nil {
		return err
	}
	for range 3 {
		err := func() (err error) {
			defer func() {
				if recover() == nil {
					err = errors.New("a panic of f's own was swallowed")
				}
			}()
			return s.ChangeKeys(ctx, func(r *domain.Ring) error { r.Put(key("lost", domain.Access, 0)); panic("f lost its head") })
		}()
		if err != nil {
			return err
		}
	}
	soon, cancel := context.WithTimeout(ctx, grace) // for whoever has left a lock behind
	defer cancel()
	if err := addKeys(soon, s, added); err != nil {
		return fmt.Errorf("after a panic: %w", err)
	}
	return sameKeys(ctx, s, kept, added)
}

func firstKeysAtOnce(ctx context.Context, s application.KeyStore) error { return firstOfAll(ctx, s) }

// firstOfAll adds a first key of each purpose from many nodes at once. Whichever it is, every node sees the same one
// as soon as its own addition has been answered.
func firstOfAll(ctx context.Context, handles ...application.KeyStore) error {
	const nodes = 20
	seen := make([][]domain.Key, nodes)
	err := atOnce(nodes, func(i int) error {
		s := handles[i%len(handles)]
		err := changeKeys(ctx, s, func(r *domain.Ring) {
			r.First(at(time.Duration(i)*domain.Tick), key(fmt.Sprint("access-", i), domain.Access, 0))
			r.First(at(-time.Duration(i)*domain.Tick), key(fmt.Sprint("refresh-", i), domain.Refresh, 0))
		})
		if err != nil {
			return err
		}
		if seen[i], err = s.Keys(ctx); err != nil {
			return fmt.Errorf("Keys: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range handles {
		for i := range nodes {
			if len(seen[i]) != 2 || seen[i][0].Purpose == seen[i][1].Purpose {
				return fmt.Errorf("node %d saw %d keys: %v", i, len(seen[i]), seen[i])
			}
			if err := sameKeys(ctx, s, seen[i]...); err != nil {
				return err
			}
		}
	}
	return nil
}

func rotationsAtOnce(ctx context.Context, s application.KeyStore) error {
	return rotateKeysOnce(ctx, s)
}

// rotateKeysOnce lets many nodes, with clocks of their own, find the same rotation due.
func rotateKeysOnce(ctx context.Context, handles ...application.KeyStore) error {
	const nodes = 20
	h := domain.Handover{Notice: 5 * time.Minute, Keep: time.Hour}
	old := key("old", domain.Access, 0)
	if err := addKeys(ctx, handles[0], old); err != nil {
		return err
	}
	err := atOnce(nodes, func(i int) error {
		now := at(24*time.Hour + time.Duration(i)*time.Second)
		err := handles[i%len(handles)].ChangeKeys(ctx, func(r *domain.Ring) error {
			if !r.Due(now, domain.Access, 24*time.Hour, h) {
				return nil
			}
			_, err := r.Rotate(now, key(fmt.Sprint("new-", i), domain.Access, 0), h)
			return err
		})
		if err != nil {
			return fmt.Errorf("ChangeKeys: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range handles {
		keys, err := s.Keys(ctx)
		if err != nil {
			return fmt.Errorf("Keys: %w", err)
		}
		if len(keys) != 2 {
			return fmt.Errorf("of one rotation came %d keys: %v", len(keys), keys)
		}
		if want := keys[1].ActiveFrom.Add(h.Keep); !keys[0].RetiredAt.Equal(want) {
			return fmt.Errorf("the old key retires at %v instead of %v", keys[0].RetiredAt, want)
		}
	}
	return nil
}

func keyChangesAtOnce(ctx context.Context, s application.KeyStore) error { return keepEveryKey(ctx, s) }

// keepEveryKey adds keys from many nodes at once, and has each leave its mark in one key that all of them change.
func keepEveryKey(ctx context.Context, handles ...application.KeyStore) error {
	const nodes = 20
	shared := key("shared", domain.Refresh, -time.Hour)
	shared.Private = []byte{}
	first := shared
	first.Private = []byte{nodes}
	want := []domain.Key{shared}
	for i := range nodes {
		want = append(want, key(fmt.Sprintf("k%02d", i), domain.Access, 0))
	}
	if err := addKeys(ctx, handles[0], first); err != nil {
		return err
	}
	err := atOnce(nodes, func(i int) error {
		return changeKeys(ctx, handles[i%len(handles)], func(r *domain.Ring) {
			for _, k := range r.Keys() {
				if k.ID == shared.ID {
					k.Private = append(k.Private, byte(i))
					r.Put(k)
				}
			}
			r.Put(want[i+1])
		})
	})
	if err != nil {
		return err
	}
	for _, s := range handles {
		keys, err := s.Keys(ctx)
		if err != nil || len(keys) == 0 {
			return fmt.Errorf("Keys shows %d keys, %w", len(keys), err)
		}
		slices.Sort(keys[0].Private)
		for b := range nodes + 1 {
			want[0].Private = append(want[0].Private[:b], byte(b))
		}
		if !slices.Equal(keys[0].Private, want[0].Private) {
			return fmt.Errorf("of %d changes of one key it shows %v", nodes, keys[0].Private)
		}
		if !slices.EqualFunc(keys[1:], want[1:], domain.Key.Equal) {
			return fmt.Errorf("of %d keys that were added %d are there", nodes, len(keys)-1)
		}
	}
	return nil
}

func returnedKeysAreCopies(ctx context.Context, s application.KeyStore) error {
	given := key("a", domain.Access, 0)
	var ring *domain.Ring
	if err := changeKeys(ctx, s, func(r *domain.Ring) { r.Put(given); ring = r }); err != nil {
		return err
	}
	given.Private[0] = 'X'
	ring.Put(given) // too late
	for range 2 {
		if err := sameKeys(ctx, s, key("a", domain.Access, 0)); err != nil {
			return err
		}
		got, err := s.Keys(ctx)
		if err != nil || len(got) != 1 {
			return fmt.Errorf("Keys shows %d keys, %v", len(got), err)
		}
		got[0].Private[0] = 'X'
	}
	return nil
}

func keysCancelled(ctx context.Context, s application.KeyStore) error {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, keys := s.Keys(gone)
	change := func() error { return addKeys(gone, s, key("a", domain.Access, 0)) }
	return errors.Join(failed("Keys", keys), failed("ChangeKeys", change()), sameKeys(ctx, s))
}
