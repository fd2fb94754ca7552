package tokens_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func clock() time.Time { return start.Add(1234567 * time.Nanosecond) }

func TestRing(t *testing.T) {
	t.Run("the first keys are made and kept", func(t *testing.T) {
		store := &keyStore{}
		made, err := tokens.Ring(t.Context(), store, clock)
		if err != nil {
			t.Fatal(err)
		}
		kept, _ := store.Keys(t.Context())
		if diff := cmp.Diff(kept, made); diff != "" {
			t.Errorf("Ring gave others than the store has (-store +ring):\n%s", diff)
		}
		algorithms := map[domain.Kind]string{}
		for _, k := range made {
			algorithms[k.Purpose] = k.Algorithm
			if now := domain.Instant(clock()); !k.CreatedAt.Equal(now) || !k.ActiveFrom.Equal(now) || !k.RetiredAt.IsZero() {
				t.Errorf("key %s: made %v, active from %v, retired %v", k.ID, k.CreatedAt, k.ActiveFrom, k.RetiredAt)
			}
		}
		if diff := cmp.Diff(map[domain.Kind]string{domain.Access: "EdDSA", domain.Refresh: "HS256"}, algorithms); diff != "" {
			t.Errorf("algorithms (-want +got):\n%s", diff)
		}
		codec(t, made, tokens.Config{At: clock()})
	})
	t.Run("a second start adds nothing", func(t *testing.T) {
		store := &keyStore{}
		first, err := tokens.Ring(t.Context(), store, clock)
		if err != nil {
			t.Fatal(err)
		}
		second, err := tokens.Ring(t.Context(), store, func() time.Time { return start.Add(time.Hour) })
		if diff := cmp.Diff(first, second); err != nil || diff != "" {
			t.Errorf("error %v, ring (-first +second):\n%s", err, diff)
		}
	})
	t.Run("only what is missing is made", func(t *testing.T) {
		store := &keyStore{keys: []domain.Key{accessKey(t, "a1", 1)}}
		got, err := tokens.Ring(t.Context(), store, clock)
		if err != nil || len(got) != 2 || got[0].ID != "a1" || got[1].Purpose != domain.Refresh {
			t.Errorf("Ring gave %d keys and the error %v", len(got), err)
		}
	})
	t.Run("a retired key is not replaced behind somebody's back", func(t *testing.T) {
		retired := accessKey(t, "a1", 1)
		retired.RetiredAt = start
		got, err := tokens.Ring(t.Context(), &keyStore{keys: []domain.Key{retired, refreshKey("r1", 101)}}, clock)
		if err != nil || len(got) != 2 {
			t.Errorf("Ring gave %d keys and the error %v", len(got), err)
		}
	})
}

func TestNodesThatStartAtOnceReadEachOthersTokens(t *testing.T) {
	const nodes = 16
	store := &keyStore{}
	codecs := make([]*tokens.Codec, nodes)
	var all sync.WaitGroup
	for i := range codecs {
		all.Go(func() {
			mine := func() time.Time { return start.Add(time.Duration(i-nodes/2) * time.Minute) } // each with a clock of its own
			keys, err := tokens.Ring(t.Context(), store, mine)
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

// RFC 7638: the ID of an access key is the thumbprint of its public half, so that it is what others compute too.
func TestKeyIDsSayNothingOfTheSecret(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		keys, err := tokens.Ring(t.Context(), &keyStore{}, clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if seen[k.ID] || seen[string(k.Private)] {
				t.Fatal("two keys have the same ID or the same secret")
			}
			seen[k.ID], seen[string(k.Private)] = true, true
			if k.Purpose == domain.Refresh {
				if len(k.Private) != 32 || len(k.ID) < 20 || strings.Contains(k.ID, b64(string(k.Private))[:6]) {
					t.Errorf("a refresh key of %d bytes with the ID %q", len(k.Private), k.ID)
				}
				continue
			}
			parsed, err := x509.ParsePKCS8PrivateKey(k.Private)
			if err != nil {
				t.Fatal(err)
			}
			x := b64(string(parsed.(ed25519.PrivateKey).Public().(ed25519.PublicKey)))
			sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
			if want := b64(string(sum[:])); k.ID != want {
				t.Errorf("ID %q, want the thumbprint %q", k.ID, want)
			}
		}
	}
}

// RFC 8037 appendix A.3.
func TestThumbprintOfTheRFC(t *testing.T) {
	public := unb64(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if got := tokens.Thumbprint(ed25519.PublicKey(public)); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("thumbprint %q", got)
	}
}

// brokenStore fails at the nth call.
type brokenStore struct {
	keyStore
	nth int
}

var errBroken = errors.New("the cable is out")

func (s *brokenStore) call() error {
	if s.nth--; s.nth == 0 {
		return errBroken
	}
	return nil
}

func (s *brokenStore) Keys(ctx context.Context) ([]domain.Key, error) {
	if err := s.call(); err != nil {
		return nil, err
	}
	return s.keyStore.Keys(ctx)
}

func (s *brokenStore) AddKey(ctx context.Context, key domain.Key, first bool) error {
	if err := s.call(); err != nil {
		return err
	}
	return s.keyStore.AddKey(ctx, key, first)
}

func TestRingGivesTheStoresErrors(t *testing.T) {
	var _ application.KeyStore = (*brokenStore)(nil)
	for nth := 1; nth <= 4; nth++ { // read, add, add, read
		keys, err := tokens.Ring(t.Context(), &brokenStore{nth: nth}, clock)
		if !errors.Is(err, errBroken) || keys != nil {
			t.Errorf("call %d fails: Ring gave %d keys and the error %v", nth, len(keys), err)
		}
	}
	if _, err := tokens.Ring(t.Context(), &brokenStore{nth: 5}, clock); err != nil {
		t.Errorf("a store that answers: %v", err)
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
	generated, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := x509.MarshalPKCS8PrivateKey(generated)
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
		{"an algorithm of the other purpose", []domain.Key{change(good[0], func(k *domain.Key) { k.Algorithm = "HS256" }), good[1]}, `"HS256"`},
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
