package passwords_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/passwords"
)

// bcrypt72 is the hash of 72 times "a", by libxcrypt.
const bcrypt72 = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe"

// T035, as is TestBcrypt.
func TestWerkzeug(t *testing.T) {
	h := passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	for _, f := range fixtures(t) {
		t.Run(f.Email+" "+f.Hash[:strings.Index(f.Hash, "$")], func(t *testing.T) {
			t.Parallel() // a million iterations take seconds under the race detector
			if ok, stale := verify(t, h, f.Password, f.Hash); !ok || !stale {
				t.Errorf("ok %v, stale %v", ok, stale)
			}
			if f.Email != "" {
				return
			}
			for _, wrong := range []string{f.Password + "x", f.Password + "\x00", "x" + f.Password, f.Password + " ", "wrong"} {
				if ok, stale := verify(t, h, wrong, f.Hash); ok || stale {
					t.Errorf("%q: ok %v, stale %v", wrong, ok, stale)
				}
			}
		})
	}
}

// From the self-test of Openwall's crypt_blowfish and, where it says so, of libxcrypt.
func TestBcrypt(t *testing.T) {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	h := passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	for _, c := range []struct {
		password, hash string
		ok             bool
	}{
		{"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
		{"U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
		{"U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
		{"U*U", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false},
		{"U*U", "$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false},
		{"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", true},
		{"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", true},
		{"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", true},
		{"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", true},
		{"\xff\xff\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", true},
		{"\xff\xa3345", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.nRht2l/HRhr6zmCp9vYUvvsqynflf9e", true},
		{"ação 🔑", "$2b$04$abcdefghijklmnopqrstuuRuvwqSadWh6vwIaGsKVs1JMPpkgYHFS", true}, // libxcrypt

		{digits, "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", true},
		{digits + "chars after 72 are ignored", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", false},
		{digits[:71], "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", false},
		{strings.Repeat("a", 72), bcrypt72, true},
		{strings.Repeat("a", 73), bcrypt72, false},
		{strings.Repeat("a", 71), bcrypt72, false},
		{"U*U\x00U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false},
		{"U*U\x00", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false},
		{"\x00", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", false},
		{"u*u", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false},
	} {
		if ok, stale := verify(t, h, c.password, c.hash); ok != c.ok || stale != c.ok {
			t.Errorf("%q, %s: ok %v, stale %v; want %v", c.password, c.hash, ok, stale, c.ok)
		}
	}
}

// The vector of the reference implementation (phc-winner-argon2, src/test.c) fills all of 64 MiB with a salt of 8 bytes.
func TestArgon2idOfTheReference(t *testing.T) {
	const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h := passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	var ok, stale bool
	got := allocated(func() { ok, stale = verify(t, h, "password", stored) })
	if !ok || !stale {
		t.Errorf("ok %v, stale %v; want both, for its salt is short", ok, stale)
	}
	if most := uint64(65 << 20); got > most {
		t.Errorf("%d bytes, want no more than %d", got, most)
	}
}
