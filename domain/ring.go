package domain

import (
	"errors"
	"slices"
	"time"
)

// What a change of the ring is refused for. The first two reach a caller, as a RequestInvalid that wraps them.
var (
	// ErrLastKey: no other key of the purpose is there to stay.
	ErrLastKey = errors.New("it is the last key of its purpose that is there to stay")
	// ErrKeyInUse: what the key signed may still be out.
	ErrKeyInUse = errors.New("tokens that it signed pass still")
	// ErrKeyThere: a new key has the ID of one that is there.
	ErrKeyThere = errors.New("a key of this id is in the ring already")
)

// Ring is every signing key, as a store's lock shows them, and what an operation makes of them. Every decision about
// keys is a method of it, so that of nodes that decide at once the second one sees what the first one did. A store
// makes one with [NewRing], hands it to the decision, and writes what [Ring.Changes] says.
type Ring struct {
	keys  []Key
	keys0 []Key // as they were
}

// NewRing takes the keys, in whatever order.
func NewRing(keys ...Key) *Ring {
	r := &Ring{}
	for _, k := range keys {
		r.keys, r.keys0 = append(r.keys, k.Clone()), append(r.keys0, k.Clone())
	}
	return r
}

// Keys returns a copy of every key.
func (r *Ring) Keys() []Key {
	keys := make([]Key, len(r.keys))
	for i, k := range r.keys {
		keys[i] = k.Clone()
	}
	return keys
}

// RingChanges is what a store must write: all of it, in the transaction in which it read.
type RingChanges struct {
	Added   []Key // new ones
	Changed []Key // those that were there, in their new state
}

// None reports whether there is nothing to write.
func (c RingChanges) None() bool { return len(c.Added) == 0 && len(c.Changed) == 0 }

// Changes compares the ring with what NewRing was given.
func (r *Ring) Changes() RingChanges {
	var c RingChanges
	for i, k := range r.keys {
		switch {
		case i >= len(r.keys0):
			c.Added = append(c.Added, k.Clone())
		case !k.Equal(r.keys0[i]):
			c.Changed = append(c.Changed, k.Clone())
		}
	}
	return c
}

// Put adds a key, or replaces the one of the same ID.
func (r *Ring) Put(key Key) {
	key = key.Clone()
	key.CreatedAt, key.ActiveFrom, key.RetiredAt = Instant(key.CreatedAt), Instant(key.ActiveFrom), Instant(key.RetiredAt)
	if i := r.index(key.ID); i >= 0 {
		r.keys[i] = key
		return
	}
	r.keys = append(r.keys, key)
}

func (r *Ring) index(id string) int {
	return slices.IndexFunc(r.keys, func(k Key) bool { return k.ID == id })
}

// First adds the key if the ring holds none of its purpose, and reports whether it did. It signs at once: nobody can
// have cached a ring without it. A retired key counts: nothing replaces it behind somebody's back.
func (r *Ring) First(now time.Time, key Key) bool {
	if r.Holds(key.Purpose) {
		return false
	}
	key.CreatedAt, key.ActiveFrom, key.RetiredAt = now, now, time.Time{}
	r.Put(key)
	return true
}

// Holds reports whether a key of the purpose is there, be it retired.
func (r *Ring) Holds(purpose Kind) bool {
	return slices.ContainsFunc(r.keys, func(k Key) bool { return k.Purpose == purpose })
}

// Handover holds the times of a rotation.
type Handover struct {
	Notice time.Duration // how long a new key is known before it signs
	Keep   time.Duration // how long the key before it verifies after that
}

// Rotate adds a key that begins after the notice, and retires the keys of its purpose before it when they have been
// kept long enough after that. When there is none that lives, it begins at once. It returns the key as it was added.
func (r *Ring) Rotate(now time.Time, key Key, h Handover) (Key, error) {
	if r.index(key.ID) >= 0 {
		return Key{}, ErrKeyThere
	}
	key.CreatedAt, key.ActiveFrom, key.RetiredAt = Instant(now), Instant(now), time.Time{}
	if newest, found := r.Newest(now, key.Purpose); found {
		// Behind a clock that is ahead, it still comes after the one that was made by that.
		key.ActiveFrom = latest(Instant(now.Add(h.Notice)), newest.ActiveFrom.Add(Tick))
	}
	for i, k := range r.keys {
		if k.Purpose == key.Purpose && k.RetiredAt.IsZero() {
			r.keys[i].RetiredAt = Instant(key.ActiveFrom.Add(h.Keep))
		}
	}
	r.Put(key)
	return key.Clone(), nil
}

// Newest returns the last key of the purpose, of those that are not retired by now; it may not have begun.
func (r *Ring) Newest(now time.Time, purpose Kind) (newest Key, found bool) {
	for _, k := range r.keys {
		if k.Purpose == purpose && !k.Retired(now) && (!found || k.succeeds(newest) > 0) {
			newest, found = k, true
		}
	}
	return newest.Clone(), found
}

// Due reports whether the next key of the purpose is to be made by now, for a key to sign no longer than the interval:
// the newest one has signed so long, or will have when a key of now begins. An interval of 0 is never, and so is an
// empty ring. Who makes the key asks again under the lock.
func (r *Ring) Due(now time.Time, purpose Kind, interval time.Duration, h Handover) bool {
	newest, found := r.Newest(now, purpose)
	return found && interval > 0 && !now.Before(newest.ActiveFrom.Add(max(interval-h.Notice, 0)))
}

// Keep moves the retirements of the purpose that are to come to where h wants them at least: whoever rotated may not
// have known how long tokens live here. It moves none forward, and brings none back.
func (r *Ring) Keep(now time.Time, purpose Kind, h Handover) {
	for i, k := range r.keys {
		if k.Purpose != purpose || k.RetiredAt.IsZero() || k.Retired(now) {
			continue
		}
		if successor, found := r.successor(now, k); found {
			r.keys[i].RetiredAt = latest(k.RetiredAt, Instant(successor.ActiveFrom.Add(h.Keep)))
		}
	}
}

// successor returns the first of the keys after k that are not retired.
func (r *Ring) successor(now time.Time, k Key) (next Key, found bool) {
	for _, l := range r.keys {
		if l.Purpose == k.Purpose && !l.Retired(now) && l.succeeds(k) > 0 && (!found || l.succeeds(next) < 0) {
			next, found = l, true
		}
	}
	return next, found
}

// Retire has what the key signed refused from now on. That is [ErrKeyInUse] unless the caller says that it is wanted
// (inUse) or the key has signed nothing yet, on whatever clock within the leeway. NotFound for an unknown key; nil for
// one that is retired already. [ErrLastKey] when no key of its purpose would be there to stay. When it was the one that
// signs, the next one begins now rather than later.
func (r *Ring) Retire(now time.Time, id string, inUse bool, leeway time.Duration) error {
	now = Instant(now)
	i := r.index(id)
	if i < 0 {
		return NotFound
	}
	key := r.keys[i]
	if key.Retired(now) {
		return nil
	}
	state := StateOf(key, r.keys, now)
	switch {
	case !slices.ContainsFunc(r.keys, func(k Key) bool { return k.Purpose == key.Purpose && k.ID != id && k.RetiredAt.IsZero() }):
		return ErrLastKey
	case !inUse && (state != KeyNext || key.Begun(now.Add(leeway))):
		return ErrKeyInUse
	}
	r.keys[i].RetiredAt = now
	if next, found := r.successor(now, key); found && state == KeySigning && !next.Begun(now) {
		r.keys[r.index(next.ID)].ActiveFrom = now
	}
	return nil
}
