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

// madeUpKeys keeps keys, and has the ways to fall short of what the rows ask for. This test is inside the package
// because it needs the rows one by one: each has to refuse the store that breaks its promise.
type madeUpKeys struct {
	turn sync.Mutex // of the one writer
	mu   sync.Mutex
	kept []domain.Key

	stuck   bool                                     // a panic leaves the turn taken
	deaf    bool                                     // contexts are not looked at
	shared  bool                                     // what is kept is what was given and is handed out
	show    func([]domain.Key) []domain.Key          // what Keys makes of what is kept
	offer   func([]domain.Key) []domain.Key          // what f is shown
	refused func(m *madeUpKeys, r *domain.Ring) bool // what is done when f returns an error; whether that is swallowed
	write   func(domain.Key) domain.Key              // what is written of a key
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
	if m.stuck {
		if !m.turn.TryLock() {
			return errors.New("somebody has the lock")
		}
	} else {
		m.turn.Lock()
		defer m.turn.Unlock()
	}
	shown := m.every()
	if m.offer != nil {
		shown = m.offer(shown)
	}
	ring := domain.NewRing(shown...)
	err := f(ring)
	if m.stuck {
		m.turn.Unlock()
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

// brokenKeys breaks the promise of each row. Those that do not lock show f what was there before the crowd came.
func brokenKeys() map[string]*madeUpKeys {
	beforeTheFirst := func([]domain.Key) []domain.Key { return nil }
	beforeTheRotation := func(keys []domain.Key) []domain.Key {
		for i := range keys {
			keys[i].RetiredAt = time.Time{}
		}
		return keys[:min(len(keys), 1)]
	}
	beforeTheMarks := func(keys []domain.Key) []domain.Key {
		if len(keys) > 0 {
			keys[0].Private = keys[0].Private[:1]
		}
		return keys
	}
	return map[string]*madeUpKeys{
		"a key comes back as added": {write: func(k domain.Key) domain.Key { k.Private = bytes.TrimRight(k.Private, "\x00"); return k }},
		"keys come oldest first": {show: func(keys []domain.Key) []domain.Key {
			slices.SortFunc(keys, func(a, b domain.Key) int { return cmp.Compare(a.ID, b.ID) })
			return keys
		}},
		"a change of keys is shown every key": {offer: func(keys []domain.Key) []domain.Key {
			return slices.DeleteFunc(keys, func(k domain.Key) bool { return !k.RetiredAt.IsZero() })
		}},
		"a changed key is kept as it became":               {write: func(k domain.Key) domain.Key { k.Algorithm = "EdDSA"; return k }},
		"a retirement is kept":                             {write: func(k domain.Key) domain.Key { k.RetiredAt = time.Time{}; return k }},
		"what f refuses is not written":                    {refused: func(m *madeUpKeys, r *domain.Ring) bool { m.save(r.Changes()); return false }},
		"a panic in f writes no key and the store goes on": {stuck: true},
		"first keys at once are one":                       {offer: beforeTheFirst},
		"rotations at once are one":                        {offer: beforeTheRotation},
		"changes of keys at once lose nothing":             {offer: beforeTheMarks},
		"a key that came back is the caller's":             {shared: true},
		"with a cancelled context keys are a failure":      {deaf: true},
	}
}

func TestKeys(t *testing.T) {
	Keys(t, func(*testing.T) application.KeyStore { return &madeUpKeys{} })
}

func TestKeyRowsRefuseWhatBreaksThem(t *testing.T) {
	broken := brokenKeys()
	for _, r := range keyRows() {
		sut, found := broken[r.name]
		if !found {
			t.Errorf("no store breaks the row %q", r.name)
			continue
		}
		if err := r.prove(t.Context(), sut); err == nil {
			t.Errorf("the row %q takes a store that breaks it: %s", r.name, r.why)
		}
	}
	if len(broken) != len(keyRows()) {
		t.Errorf("%d stores break %d rows", len(broken), len(keyRows()))
	}
	swallows := &madeUpKeys{refused: func(*madeUpKeys, *domain.Ring) bool { return true }}
	if err := refusedKeys(t.Context(), swallows); err == nil {
		t.Error("an error of f may be swallowed")
	}
}
