package tokens_test

import (
	"bytes"
	"crypto/elliptic"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func keyRing(t *testing.T, d application.KeyRingDeps) *application.KeyRing {
	t.Helper()
	d.Maker = tokens.Maker{}
	r, err := application.NewKeyRing(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNodesThatStartAtOnceReadEachOthersTokens(t *testing.T) {
	const nodes = 16
	store := &keyStore{}
	codecs := make([]*tokens.Codec, nodes)
	var all sync.WaitGroup
	for i := range codecs {
		mine := func() time.Time { return start.Add(time.Duration(i-nodes/2) * time.Minute) } // each with a clock of its own
		r := keyRing(t, application.KeyRingDeps{Store: store, Clock: mine})
		all.Go(func() {
			if _, err := r.Begin(t.Context()); err != nil {
				t.Error(err)
				return
			}
			keys, err := store.Keys(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if codecs[i], err = tokens.New(keys, tokens.Config{At: mine()}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	for _, claims := range []domain.Claims{accessClaims(), refreshClaims()} {
		for _, a := range codecs {
			token, err := a.Issue(claims)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range codecs {
				accept(t, b, claims.Kind, token)
			}
		}
	}
}

func TestNewRefusesKeysThatCannotBeUsed(t *testing.T) {
	good := ring(t)
	change := func(k domain.Key, f func(*domain.Key)) domain.Key {
		k.Private = bytes.Clone(k.Private)
		f(&k)
		return k
	}
	private := func(b []byte) func(*domain.Key) { return func(k *domain.Key) { k.Private = b } }
	other := func(algorithm string, b []byte) []domain.Key {
		return []domain.Key{change(good[0], func(k *domain.Key) { k.Algorithm, k.Private = algorithm, b }), good[1]}
	}
	curve, curve384, weak := pkcs8(t, ecKey(t, elliptic.P256())), pkcs8(t, ecKey(t, elliptic.P384())), pkcs8(t, weakRSA(t))
	rsaKey, err := tokens.Maker{}.Make(domain.Access, "RS256")
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		keys []domain.Key
		says string
	}{
		{"no key", nil, "no key for access"},
		{"no refresh key", good[:1], "no key for refresh"},
		{"no access key", good[1:], "no key for access"},
		{"two with one id", append(ring(t), accessKey(t, "a1", 9)), "id a1"},
		{"two purposes, one id", append(ring(t), refreshKey("a1", 9)), "id a1"},
		{"the only one retired", []domain.Key{change(good[0], func(k *domain.Key) { k.RetiredAt = start }), good[1]}, "no key for access"},
		{"no id", []domain.Key{change(good[0], func(k *domain.Key) { k.ID = "" }), good[1]}, "key id"},
		{"an id with a quote", []domain.Key{change(good[0], func(k *domain.Key) { k.ID = `a"` }), good[1]}, "key id"},
		{"no purpose", append(ring(t), change(good[0], func(k *domain.Key) { k.ID, k.Purpose = "x", "" })), "key x"},
		{"an algorithm of the other purpose", []domain.Key{good[0], change(good[1], func(k *domain.Key) { k.Algorithm = "EdDSA" })}, `"EdDSA"`},
		{"an algorithm of nobody", other("HS384", seed(1)), `"HS384"`},
		{"an Ed25519 key for ES256", other("ES256", good[0].Private), "ed25519.PrivateKey"},
		{"an Ed25519 key for RS256", other("RS256", good[0].Private), "ed25519.PrivateKey"},
		{"a P-256 key for RS256", other("RS256", curve), "ecdsa.PrivateKey"},
		{"an RSA key for ES256", other("ES256", rsaKey.Private), "rsa.PrivateKey"},
		{"an RSA key for EdDSA", other("EdDSA", rsaKey.Private), "rsa.PrivateKey"},
		{"a P-384 key for ES256", other("ES256", curve384), "P-384"},
		{"T004 RSA of 1024 bits", other("RS256", weak), "1024 bits"},
		{"a secret for ES256", other("ES256", seed(1)), "PKCS #8"},
		{"T004 no secret of access tokens", other("HS256", nil), "0 bytes"},
		{"T004 31 bytes for access tokens", other("HS256", seed(1)[:31]), "31 bytes"},
		{"T004 a word for access tokens", other("HS256", bytes.Repeat([]byte("secret"), 10)), "not random"},
		{"none", []domain.Key{change(good[0], func(k *domain.Key) { k.Algorithm = "none" }), good[1]}, `"none"`},
		{"no algorithm", []domain.Key{change(good[0], func(k *domain.Key) { k.Algorithm = "" }), good[1]}, "key a1"},
		{"no PKCS #8", []domain.Key{change(good[0], private(seed(1))), good[1]}, "PKCS #8"},
		{"no private key", []domain.Key{change(good[0], private(nil)), good[1]}, "PKCS #8"},
		{"a P-256 key for EdDSA", []domain.Key{change(good[0], private(curve)), good[1]}, "ecdsa.PrivateKey"},
		{"T004 no secret", []domain.Key{good[0], change(good[1], private(nil))}, "0 bytes"},
		{"T004 31 bytes", []domain.Key{good[0], change(good[1], private(seed(1)[:31]))}, "31 bytes"},
		{"T004 one byte, often", []domain.Key{good[0], change(good[1], private(bytes.Repeat([]byte("k"), 64)))}, "not random"},
		{"T004 a word, often", []domain.Key{good[0], change(good[1], private(bytes.Repeat([]byte("secret"), 10)))}, "not random"},
		{"one of several that verify", append(ring(t), change(good[1], func(k *domain.Key) { k.ID, k.Private = "r2", nil })), "key r2"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, err := tokens.New(row.keys, tokens.Config{At: start})
			if err == nil || c != nil || !strings.Contains(err.Error(), row.says) {
				t.Fatalf("New gave %v and the error %v, want one that says %q", c, err, row.says)
			}
			for _, k := range row.keys {
				if len(k.Private) > 8 && (strings.Contains(err.Error(), string(k.Private)) || strings.Contains(err.Error(), b64(string(k.Private)))) {
					t.Errorf("the error shows the key: %v", err)
				}
			}
		})
	}
}
