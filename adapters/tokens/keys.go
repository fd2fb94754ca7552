package tokens

import (
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

// ring is the keys as a codec uses them. It holds no secret of a key that was retired when it was made.
type ring struct {
	every   []domain.Key // without their Private: who signs what, retired or not
	keys    map[string]key
	current map[domain.Kind]key // who signs when the codec is made
}

// load readies the keys that are not retired.
func load(keys []domain.Key, at time.Time) (ring, error) {
	r := ring{keys: make(map[string]key, len(keys)), current: make(map[domain.Kind]key, len(kinds))}
	known := make(map[string]bool, len(keys))
	for _, k := range keys {
		if known[k.ID] {
			return ring{}, fmt.Errorf("tokens: two keys have the id %s", k.ID)
		}
		known[k.ID] = true
		if !k.Retired(at) {
			loaded, err := ready(k)
			if err != nil {
				return ring{}, err
			}
			r.keys[k.ID] = loaded
		}
		k.Private = nil
		r.every = append(r.every, k)
	}
	for _, kind := range kinds {
		signer, found := domain.Signer(domain.Unretired(r.every, at), kind, at)
		if !found {
			return ring{}, fmt.Errorf("tokens: the ring has no key for %s tokens: porteiro key rotate --purpose %s makes one", kind, kind)
		}
		r.current[kind] = r.keys[signer.ID]
	}
	return r, nil
}

// signer returns the key that signs what is issued at a time. A repeated refresh gets its token from the key that
// signed it the first time, whatever has begun since; if that one is retired, from the one that signs now.
func (r ring) signer(kind domain.Kind, issued time.Time) (key, bool) {
	if signer, found := domain.Signer(r.every, kind, issued); found {
		if k, usable := r.keys[signer.ID]; usable {
			return k, true
		}
	}
	k, found := r.current[kind]
	return k, found
}

func ready(k domain.Key) (key, error) {
	if !plain(k.ID) {
		return key{}, fmt.Errorf("tokens: the key id %q has other characters than letters, digits and -._~:/@+=", k.ID)
	}
	a, found := algorithmOf(k.Purpose, k.Algorithm)
	if !found || k.Algorithm == "" {
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
