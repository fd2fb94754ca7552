package domain

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Key is one of the ring with which tokens are signed. Access tokens and refresh tokens never share one.
type Key struct {
	ID         string // the kid of its tokens
	Purpose    Kind   // which tokens it signs
	Algorithm  string // JWS name of its algorithm (RFC 7518 section 3.1, RFC 8037)
	Private    []byte // secret: PKCS #8 of a private key, or the bytes of a symmetric one
	CreatedAt  time.Time
	ActiveFrom time.Time // signs from then on
	RetiredAt  time.Time // nothing that it signed passes from then on; zero is never
}

// Begun reports whether the key may sign by now.
func (k Key) Begun(now time.Time) bool { return !k.ActiveFrom.After(now) }

// Retired reports whether what the key signed is refused by now.
func (k Key) Retired(now time.Time) bool { return !k.RetiredAt.IsZero() && !now.Before(k.RetiredAt) }

// Equal reports whether both hold the same.
func (k Key) Equal(l Key) bool {
	return k.ID == l.ID && k.Purpose == l.Purpose && k.Algorithm == l.Algorithm && bytes.Equal(k.Private, l.Private) &&
		k.CreatedAt.Equal(l.CreatedAt) && k.ActiveFrom.Equal(l.ActiveFrom) && k.RetiredAt.Equal(l.RetiredAt)
}

// Clone returns a copy that shares nothing.
func (k Key) Clone() Key {
	k.Private = bytes.Clone(k.Private)
	return k
}

// succeeds orders the keys of a purpose: the one that begins later comes after, then the one made later.
func (k Key) succeeds(l Key) int {
	return cmp.Or(k.ActiveFrom.Compare(l.ActiveFrom), k.CreatedAt.Compare(l.CreatedAt), cmp.Compare(k.ID, l.ID))
}

// Signer returns the key that signs what is issued at a time: the newest of the purpose that has begun by then; when
// none has, the first to begin, so that a node whose clock is behind can work too. Every node chooses the same from
// the same keys. It does not look at RetiredAt: leave out the keys that must not sign.
func Signer(keys []Key, purpose Kind, at time.Time) (Key, bool) {
	var best Key
	found := false
	for _, k := range keys {
		if k.Purpose == purpose && (!found || signsBefore(k, best, at)) {
			best, found = k, true
		}
	}
	return best, found
}

func signsBefore(a, b Key, at time.Time) bool {
	if a.Begun(at) != b.Begun(at) {
		return a.Begun(at)
	}
	if a.Begun(at) {
		return a.succeeds(b) > 0
	}
	return a.succeeds(b) < 0
}

// Unretired returns the keys that are not retired by now.
func Unretired(keys []Key, now time.Time) []Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.Retired(now) })
}

// KeyState is where a key is in its life.
type KeyState string

// The states, in the order in which a key goes through them.
const (
	KeyNext      KeyState = "next"      // is published and signs later
	KeySigning   KeyState = "signing"   // signs what is issued now
	KeyVerifying KeyState = "verifying" // signs no more; what it signed passes
	KeyRetired   KeyState = "retired"   // what it signed is refused
)

// StateOf returns the state of one of the keys.
func StateOf(key Key, keys []Key, now time.Time) KeyState {
	if key.Retired(now) {
		return KeyRetired
	}
	signer, _ := Signer(Unretired(keys, now), key.Purpose, now)
	switch {
	case signer.ID == key.ID:
		return KeySigning
	case !key.Begun(now):
		return KeyNext
	}
	return KeyVerifying
}
