package sealing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

var noon = time.Date(2031, time.May, 4, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func secret(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func kek(t testing.TB, first byte) sealing.KEK {
	t.Helper()
	k, err := sealing.ParseKEK(base64.StdEncoding.EncodeToString(secret(first)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func key(id string) domain.Key {
	return domain.Key{
		ID: id, Purpose: domain.Access, Algorithm: "EdDSA", Private: []byte("the secret of " + id), CreatedAt: noon.Add(-time.Hour), ActiveFrom: noon,
	}
}

func put(t testing.TB, s application.KeyStore, keys ...domain.Key) error {
	t.Helper()
	return s.ChangeKeys(t.Context(), func(r *domain.Ring) error {
		for _, k := range keys {
			r.Put(k)
		}
		return nil
	})
}

func mustPut(t testing.TB, s application.KeyStore, keys ...domain.Key) {
	t.Helper()
	if err := put(t, s, keys...); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s application.KeyStore) []domain.Key {
	t.Helper()
	keys, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestContract(t *testing.T) {
	for name, keks := range map[string][]sealing.KEK{"sealed": {kek(t, 1)}, "without a key-encryption key": nil, "of two": {kek(t, 1), kek(t, 2)}} {
		t.Run(name, func(t *testing.T) {
			contract.Keys(t, func(*testing.T) application.KeyStore { return sealing.New(memory.New(), clock, keks...) })
		})
	}
}

func TestParseKEK(t *testing.T) {
	good := secret(1)
	for name, text := range map[string]string{
		"base64": base64.StdEncoding.EncodeToString(good) + "\n", "base64 without padding": base64.RawStdEncoding.EncodeToString(good),
		"hex": hex.EncodeToString(good) + "\r\n", "HEX": "  " + strings.ToUpper(hex.EncodeToString(good)),
	} {
		if k, err := sealing.ParseKEK(text); err != nil || k.ID() != kek(t, 1).ID() || len(k.ID()) != 12 {
			t.Errorf("%s: %q, %v", name, k.ID(), err)
		}
	}
	if kek(t, 1).ID() == kek(t, 2).ID() {
		t.Error("two keys have one id")
	}
	// T101: a missing, short or default secret is refused.
	for name, text := range map[string]string{
		"nothing": "", "a word": "hunter2hunter2hunter2", "31 bytes": base64.StdEncoding.EncodeToString(good[:31]), "33 bytes": base64.StdEncoding.EncodeToString(append(good, 1)),
		"31 bytes in hex": hex.EncodeToString(good[:31]), "the bytes themselves": string(good), "zeros": base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"zeros in hex": strings.Repeat("0", 64), "a word of 64 letters": strings.Repeat("changeme", 8), "two lines": base64.StdEncoding.EncodeToString(good) + "\n" + base64.StdEncoding.EncodeToString(good),
		"a PEM": "-----BEGIN PRIVATE KEY-----", "32 letters": strings.Repeat("secret!!", 4),
	} {
		if k, err := sealing.ParseKEK(text); err == nil || k.ID() != "" || !strings.Contains(err.Error(), "openssl rand -base64 32") || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: %q, %v", name, k.ID(), err)
		}
	}
}

func TestWhatIsKeptIsSealed(t *testing.T) {
	inner := memory.New()
	s := sealing.New(inner, clock, kek(t, 1))
	mustPut(t, s, key("a"), key("b"))
	seen := map[string]bool{}
	for _, k := range read(t, inner) {
		if bytes.Contains(k.Private, []byte("secret")) || sealing.SealedWith(k) != kek(t, 1).ID() {
			t.Errorf("%s is kept as %q", k.ID, k.Private)
		}
		seen[string(k.Private)] = true
	}
	mustPut(t, s, domain.Key{ID: "a", Purpose: domain.Refresh, Algorithm: "HS256", Private: key("a").Private}) // sealed anew: for another purpose
	if k := read(t, inner)[0]; seen[string(k.Private)] || k.Purpose != domain.Refresh {
		t.Error("the same bytes are sealed for another purpose")
	}
	read(t, s)
	if got := sealing.SealedWith(key("a")); got != "" {
		t.Errorf("an unsealed key is sealed with %q", got)
	}
}

func TestARetirementLeavesTheSealAsItIs(t *testing.T) {
	inner := memory.New()
	mustPut(t, inner, key("plain"))
	s := sealing.New(inner, clock, kek(t, 1))
	mustPut(t, s, key("sealed"))
	before := read(t, inner)
	err := s.ChangeKeys(t.Context(), func(r *domain.Ring) error {
		for _, k := range r.Keys() {
			k.RetiredAt = noon.Add(time.Hour)
			r.Put(k)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range read(t, inner) {
		if !bytes.Equal(k.Private, before[i].Private) || k.RetiredAt.IsZero() {
			t.Errorf("%s was sealed anew, or not retired", k.ID)
		}
	}
}

// wrong holds a failure to one line that names the key, says what to do, and shows nothing of a secret.
func wrong(t *testing.T, what string, err error, says ...string) {
	t.Helper()
	var sealed *sealing.Error
	var refusal domain.Refusal
	if !errors.As(err, &sealed) || errors.As(err, &refusal) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret of") {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: %q does not say %q", what, err, s)
		}
	}
}

func TestWhatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	one, two := kek(t, 1), kek(t, 2)
	inner := memory.New()
	mustPut(t, sealing.New(inner, clock, one), key("a"), key("b"))
	stored := read(t, inner)
	of := func(keys ...domain.Key) application.KeyStore {
		m := memory.New()
		mustPut(t, m, keys...)
		return m
	}
	with := func(k domain.Key, f func(*domain.Key)) domain.Key {
		k = k.Clone()
		f(&k)
		return k
	}
	for _, row := range []struct {
		name string
		kept application.KeyStore
		keks []sealing.KEK
		says []string
	}{
		{"no key-encryption key", inner, nil, []string{"key a", one.ID(), "--key-encryption-key-file"}},
		{"another one", inner, []sealing.KEK{two}, []string{"key a", one.ID(), two.ID(), "right file"}},
		{"a row that moved", of(with(stored[0], func(k *domain.Key) { k.ID = "b" })), []sealing.KEK{one}, []string{"key b", "another row"}},
		{"another purpose", of(with(stored[0], func(k *domain.Key) { k.Purpose = domain.Refresh })), []sealing.KEK{one}, []string{"key a", "another row"}},
		{"another algorithm", of(with(stored[0], func(k *domain.Key) { k.Algorithm = "HS256" })), []sealing.KEK{one}, []string{"key a", "another row"}},
		{"an altered byte", of(with(stored[0], func(k *domain.Key) { k.Private[len(k.Private)-1] ^= 1 })), []sealing.KEK{one}, []string{"key a", "altered"}},
		{"cut short", of(with(stored[0], func(k *domain.Key) { k.Private = k.Private[:40] })), []sealing.KEK{one}, []string{"key a", "altered"}},
		{"the mark alone", of(with(stored[0], func(k *domain.Key) { k.Private = k.Private[:18] })), []sealing.KEK{one}, []string{"key a", "unknown"}},
	} {
		s := sealing.New(row.kept, clock, row.keks...)
		keys, err := s.Keys(t.Context())
		if wrong(t, row.name, err, row.says...); keys != nil {
			t.Errorf("%s: it shows %d keys", row.name, len(keys))
		}
		called := false
		err = s.ChangeKeys(t.Context(), func(*domain.Ring) error { called = true; return nil })
		if wrong(t, row.name+", a change", err, row.says...); called {
			t.Errorf("%s: f was called", row.name)
		}
	}
}

func TestARetiredKeyNeedNotBeOpened(t *testing.T) {
	inner := memory.New()
	lost := key("lost")
	lost.RetiredAt = noon
	mustPut(t, sealing.New(inner, clock, kek(t, 1)), lost)
	s := sealing.New(inner, clock, kek(t, 2))
	mustPut(t, s, key("new"))
	if keys := read(t, s); len(keys) != 2 || sealing.SealedWith(keys[0]) == "" || string(keys[1].Private) != "the secret of new" {
		t.Errorf("it shows %v", keys)
	}
	if n, err := s.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("Reseal: %d, %v", n, err)
	}
}

// Whoever has lost the key-encryption key can rotate and retire all the same.
func TestBlind(t *testing.T) {
	inner := memory.New()
	mustPut(t, sealing.New(inner, clock, kek(t, 1)), key("a"))
	stored := read(t, inner)
	wrong(t, "another key-encryption key", put(t, sealing.New(inner, clock, kek(t, 2)).Blind(false), key("b")), kek(t, 1).ID(), kek(t, 2).ID())
	if keys := read(t, inner); len(keys) != 1 {
		t.Errorf("kept are %v", keys)
	}
	blind := sealing.New(inner, clock, kek(t, 2)).Blind(true)
	if keys := read(t, blind); len(keys) != 1 || !keys[0].Equal(stored[0]) {
		t.Errorf("it shows %v", keys)
	}
	mustPut(t, blind, key("b"))
	kept := read(t, inner)
	if !kept[0].Equal(stored[0]) || sealing.SealedWith(kept[1]) != kek(t, 2).ID() {
		t.Errorf("kept are %v", kept)
	}
	closed := sealing.New(inner, clock).Blind(true)
	wrong(t, "an unsealed key among sealed ones", put(t, closed, key("c")), "--key-encryption-key-file")
	if err := closed.ChangeKeys(t.Context(), func(r *domain.Ring) error { return r.Retire(noon, "a", true, 0) }); err != nil {
		t.Errorf("a retirement without the key-encryption key: %v", err)
	}
	if keys := read(t, inner); len(keys) != 2 || !keys[0].Retired(noon) || !bytes.Equal(keys[0].Private, stored[0].Private) {
		t.Errorf("kept are %v", keys)
	}
}

func TestReseal(t *testing.T) {
	one, two := kek(t, 1), kek(t, 2)
	inner := memory.New()
	mustPut(t, inner, key("a"), key("b"))
	step := func(what string, s *sealing.Store, do func(*sealing.Store, context.Context) (int, error), want int, with string) {
		t.Helper()
		if n, err := do(s, t.Context()); n != want || err != nil {
			t.Errorf("%s: %d, %v", what, n, err)
		}
		for _, k := range read(t, inner) {
			if sealing.SealedWith(k) != with {
				t.Errorf("%s: %s is sealed with %q", what, k.ID, sealing.SealedWith(k))
			}
		}
	}
	reseal, unseal := (*sealing.Store).Reseal, (*sealing.Store).Unseal
	step("sealing", sealing.New(inner, clock, one), reseal, 2, one.ID())
	step("again", sealing.New(inner, clock, one), reseal, 0, one.ID())
	mustPut(t, sealing.New(inner, clock, two, one), key("c")) // half of the nodes know the new one
	wrong(t, "without the old one", second(sealing.New(inner, clock, two).Reseal(t.Context())), one.ID(), "--old-key-encryption-key-file")
	if got := sealing.SealedWith(read(t, inner)[0]); got != one.ID() {
		t.Errorf("after a failure it is sealed with %q", got)
	}
	step("with another", sealing.New(inner, clock, two, one), reseal, 2, two.ID())
	step("unsealing", sealing.New(inner, clock, two), unseal, 3, "")
	if keys := read(t, inner); string(keys[0].Private) != "the secret of a" || string(keys[2].Private) != "the secret of c" {
		t.Errorf("unsealed are %v", keys)
	}
}

func second[A any](_ A, err error) error { return err }
