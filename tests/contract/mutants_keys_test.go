package contract

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpKeys keeps keys, and has the ways to fall short of what the rows ask for.
type madeUpKeys struct {
	turn chan struct{} // of the one writer
	mu   sync.Mutex
	kept []domain.Key

	lockless bool                                     // nobody waits for anybody
	stuck    bool                                     // a panic leaves the turn taken
	deaf     bool                                     // contexts are not looked at
	shared   bool                                     // what is kept is what was given and is handed out
	show     func([]domain.Key) []domain.Key          // what Keys makes of what is kept
	offer    func([]domain.Key) []domain.Key          // what f is shown
	refused  func(m *madeUpKeys, r *domain.Ring) bool // what is done when f returns an error; whether that is swallowed
	write    func(domain.Key) domain.Key              // what is written of a key
}

var _ application.KeyStore = (*madeUpKeys)(nil)

func (m *madeUpKeys) every() []domain.Key {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := slices.Clone(m.kept)
	for i := range keys {
		if !m.shared {
			keys[i] = keys[i].Clone()
		}
	}
	slices.SortFunc(keys, func(a, b domain.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return keys
}

func (m *madeUpKeys) Keys(ctx context.Context) ([]domain.Key, error) {
	if err := ctx.Err(); err != nil && !m.deaf {
		return nil, err
	}
	if m.show != nil {
		return m.show(m.every()), nil
	}
	return m.every(), nil
}

func (m *madeUpKeys) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	if err := ctx.Err(); err != nil && !m.deaf {
		return err
	}
	if m.lockless {
	} else if m.stuck {
		select {
		case m.turn <- struct{}{}:
		default:
			return errors.New("somebody has the lock")
		}
	} else {
		select {
		case m.turn <- struct{}{}:
			defer func() { <-m.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	shown := m.every()
	if m.offer != nil {
		shown = m.offer(shown)
	}
	ring := domain.NewRing(shown...)
	err := f(ring)
	if m.stuck {
		<-m.turn
	}
	if err != nil {
		if m.refused != nil && m.refused(m, ring) {
			return nil
		}
		return err
	}
	m.save(ring.Changes())
	return nil
}

func (m *madeUpKeys) save(c domain.RingChanges) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range append(c.Added, c.Changed...) {
		if m.write != nil {
			k = m.write(k)
		}
		m.kept = append(slices.DeleteFunc(m.kept, func(l domain.Key) bool { return l.ID == k.ID }), k)
	}
}

// ofKeys is a mutant of what keeps keys.
func ofKeys(wrong string, m *madeUpKeys, rows ...string) mutant[application.KeyStore] {
	return mutant[application.KeyStore]{wrong: wrong, rows: rows, open: func(testing.TB) application.KeyStore {
		return &madeUpKeys{
			turn: make(chan struct{}, 1), lockless: m.lockless, stuck: m.stuck, deaf: m.deaf, shared: m.shared, show: m.show, offer: m.offer, refused: m.refused, write: m.write,
		}
	}}
}

// writesKeys changes what is kept of a key.
func writesKeys(alter func(k *domain.Key)) *madeUpKeys {
	return &madeUpKeys{write: func(k domain.Key) domain.Key { alter(&k); return k }}
}

func keySuite() suite[application.KeyStore] {
	return suite[application.KeyStore]{
		name: "Keys", rows: keyRows(), right: ofKeys("", &madeUpKeys{}).open,
		mutants: slices.Concat(brokenKeys(), brokenRings()),
	}
}

func brokenKeys() []mutant[application.KeyStore] {
	const added, order, shown = "a key comes back as added", "keys come oldest first", "a change of keys is shown every key"
	const changed, retired = "a changed key is kept as it became", "a retirement is kept"
	return []mutant[application.KeyStore]{
		ofKeys("zero bytes trimmed", writesKeys(func(k *domain.Key) { k.Private = bytes.TrimRight(k.Private, "\x00") }), added),
		ofKeys("bytes kept as text", writesKeys(func(k *domain.Key) { k.Private = bytes.ToValidUTF8(k.Private, []byte("?")) }), added),
		ofKeys("times of keys cut to seconds", writesKeys(func(k *domain.Key) { k.ActiveFrom = k.ActiveFrom.Truncate(time.Second) }), added),
		ofKeys("a retirement at the epoch is none", writesKeys(func(k *domain.Key) {
			if k.RetiredAt.Unix() == 0 {
				k.RetiredAt = time.Time{}
			}
		}), added, changed),
		ofKeys("no purpose", writesKeys(func(k *domain.Key) { k.Purpose = domain.Access }), added),
		ofKeys("ordered by ID", &madeUpKeys{show: func(keys []domain.Key) []domain.Key {
			slices.SortFunc(keys, func(a, b domain.Key) int { return cmp.Compare(a.ID, b.ID) })
			return keys
		}}, order),
		ofKeys("newest first", &madeUpKeys{show: func(keys []domain.Key) []domain.Key { slices.Reverse(keys); return keys }}, order, added),
		ofKeys("IDs in any case", &madeUpKeys{show: func(keys []domain.Key) []domain.Key {
			slices.SortStableFunc(keys, func(a, b domain.Key) int {
				return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(bytes.ToLower([]byte(a.ID)), bytes.ToLower([]byte(b.ID))))
			})
			return keys
		}}, order),
		ofKeys("retired keys are not shown to f", &madeUpKeys{offer: func(keys []domain.Key) []domain.Key {
			return slices.DeleteFunc(keys, func(k domain.Key) bool { return !k.RetiredAt.IsZero() })
		}}, shown),
		ofKeys("retired keys are not listed", &madeUpKeys{show: func(keys []domain.Key) []domain.Key {
			return slices.DeleteFunc(keys, func(k domain.Key) bool { return !k.RetiredAt.IsZero() })
		}}, added, retired),
	}
}

func brokenRings() []mutant[application.KeyStore] {
	const added, shown, changed = "a key comes back as added", "a change of keys is shown every key", "a changed key is kept as it became"
	const retired, refused = "a retirement is kept", "what f refuses is not written"
	const panics, see = "a panic in f writes no key and the store goes on", "whoever waits sees the keys that were written"
	const waits, first, rotations = "a change of keys that waits gives up with its context", "first keys at once are one", "rotations at once are one"
	const lose, copies, cancelled = "changes of keys at once lose nothing", "a key that came back is the caller's", "with a cancelled context keys are a failure"
	return []mutant[application.KeyStore]{
		ofKeys("an algorithm that is never changed", writesKeys(func(k *domain.Key) { k.Algorithm = "EdDSA" }), changed, added),
		ofKeys("a retirement that is not kept", writesKeys(func(k *domain.Key) { k.RetiredAt = time.Time{} }), retired),
		ofKeys("keys written although f refused", &madeUpKeys{refused: func(m *madeUpKeys, r *domain.Ring) bool { m.save(r.Changes()); return false }}, refused),
		ofKeys("an error of f swallowed", &madeUpKeys{refused: func(*madeUpKeys, *domain.Ring) bool { return true }}, refused),
		ofKeys("a panic that leaves the ring locked", &madeUpKeys{stuck: true}, panics),
		ofKeys("no lock on the ring", &madeUpKeys{lockless: true}, see, waits),
		ofKeys("first keys decided on an empty ring", &madeUpKeys{offer: func([]domain.Key) []domain.Key { return nil }}, first, shown),
		ofKeys("a rotation decided on the ring before it", &madeUpKeys{offer: func(keys []domain.Key) []domain.Key {
			for i := range keys {
				keys[i].RetiredAt = time.Time{}
			}
			return keys[:min(len(keys), 1)]
		}}, rotations),
		ofKeys("changes of one key overwritten", &madeUpKeys{offer: func(keys []domain.Key) []domain.Key {
			if len(keys) > 0 {
				keys[0].Private = keys[0].Private[:1]
			}
			return keys
		}}, lose),
		ofKeys("no copies of keys", &madeUpKeys{shared: true}, copies),
		ofKeys("contexts are not looked at", &madeUpKeys{deaf: true}, cancelled),
	}
}
