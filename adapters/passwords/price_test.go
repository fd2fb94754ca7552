package passwords_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/porteiro/porteiro/adapters/passwords"
	"golang.org/x/crypto/argon2"
)

// The price is counted in runs of argon2id, because a clock would be wrong now and then; BenchmarkVerify has the times.
func TestPrice(t *testing.T) {
	m := &meter{key: argon2.IDKey}
	now := passwords.Params{Memory: 64, Time: 3, Threads: 2}
	h := passwords.NewCheap(passwords.Config{Params: now}, m.Key)
	with := func(change func(*passwords.Params)) string {
		p := now
		change(&p)
		return argon2id("right", "sixteen bytes ok", p, 32)
	}
	stronger := passwords.Params{Memory: 128, Time: 4, Threads: 1}
	weaker := passwords.Params{Memory: 63, Time: 3, Threads: 2}
	current := hash(t, h, "right")
	m.take()

	nobody := []passwords.Params{now}
	for _, c := range []struct {
		name, password, hash string
		ok, stale            bool
		work                 []passwords.Params
	}{
		{"nobody", "right", "", false, false, nobody},
		{"nobody without a password", "", "", false, false, nobody},
		{"current, right", "right", current, true, false, nobody},
		{"current, wrong", "wrong", current, false, false, nobody},
		{"cannot be read", "right", "plaintext-left-by-somebody", false, false, nobody},
		{"stronger, right", "right", argon2id("right", "sixteen bytes ok", stronger, 32), true, false, []passwords.Params{stronger}},
		{"weaker, right", "right", argon2id("right", "sixteen bytes ok", weaker, 32), true, true, []passwords.Params{weaker, now}},
		{"weaker, wrong", "wrong", argon2id("right", "sixteen bytes ok", weaker, 32), false, false, []passwords.Params{weaker, now}},
		{"short salt", "right", argon2id("right", "fifteen bytes..", now, 32), true, true, []passwords.Params{now, now}},
		{"short tag", "right", argon2id("right", "sixteen bytes ok", now, 31), true, true, []passwords.Params{now, now}},
		{"fewer passes", "right", with(func(p *passwords.Params) { p.Time, p.Memory = 2, 999 }), true, true,
			[]passwords.Params{{Memory: 999, Time: 2, Threads: 2}, now}},
		{"more lanes", "right", with(func(p *passwords.Params) { p.Threads = 3 }), true, true,
			[]passwords.Params{{Memory: 64, Time: 3, Threads: 3}, now}},
		{"bcrypt, right", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true, true, nobody},
		{"bcrypt, wrong", "U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", false, false, nobody},
		{"bcrypt, long", strings.Repeat("a", 73), bcrypt72, false, false, nobody},
	} {
		ok, stale := verify(t, h, c.password, c.hash)
		if ok != c.ok || stale != c.stale {
			t.Errorf("%s: ok %v, stale %v; want %v, %v", c.name, ok, stale, c.ok, c.stale)
		}
		if diff := cmp.Diff(c.work, m.take()); diff != "" {
			t.Errorf("%s: work (-want +got):\n%s", c.name, diff)
		}
	}
	for _, f := range fixtures(t) {
		if f.Email != "" {
			continue // dear ones
		}
		for _, password := range []string{f.Password, "wrong"} {
			verify(t, h, password, f.Hash)
			if diff := cmp.Diff(nobody, m.take()); diff != "" {
				t.Errorf("%s with %.20q: work beside its own (-want +got):\n%s", f.Hash, password, diff)
			}
		}
	}
}

// Under the real parameters nobody and everybody fill the same memory: nothing replaces the work by a wait.
func TestNobodyFillsTheMemory(t *testing.T) {
	h := recommended(t)
	current := hash(t, h, "right")
	for _, c := range []struct{ name, password, hash string }{
		{"nobody", "right", ""},
		{"right", "right", current},
		{"wrong", "wrong", current},
		{"cannot be read", "right", strings.Replace(current, "t=2", "t=0", 1)},
	} {
		const full = 19456 << 10
		if got := allocated(func() { verify(t, h, c.password, c.hash) }); got < full || got > full+64<<10 {
			t.Errorf("%s: %d bytes, want %d and a little", c.name, got, full)
		}
	}
}

// A password that bcrypt is not asked about for its length would be told by its time: the cipher is set up all the same.
func TestBcryptWorksBeforeItRefuses(t *testing.T) {
	h := passwords.NewCheap(passwords.Config{}, free)
	bytes := func(password string) uint64 { return allocated(func() { verify(t, h, password, bcrypt72) }) }
	wrong := bytes(strings.Repeat("b", 72))
	for _, password := range []string{strings.Repeat("a", 73), strings.Repeat("b", 80), strings.Repeat("a", 71) + "\x00"} {
		if got := bytes(password); got+1024 < wrong {
			t.Errorf("%q: %d bytes, a wrong password takes %d", password, got, wrong)
		}
	}
}
