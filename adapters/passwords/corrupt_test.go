package passwords_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/porteiro/porteiro/adapters/passwords"
	"golang.org/x/crypto/argon2"
)

const (
	phcTail  = "$c2l4dGVlbiBieXRlcyBvaw$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	phcGood  = "$argon2id$v=19$m=19456,t=2,p=1" + phcTail
	bcryptly = "$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

// unreadable are rows that nothing may be computed from (T036).
func unreadable() []string {
	hex64, hex128 := strings.Repeat("0a", 32), strings.Repeat("0a", 64)
	rows := []string{
		" ", "$", "$$", "$$$$$", "\x00", "null", "plaintext-left-by-somebody", strings.Repeat("$", 600),
		"$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$$", phcGood + "$", phcGood + "=", phcGood + "\n", " " + phcGood,
		phcGood + strings.Repeat("A", 500), strings.Repeat("A", 1<<20), "$argon2id$" + strings.Repeat("$", 1<<20),
		"$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVl\nbiBieXRlcyBvaw" + phcTail[23:], "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvax" + phcTail[23:],
		"$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw==" + phcTail[23:], "$argon2id$v=19$m=19456,t=2,p=1$c2hvcnQ" + phcTail[23:],
		phcGood[:len(phcGood)-23], strings.Replace(phcGood, "id", "i", 1), strings.Replace(phcGood, "id", "d", 1),
		strings.Replace(phcGood, "v=19", "v=16", 1), strings.Replace(phcGood, "v=19$", "", 1),
		"$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("AAAA", 22) + phcTail[23:],
		"$argon2id$v=19$m=19456,t=2,p=1" + phcTail[:23] + "$" + strings.Repeat("AAAA", 22),
		"$2", "$2b", "$2b$", "$2b$10$", "$2a$10" + bcryptly[:53], "$2a$10" + bcryptly + "A", "$2a$10" + strings.Replace(bcryptly, "C", "\n", 2),
		"$2a$10" + strings.Replace(bcryptly, "E", "=", 1), "$2a$10:" + bcryptly[1:], "$2a:10" + bcryptly, "$2z$10" + bcryptly, "$3a$10" + bcryptly,
		"pbkdf2$salt$" + hex64, "pbkdf2:sha256$salt$" + hex64, "pbkdf2:md5:1000$salt$" + hex64[:32], "pbkdf2:sha1:1000$salt$" + hex64[:40],
		"pbkdf2:sha256:1000:1$salt$" + hex64, "pbkdf2:sha256:1000$$" + hex64, "pbkdf2:sha256:1000$salt$", "pbkdf2:sha256:1000$" + hex64,
		"pbkdf2:sha256:1000$salt$" + hex128, "pbkdf2:sha512:1000$salt$" + hex64, "pbkdf2:sha256:1000$a$b$" + hex64, "pbkdf2:sha256:1000$salt$" + hex64 + "$",
		"scrypt$salt$" + hex128, "scrypt:32768:8$salt$" + hex128, "scrypt:32768:8:1$salt$" + hex64, "scrypt:32768:8:1$$" + hex128,
		"plain$$x", "sha1$salt$" + hex64[:40], "md5$$" + hex64[:32],
	}
	for _, cost := range []string{"00", "03", "16", "31", "32", "99", "-5", "+5", " 5", "5 ", "0x", "1e"} {
		rows = append(rows, "$2a$"+cost+bcryptly)
	}
	for _, p := range []string{
		"m=19456,t=0,p=1", "m=19456,t=2,p=0", "m=0,t=2,p=1", "m=7,t=2,p=1", "m=127,t=2,p=16", "m=65537,t=2,p=1", "m=4194304,t=2,p=1",
		"m=4294967295,t=2,p=1", "m=4294986752,t=2,p=1", "m=19456,t=11,p=1", "m=19456,t=1000000000,p=1", "m=19456,t=4294967298,p=1",
		"m=19456,t=2,p=17", "m=19456,t=2,p=255", "m=19456,t=2,p=257", "m=-1,t=2,p=1", "m=+19456,t=2,p=1", "m=019456,t=2,p=1",
		"m= 19456,t=2,p=1", "m=0x10,t=2,p=1", "m=19456,t=2", "t=2,m=19456,p=1", "m=19456,t=2,p=1,data=AAAA", "m=19456,t=2,p=1 ", "m=a,t=2,p=1", "",
	} {
		rows = append(rows, "$argon2id$v=19$"+p+phcTail)
	}
	for _, n := range []string{"0", "-1", "2000001", "4294967296", "99999999999999999999", "1e3", "01000", "+1", "", " 1", "1_000"} {
		rows = append(rows, "pbkdf2:sha256:"+n+"$salt$"+hex64, "pbkdf2:sha512:"+n+"$salt$"+hex128)
	}
	for _, p := range []string{
		"0:8:1", "1:8:1", "32768:0:1", "32768:8:0", "32767:8:1", "131072:8:1", "65536:9:1", "65536:8:3", "1048576:1:1", "1073741824:8:1",
		"2:33:1", "2:262144:1", "2:8:17", "2:1:1073741823", "16384:32:3", "-2:8:1", "02:8:1", "2:8:1e0", "9223372036854775808:8:1",
	} {
		rows = append(rows, "scrypt:"+p+"$salt$"+hex128)
	}
	return rows
}

func TestUnreadableHash(t *testing.T) {
	m := &meter{key: argon2.IDKey}
	h := passwords.NewCheap(passwords.Config{Params: cheap}, m.Key)
	for _, row := range unreadable() {
		name := row[:min(len(row), 80)]
		if passwords.Reads(row) {
			t.Errorf("%q is read", name)
			continue
		}
		m.take()
		got := allocated(func() {
			if ok, stale := verify(t, h, "password", row); ok || stale {
				t.Errorf("%q: ok %v, stale %v", name, ok, stale)
			}
		})
		if diff := cmp.Diff([]passwords.Params{cheap}, m.take()); diff != "" {
			t.Errorf("%q: want nobody's work (-want +got):\n%s", name, diff)
		}
		if got > 128<<10 {
			t.Errorf("%q: %d bytes beside 16 KiB for nobody", name, got)
		}
	}
}

// What is refused is near to what must be read: real hashes and the bounds themselves.
func TestReadableHash(t *testing.T) {
	hex64, hex128 := strings.Repeat("0a", 32), strings.Repeat("0a", 64)
	rows := []string{
		phcGood, "$argon2id$v=19$m=65536,t=10,p=16" + phcTail, "$argon2id$v=19$m=8,t=1,p=1" + phcTail, "$argon2id$v=19$m=128,t=1,p=16" + phcTail,
		"$2a$04" + bcryptly, "$2b$10" + bcryptly, "$2y$15" + bcryptly,
		"pbkdf2:sha256:1$s$" + hex64, "pbkdf2:sha256:2000000$salt$" + hex64, "pbkdf2:sha512:2000000$sältchen$" + hex128,
		"scrypt:2:1:1$s$" + hex128, "scrypt:65536:8:2$salt$" + hex128, "scrypt:16384:32:2$salt$" + hex128, "scrypt:8192:8:10$salt$" + hex128,
	}
	for _, f := range fixtures(t) {
		rows = append(rows, f.Hash)
	}
	for _, row := range rows {
		if !passwords.Reads(row) {
			t.Errorf("%q is not read", row)
		}
	}
}
