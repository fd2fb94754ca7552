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
		{"the same key again changes nothing",
			"Adding the same ID again changes nothing and is nil.", sameKeyAgain},
		{"a first key is added to an empty ring only",
			"With first a key is added only if the ring holds none of its purpose, and the answer is nil either way.", firstKey},
		{"first keys at once are one",
			"Nodes that start at once agree on one first key.", firstKeysAtOnce},
		{"keys at once are all kept",
			"Without first, keys that are added at once are all kept.", keysAtOnce},
		{"a key that came back is the caller's",
			"A key that was returned shares nothing with the one that is kept.", returnedKeysAreCopies},
		{"with a cancelled context keys are a failure",
			"With a cancelled context nothing is read and nothing added.", keysCancelled},
	}
}

func key(id string, purpose domain.Kind, made time.Duration) domain.Key {
	return domain.Key{
		ID: id, Purpose: purpose, Algorithm: "EdDSA", Private: []byte("secret of " + id), CreatedAt: at(made), ActiveFrom: at(made),
	}
}

func addKeys(ctx context.Context, s application.KeyStore, first bool, keys ...domain.Key) error {
	for _, k := range keys {
		if err := s.AddKey(ctx, k, first); err != nil {
			return fmt.Errorf("AddKey of %s: %w", k.ID, err)
		}
	}
	return nil
}

func sameKeys(ctx context.Context, s application.KeyStore, want ...domain.Key) error {
	got, err := s.Keys(ctx)
	if err != nil {
		return fmt.Errorf("Keys: %w", err)
	}
	same := func(a, b domain.Key) bool {
		return a.ID == b.ID && a.Purpose == b.Purpose && a.Algorithm == b.Algorithm && bytes.Equal(a.Private, b.Private) &&
			a.CreatedAt.Equal(b.CreatedAt) && a.ActiveFrom.Equal(b.ActiveFrom) && a.RetiredAt.Equal(b.RetiredAt)
	}
	if !slices.EqualFunc(got, want, same) {
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

func keysSurvive(ctx context.Context, s application.KeyStore) error {
	if err := sameKeys(ctx, s); err != nil {
		return fmt.Errorf("of an empty ring %w", err)
	}
	var every []byte // each value of a byte, at the ends too
	for b := range 256 {
		every = append(every, byte(b))
	}
	last := time.Date(9999, time.December, 31, 23, 59, 59, 999999000, time.UTC)
	keys := []domain.Key{
		{ID: "a", Purpose: domain.Refresh, Algorithm: "HS256", Private: every, CreatedAt: at(0), ActiveFrom: at(time.Microsecond)},
		{ID: "b", Purpose: domain.Access, Algorithm: "EdDSA", Private: []byte{0}, CreatedAt: at(1000), RetiredAt: last},
		{ID: "c", Purpose: domain.Access, Algorithm: "ES256", Private: []byte("\xff\\x00'\" \r\n"), CreatedAt: at(2000), ActiveFrom: last},
		{ID: "d", Purpose: domain.Access, Algorithm: "RS256", Private: bytes.Repeat(every, 20), CreatedAt: at(3000)},
		{ID: strings.Repeat("k", 64), Purpose: domain.Refresh, Algorithm: "HS256", Private: []byte("x"), CreatedAt: at(4000), RetiredAt: time.Unix(0, 0).UTC()},
	}
	if err := addKeys(ctx, s, false, keys...); err != nil {
		return err
	}
	return sameKeys(ctx, s, keys...)
}

func keysInOrder(ctx context.Context, s application.KeyStore) error {
	want := []domain.Key{
		key("z", domain.Access, -time.Microsecond),
		key("-b", domain.Access, 0), key("B", domain.Refresh, 0), key("_b", domain.Access, 0), key("a", domain.Access, 0), key("b", domain.Access, 0),
		key("A", domain.Refresh, time.Microsecond),
	}
	for _, i := range []int{4, 6, 2, 0, 5, 3, 1} {
		if err := addKeys(ctx, s, false, want[i]); err != nil {
			return err
		}
	}
	return sameKeys(ctx, s, want...)
}

func sameKeyAgain(ctx context.Context, s application.KeyStore) error {
	kept := key("a", domain.Access, 0)
	other := key("a", domain.Refresh, time.Hour)
	if err := addKeys(ctx, s, false, kept, kept, other); err != nil {
		return err
	}
	if err := addKeys(ctx, s, true, kept, other); err != nil {
		return err
	}
	return sameKeys(ctx, s, kept)
}

func firstKey(ctx context.Context, s application.KeyStore) error {
	access, refresh := key("a", domain.Access, 0), key("r", domain.Refresh, 1000)
	access.RetiredAt = at(0) // retired, and still one of the ring
	if err := addKeys(ctx, s, true, access, refresh, key("late", domain.Access, 2000), key("later", domain.Refresh, -1000)); err != nil {
		return err
	}
	if err := sameKeys(ctx, s, access, refresh); err != nil {
		return err
	}
	next := key("next", domain.Access, 3000)
	if err := addKeys(ctx, s, false, next); err != nil {
		return err
	}
	return sameKeys(ctx, s, access, refresh, next)
}

func firstKeysAtOnce(ctx context.Context, s application.KeyStore) error { return firstOfAll(ctx, s) }

// firstOfAll adds a first key of each purpose from many nodes at once. Whichever it is, every node sees the same one
// as soon as its own addition has been answered.
func firstOfAll(ctx context.Context, handles ...application.KeyStore) error {
	const nodes = 20
	seen := make([][]domain.Key, nodes)
	err := atOnce(nodes, func(i int) error {
		s := handles[i%len(handles)]
		err := addKeys(ctx, s, true,
			key(fmt.Sprint("access-", i), domain.Access, time.Duration(i)*domain.Tick), key(fmt.Sprint("refresh-", i), domain.Refresh, -time.Duration(i)*domain.Tick))
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

func keysAtOnce(ctx context.Context, s application.KeyStore) error {
	var want []domain.Key
	for i := range 20 {
		want = append(want, key(fmt.Sprintf("k%02d", i), domain.Access, 0))
	}
	if err := atOnce(len(want), func(i int) error { return addKeys(ctx, s, false, want[i]) }); err != nil {
		return err
	}
	return sameKeys(ctx, s, want...)
}

func returnedKeysAreCopies(ctx context.Context, s application.KeyStore) error {
	given := key("a", domain.Access, 0)
	if err := addKeys(ctx, s, false, given); err != nil {
		return err
	}
	given.Private[0] = 'X'
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
	return errors.Join(
		failed("Keys", keys), failed("AddKey", s.AddKey(gone, key("a", domain.Access, 0), false)),
		failed("AddKey with first", s.AddKey(gone, key("b", domain.Access, 0), true)), sameKeys(ctx, s),
	)
}
