package passwords

import (
	"strconv"
	"strings"
)

// older is a hash of another kind than argon2id. Its matches does all of the kind's work whatever the password is.
type older interface {
	matches(password string) bool
}

// limits bound what a stored hash may ask for. They are looked at before anything is computed: argon2.IDKey panics at
// t=0 and p=0 and takes any m, bcrypt takes cost 31, and a row may have been written by anybody.
type limits struct {
	memory     uint32 // KiB that are filled: m of argon2id, N·r/8 of scrypt
	passes     uint32 // t of argon2id
	lanes      uint8  // p of argon2id and scrypt
	blocks     int    // r of scrypt: r·p sizes an allocation of its own
	iterations int    // of PBKDF2
	cost       int    // of bcrypt
}

// storedLimits are twice Werkzeug's largest default and more: pbkdf2:sha256:1000000 and scrypt:32768:8:1.
func storedLimits() limits {
	return limits{memory: 64 << 10, passes: 10, lanes: 16, blocks: 32, iterations: 2_000_000, cost: 15}
}

// allow says whether argon2id may be run so. Eight blocks a lane are the specification's minimum.
func (l limits) allow(p Params) bool {
	return p.Time >= 1 && p.Time <= l.passes &&
		p.Threads >= 1 && p.Threads <= l.lanes &&
		p.Memory >= 8*uint32(p.Threads) && p.Memory <= l.memory
}

// longest is more than any hash that parse knows.
const longest = 512

// parse returns a phc, an [older], or nil for what cannot be read or asks for too much.
func parse(hash string, l limits) any {
	switch {
	case len(hash) > longest:
		return nil
	case strings.HasPrefix(hash, "$argon2id$"):
		return parsePHC(hash, l)
	case strings.HasPrefix(hash, "$2"):
		return parseBcrypt(hash, l)
	default:
		return parseWerkzeug(hash, l)
	}
}

// number reads a decimal from 1 to most, as a machine writes it: no sign, no leading zero.
func number(s string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= most && strconv.Itoa(n) == s
}
