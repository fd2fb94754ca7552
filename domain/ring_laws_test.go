package domain_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// ringHistory is a store of keys, and nodes that rotate, retire and sign by it with clocks of their own.
type ringHistory struct {
	r       *rand.Rand
	kept    []domain.Key
	known   map[string]time.Time // when a key was there for everybody to see
	forced  map[string]bool      // retired although its tokens were out
	tokens  []signedToken
	now     time.Time
	skew    time.Duration // a node's clock is off by this at most
	life    time.Duration
	h       domain.Handover
	n       int
	history []string
}

type signedToken struct {
	key     string
	expires time.Time // by the clock that signed it
}

// clock is that of some node.
func (h *ringHistory) clock() time.Time {
	return h.now.Add(time.Duration(h.r.Int64N(int64(2*h.skew)+1)) - h.skew)
}

func (h *ringHistory) change(what string, f func(*domain.Ring) error) error {
	ring := domain.NewRing(h.kept...)
	if err := f(ring); err != nil {
		return err
	}
	changes := ring.Changes()
	for _, k := range changes.Added {
		h.known[k.ID] = h.now
	}
	for _, k := range slices.Concat(changes.Added, changes.Changed) {
		h.kept = append(slices.DeleteFunc(h.kept, func(l domain.Key) bool { return l.ID == k.ID }), k)
	}
	h.history = append(h.history, fmt.Sprint(h.now.Sub(noon), " ", what))
	return nil
}

func (h *ringHistory) fresh() domain.Key {
	h.n++
	return newKey(fmt.Sprintf("k%03d", h.n), domain.Access)
}

// step is what some node, or an operator, does.
func (h *ringHistory) step() error {
	at := h.clock()
	switch h.r.IntN(12) {
	case 0:
		return h.change("rotate", func(r *domain.Ring) error { _, err := r.Rotate(at, h.fresh(), h.h); return err })
	case 1, 2, 3:
		return h.change("tend", func(r *domain.Ring) error {
			if r.Due(at, domain.Access, 3*time.Hour, h.h) {
				if _, err := r.Rotate(at, h.fresh(), h.h); err != nil {
					return err
				}
			}
			r.Keep(at, domain.Access, h.h)
			return nil
		})
	case 4:
		return h.retire(at, h.r.IntN(3) == 0)
	case 5:
		h.now = h.now.Add(time.Duration(h.r.Int64N(int64(2 * time.Hour))))
	default:
		h.now = h.now.Add(time.Duration(h.r.Int64N(int64(5 * time.Minute))))
	}
	return nil
}

func (h *ringHistory) retire(at time.Time, inUse bool) error {
	id := h.kept[h.r.IntN(len(h.kept))].ID
	err := h.change("retire "+id, func(r *domain.Ring) error {
		defer r.Keep(at, domain.Access, h.h)
		return r.Retire(at, id, inUse, 2*h.skew)
	})
	if errors.Is(err, domain.ErrLastKey) || errors.Is(err, domain.ErrKeyInUse) {
		return nil
	}
	if inUse { // an emergency: the next one may sign before its time
		h.forced[id] = true
		for known := range h.known {
			h.known[known] = h.now.Add(-h.h.Notice)
		}
	}
	return err
}

// hold checks what must be true whenever anybody looks.
func (h *ringHistory) hold() error {
	at := h.clock()
	signer, found := domain.Signer(domain.Unretired(h.kept, at), domain.Access, at)
	if !found {
		return errors.New("no key signs")
	}
	if known := h.now.Sub(h.known[signer.ID]); known < h.h.Notice-2*h.skew {
		return fmt.Errorf("%s signs %v after it was made", signer.ID, known)
	}
	h.tokens = append(h.tokens, signedToken{signer.ID, at.Add(h.life)})
	seen := h.clock()
	for _, token := range h.tokens {
		if h.forced[token.key] || !seen.Before(token.expires) {
			continue
		}
		if !slices.ContainsFunc(domain.Unretired(h.kept, seen), func(k domain.Key) bool { return k.ID == token.key }) {
			return fmt.Errorf("a token of %s is refused %v before it expires", token.key, token.expires.Sub(seen))
		}
	}
	return nil
}

// TestT027LawsOfTheRing: whoever rotates and retires, on whatever clock, some key signs; a new one was there for the
// notice before it does; and what was signed passes until it expires, unless somebody wanted it refused.
func TestT027LawsOfTheRing(t *testing.T) {
	for seed := range uint64(300) {
		h := &ringHistory{
			r: rand.New(rand.NewPCG(seed, 27)), known: map[string]time.Time{}, forced: map[string]bool{}, now: noon,
			skew: 30 * time.Second, life: time.Hour,
		}
		h.h = domain.Handover{Notice: 6 * time.Minute, Keep: h.life + 2*h.skew}
		first := h.fresh()
		if err := h.change("first", func(r *domain.Ring) error { r.First(h.clock(), first); return nil }); err != nil {
			t.Fatal(err)
		}
		h.known[first.ID] = noon.Add(-time.Hour)
		for range 200 {
			if err := errors.Join(h.step(), h.hold()); err != nil {
				t.Fatalf("seed %d: %v\n%v\n%+v", seed, err, h.history, h.kept)
			}
		}
	}
}

// TestRingIsTheSameInAnyOrder: nodes whose stores show the keys in another order decide the same.
func TestRingIsTheSameInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 27))
	for range 500 {
		var keys []domain.Key
		for i := range 1 + r.IntN(5) {
			k := begun(fmt.Sprint("k", i), domain.Access, time.Duration(r.IntN(4))*time.Minute)
			k.CreatedAt = noon.Add(-time.Duration(r.IntN(3)) * time.Minute)
			keys = append(keys, k)
		}
		at := noon.Add(time.Duration(r.IntN(5)) * time.Minute)
		want, _ := domain.Signer(keys, domain.Access, at)
		newest, _ := domain.NewRing(keys...).Newest(at, domain.Access)
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		if got, _ := domain.Signer(keys, domain.Access, at); got.ID != want.ID {
			t.Errorf("%s signs, or %s", got.ID, want.ID)
		}
		if got, _ := domain.NewRing(keys...).Newest(at, domain.Access); got.ID != newest.ID {
			t.Errorf("the newest is %s, or %s", got.ID, newest.ID)
		}
	}
}
