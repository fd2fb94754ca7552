package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Keys proves a store of signing keys. The function opens an empty one.
func Keys(t *testing.T, open func(t *testing.T) application.KeyStore) {
	t.Helper()
	run(t, "keys", open, keyRows())
}

func keyRows() []row[application.KeyStore] {
	return []row[application.KeyStore]{
		{"a key comes back as added",
			"Every field of a key survives: its bytes exactly, its times to the microsecond.", keysSurvive},
		{"keys come oldest first",
			"Keys shows the oldest key first, and keys made at the same time in the order of their IDs' bytes.", keysInOrder},
		{"a change of keys is shown every key",
			"ChangeKeys shows f every key as it is kept.", everyKeyIsShown},
		{"a changed key is kept as it became",
			"What f made of a key is what is kept: set, altered and cleared.", everyFieldOfAKey},
		{"a retirement is kept",
			"A key that was retired is there, retired, and the others are what they were.", retirementsSurvive},
		{"what f refuses is not written",
			"ChangeKeys writes what f changed if and only if f returns nil; f's error comes back as it is.", refusedKeys},
		{"a panic in f writes no key and the store goes on",
			"An f that panics has not returned nil: nothing is written, and no lock stays behind.", panicInChangeKeys},
		{"whoever waits sees the keys that were written",
			"A change of keys that waited for another one is decided on what that one wrote.", keyChangersSee},
		{"a change of keys that waits gives up with its context",
			"ChangeKeys does not outlive its context by much, also while another change is under way.", keysWaiting},
		{"first keys at once are one",
			"Nodes that start at once agree on one first key.", firstKeysAtOnce},
		{"rotations at once are one",
			"Of nodes that find a rotation due at once one makes the key: the second f sees what the first one did.", rotationsAtOnce},
		{"changes of keys at once lose nothing",
			"The lock on the ring holds: changes at once are all kept, of new keys and of one.", keyChangesAtOnce},
		{"a key that came back is the caller's",
			"A key that was given or returned shares nothing with the one that is kept.", returnedKeysAreCopies},
		{"with a cancelled context keys are a failure",
			"With a cancelled context nothing is read and nothing written.", keysCancelled},
	}
}

func key(id string, purpose domain.Kind, made time.Duration) domain.Key {
	return domain.Key{
		ID: id, Purpose: purpose, Algorithm: "EdDSA", Private: []byte("secret of " + id), CreatedAt: at(made), ActiveFrom: at(made),
	}
}

// addKeys puts each key in a change of its own.
func addKeys(ctx context.Context, s application.KeyStore, keys ...domain.Key) error {
	for _, k := range keys {
		if err := changeKeys(ctx, s, func(r *domain.Ring) { r.Put(k) }); err != nil {
			return fmt.Errorf("adding %s: %w", k.ID, err)
		}
	}
	return nil
}

func changeKeys(ctx context.Context, s application.KeyStore, f func(*domain.Ring)) error {
	err := s.ChangeKeys(ctx, func(r *domain.Ring) error { f(r); return nil })
	if err != nil {
		return fmt.Errorf("ChangeKeys: %w", err)
	}
	return nil
}

func sameKeys(ctx context.Context, s application.KeyStore, want ...domain.Key) error {
	got, err := s.Keys(ctx)
	if err != nil {
		return fmt.Errorf("Keys: %w", err)
	}
	if !slices.EqualFunc(got, want, domain.Key.Equal) {
		return fmt.Errorf("Keys shows\n\t%v\ninstead of\n\t%v", got, want)
	}
	for _, k := range got {
		for _, t := range []time.Time{k.CreatedAt, k.ActiveFrom, k.RetiredAt} {
			if t != domain.Instant(t) {
				return fmt.Errorf("Keys shows %v (%s), which is no Instant", t, t.Location())
			}
		}
	}
	return nil
}

