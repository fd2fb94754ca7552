package passwords

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// parseWerkzeug reads method$salt$hex, where the method is pbkdf2:sha256:N, pbkdf2:sha512:N or scrypt:N:r:p. The short
// forms without numbers are not read: Werkzeug takes them as an argument and always stored the numbers (0.9 to 3.1), so
// such a row has no one meaning, its default went from 1,000 iterations to 1,000,000.
func parseWerkzeug(stored string, l limits) any {
	parts := strings.Split(stored, "$")
	if len(parts) != 3 || parts[1] == "" {
		return nil
	}
	method, salt, sum := strings.Split(parts[0], ":"), parts[1], parts[2]
	switch {
	case len(method) == 3 && method[0] == "pbkdf2":
		return parsePBKDF2(method, salt, sum, l)
	case len(method) == 4 && method[0] == "scrypt":
		return parseScrypt(method, salt, sum, l)
	}
	return nil
}

type pbkdf2Hash struct {
	digest     func() hash.Hash
	iterations int
	salt, sum  string
}

func parsePBKDF2(method []string, salt, sum string, l limits) any {
	iterations, ok := number(method[2], l.iterations)
	switch {
	case ok && method[1] == "sha256" && len(sum) == hex.EncodedLen(sha256.Size):
		return pbkdf2Hash{sha256.New, iterations, salt, sum}
	case ok && method[1] == "sha512" && len(sum) == hex.EncodedLen(sha512.Size):
		return pbkdf2Hash{sha512.New, iterations, salt, sum}
	}
	return nil
}

func (p pbkdf2Hash) matches(password string) bool {
	key, err := pbkdf2.Key(p.digest, password, []byte(p.salt), p.iterations, hex.DecodedLen(len(p.sum)))
	return err == nil && isHexOf(p.sum, key) && distinct(password)
}

type scryptHash struct {
	n, r, p   int
	salt, sum string
}

const scryptSize = 64

// parseScrypt bounds the memory that is filled, 128·N·r bytes, and twice as much for all lanes together: one lane is
// worked on after the other, so they cost time and not memory.
func parseScrypt(method []string, salt, sum string, l limits) any {
	kib := int(l.memory)
	n, okN := number(method[1], 8*kib)
	r, okR := number(method[2], l.blocks)
	p, okP := number(method[3], int(l.lanes))
	if !okN || !okR || !okP || n < 2 || n&(n-1) != 0 || n*r > 8*kib || n*r*p > 16*kib || len(sum) != 2*scryptSize {
		return nil
	}
	return scryptHash{n, r, p, salt, sum}
}

func (s scryptHash) matches(password string) bool {
	key, err := scrypt.Key([]byte(password), []byte(s.salt), s.n, s.r, s.p, scryptSize)
	return err == nil && isHexOf(s.sum, key) && distinct(password)
}

func isHexOf(sum string, key []byte) bool {
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(key)), []byte(sum)) == 1
}

// distinct is false for a password that HMAC, and so PBKDF2 and scrypt, cannot tell from a shorter one: it fills a key
// up with NULs. (It also takes a key longer than a block for its digest, and that cannot be seen here.)
func distinct(password string) bool { return !strings.HasSuffix(password, "\x00") }
