package tokens

import (
	"cmp"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/domain"
)

// key is one of the ring, ready for use.
type key struct {
	id           string
	purpose      domain.Kind
	method       jwt.SigningMethod
	sign, verify any
	header       string // of its tokens, encoded
}

// load readies the keys that are not retired, and chooses those that sign.
func load(ring []domain.Key, at time.Time) (map[string]key, map[domain.Kind]key, error) {
	known := make(map[string]bool, len(ring))
	keys := make(map[string]key, len(ring))
	first := make(map[domain.Kind]domain.Key)
	for _, k := range ring {
		if known[k.ID] {
			return nil, nil, fmt.Errorf("tokens: two keys have the id %s", k.ID)
		}
		known[k.ID] = true
		if !k.RetiredAt.IsZero() && !at.Before(k.RetiredAt) {
			continue
		}
		loaded, err := ready(k)
		if err != nil {
			return nil, nil, err
		}
		keys[k.ID] = loaded
		if best, found := first[k.Purpose]; !found || signsBefore(k, best, at) {
			first[k.Purpose] = k
		}
	}
	signers := make(map[domain.Kind]key, len(kinds))
	for _, kind := range kinds {
		best, found := first[kind]
		if !found {
			return nil, nil, fmt.Errorf("tokens: the ring has no key for %s tokens", kind)
		}
		signers[kind] = keys[best.ID]
	}
	return keys, signers, nil
}

// signsBefore reports whether a is to sign rather than b: one that has begun before one that has not, the newer of two
// that have, the earlier of two that have not. Every node decides the same for the same ring.
func signsBefore(a, b domain.Key, at time.Time) bool {
	began := func(k domain.Key) bool { return !k.ActiveFrom.After(at) }
	if began(a) != began(b) {
		return began(a)
	}
	order := cmp.Or(a.ActiveFrom.Compare(b.ActiveFrom), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	if began(a) {
		return order > 0
	}
	return order < 0
}

func ready(k domain.Key) (key, error) {
	if !plain(k.ID) {
		return key{}, fmt.Errorf("tokens: the key id %q has other characters than letters, digits and -._~:/@+=", k.ID)
	}
	a, found := algorithmOf(k.Purpose, k.Algorithm)
	if !found {
		return key{}, fmt.Errorf("tokens: key %s: no %q tokens are signed with %q", k.ID, k.Purpose, k.Algorithm)
	}
	sign, verify, err := a.load(k.Private)
	if err != nil {
		return key{}, fmt.Errorf("tokens: key %s %w", k.ID, err)
	}
	header := text(text(text(nil, `{"alg":`, k.Algorithm), `,"typ":`, typeOf(k.Purpose)), `,"kid":`, k.ID)
	return key{
		id: k.ID, purpose: k.Purpose, method: a.method, sign: sign, verify: verify, header: encode(append(header, '}')),
	}, nil
}
