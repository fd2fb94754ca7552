package passwords_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/passwords"
	"golang.org/x/crypto/argon2"
)

// FuzzVerify (T036): no hash makes Verify panic, fail or exceed what is bounded; nothing passes for a password that it begins
// with; and whatever can be hashed is verified.
func FuzzVerify(f *testing.F) {
	for _, row := range unreadable() {
		f.Add("password", row[:min(len(row), 1000)])
	}
	for _, row := range fixtures(f) {
		f.Add(row.Password, row.Hash)
	}
	for _, tiny := range []struct{ password, hash string }{
		{"ação 🔑", "$2b$04$abcdefghijklmnopqrstuuRuvwqSadWh6vwIaGsKVs1JMPpkgYHFS"},
		{strings.Repeat("a", 72), bcrypt72},
		{"password", argon2id("password", "somesalt", cheap, 32)},
		{"password", argon2id("password", "sixteen bytes ok", passwords.Params{Memory: 64, Time: 2, Threads: 2}, 64)},
	} {
		f.Add(tiny.password, tiny.hash)
	}
	bounded := func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		if time > 2 || memory > 64 || threads > 3 || size > 64 {
			f.Errorf("argon2id m=%d,t=%d,p=%d, %d bytes", memory, time, threads, size)
		}
		return argon2.IDKey(password, salt, time, memory, threads, size)
	}
	h := passwords.NewCheap(passwords.Config{Params: cheap}, bounded)
	h.Tighten()
	f.Fuzz(func(t *testing.T, password, stored string) {
		if ok, stale := verify(t, h, password, stored); ok {
			for _, longer := range []string{password + "\x00", password + "x"} {
				if ok, _ := verify(t, h, longer, stored); ok {
					t.Errorf("%q passes for %q (stale %v)", longer, password, stale)
				}
			}
		} else if stale {
			t.Error("stale, and not ok")
		}
		own := hash(t, h, password)
		if ok, stale := verify(t, h, password, own); !ok || stale {
			t.Errorf("own hash of %q: ok %v, stale %v", password, ok, stale)
		}
		if ok, _ := verify(t, h, stored, own); ok && stored != password {
			t.Errorf("%q passes for %q", stored, password)
		}
	})
}
