package passwords

import (
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// bcryptHash is $2a$, $2b$ or $2y$, two digits of cost, $, 22 characters of salt and 31 of hash. The three letters name
// repairs of other implementations and mean the same here; $2x$ marks a fault that is not repeated.
type bcryptHash string

const (
	bcryptSize     = 60
	bcryptHead     = len("$2b$10$")
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

func parseBcrypt(hash string, l limits) any {
	if len(hash) != bcryptSize || !strings.Contains("aby", hash[2:3]) || hash[3] != '$' || hash[6] != '$' {
		return nil
	}
	cost, ok := number(strings.TrimPrefix(hash[4:6], "0"), l.cost)
	if !ok || cost < bcrypt.MinCost || strings.Trim(hash[bcryptHead:], bcryptAlphabet) != "" {
		return nil
	}
	return bcryptHash(hash)
}

// matches refuses, after the work, what bcrypt cannot tell from another password: it reads 72 bytes, and a shorter
// password over and over with a NUL behind it, so that "ab" is "ab\x00ab" and "" is "\x00".
func (b bcryptHash) matches(password string) bool {
	err := bcrypt.CompareHashAndPassword([]byte(b), []byte(password))
	return err == nil && len(password) <= 72 && !strings.Contains(password, "\x00")
}