// allSortsOfKeys is what a store may have to keep, the oldest first.
func allSortsOfKeys() []domain.Key {
	var every []byte // each value of a byte, at the ends too
	for b := range 256 {
		every = append(every, byte(b))
	}
	last := time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC)
	return []domain.Key{
		{ID: "a", Purpose: domain.Refresh, Algorithm: "HS256", Private: every, CreatedAt: at(0), ActiveFrom: at(time.Microsecond)},
		{ID: "b", Purpose: domain.Access, Algorithm: "EdDSA", Private: []byte{0}, CreatedAt: at(1000), RetiredAt: last},
		{ID: "c", Purpose: domain.Access, Algorithm: "ES256", Private: []byte("\xff\\x00'\" \r\n"), CreatedAt: at(2000), ActiveFrom: last},
		{ID: "d", Purpose: domain.Access, Algorithm: "RS256", Private: bytes.Repeat(every, 20), CreatedAt: at(3000)},
		{ID: strings.Repeat("k", 64), Purpose: domain.Refresh, Algorithm: "HS256", Private: []byte("x"), CreatedAt: at(4000), RetiredAt: time.Unix(0, 0).UTC()},
	}
}

func keysSurvive(ctx context.Context, s application.KeyStore) error {
	if err := sameKeys(ctx, s); err != nil {
		return fmt.Errorf("of an empty ring %w", err)
	}
	if err := addKeys(ctx, s, allSortsOfKeys()...); err != nil {
		return err
	}
	return sameKeys(ctx, s, allSortsOfKeys()...)
}

func keysInOrder(ctx context.Context, s application.KeyStore) error {
	want := []domain.Key{
		key("z", domain.Access, -time.Microsecond),
		key("-b", domain.Access, 0), key("B", domain.Refresh, 0), key("_b", domain.Access, 0), key("a", domain.Access, 0), key("b", domain.Access, 0),
		key("A", domain.Refresh, time.Microsecond),
	}
	for _, i := range []int{4, 6, 2, 0, 5, 3, 1} {
		if err := addKeys(ctx, s, want[i]); err != nil {
			return err
		}
	}
	return sameKeys(ctx, s, want...)
}

func everyKeyIsShown(ctx context.Context, s application.KeyStore) error {
	shows := func(want ...domain.Key) error {
		var shown []domain.Key
		if err := changeKeys(ctx, s, func(r *domain.Ring) { shown = r.Keys() }); err != nil {
			return err
		}
		slices.SortFunc(shown, func(a, b domain.Key) int { return a.CreatedAt.Compare(b.CreatedAt) })
		if !slices.EqualFunc(shown, want, domain.Key.Equal) {
			return fmt.Errorf("f is shown\n\t%v\ninstead of\n\t%v", shown, want)
		}
		return nil
	}
	if err := shows(); err != nil {
		return err
	}
	if err := addKeys(ctx, s, allSortsOfKeys()...); err != nil {
		return err
	}
	return errors.Join(shows(allSortsOfKeys()...), sameKeys(ctx, s, allSortsOfKeys()...))
}

func everyFieldOfAKey(ctx context.Context, s application.KeyStore) error {
	before, after, beside := key("a", domain.Access, 0), allSortsOfKeys()[4], key("b", domain.Access, time.Hour)
	after.ID = before.ID
	if err := addKeys(ctx, s, before, beside); err != nil {
		return err
	}
	for _, want := range []domain.Key{after, before} { // set, and cleared again
		if err := addKeys(ctx, s, want); err != nil {
			return err
		}
		if err := sameKeys(ctx, s, want, beside); err != nil {
			return err
		}
	}
	return nil
}

func retirementsSurvive(ctx context.Context, s application.KeyStore) error {
	keys := []domain.Key{key("a", domain.Access, 0), key("b", domain.Access, 1000), key("r", domain.Refresh, 2000)}
	if err := addKeys(ctx, s, keys...); err != nil {
		return err
	}
	err := s.ChangeKeys(ctx, func(r *domain.Ring) error { return r.Retire(at(time.Hour), "a", true, 0) })
	if err != nil {
		return fmt.Errorf("ChangeKeys: %w", err)
	}
	keys[0].RetiredAt = at(time.Hour)
	return sameKeys(ctx, s, keys...)
}
