package sealing

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// KEK is a key-encryption key, ready for use.
type KEK struct {
	id   string
	aead cipher.AEAD
}

// ID names the key and says nothing of it: 12 hexadecimal digits.
func (k KEK) ID() string { return k.id }

const (
	kekSize     = 32 // bytes
	minDistinct = 8  // byte values: 32 random bytes have more, what people type has not
	idSize      = 6  // bytes

	// The labels are kept for ever: with others nothing that is sealed could be opened.
	labelID  = "porteiro key-encryption key id"
	labelKey = "porteiro key-encryption AES-256-GCM"
)

// errForm says what a key-encryption key is. It shows nothing of what was given.
var errForm = errors.New("is no key-encryption key: 32 random bytes in base64 or hexadecimal, as openssl rand -base64 32 makes them")

// ParseKEK reads 32 random bytes in base64 (padded or not) or hexadecimal, with white space around them. What is too
// short, too long or plainly not random is refused.
func ParseKEK(text string) (KEK, error) {
	secret, ok := decode(strings.TrimSpace(text))
	if !ok || len(secret) != kekSize || distinct(secret) < minDistinct {
		return KEK{}, errForm
	}
	id, err := hkdf.Key(sha256.New, secret, nil, labelID, idSize)
	if err != nil {
		return KEK{}, err
	}
	key, err := hkdf.Key(sha256.New, secret, nil, labelKey, kekSize)
	if err != nil {
		return KEK{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return KEK{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return KEK{hex.EncodeToString(id), aead}, err
}

func decode(s string) ([]byte, bool) {
	if len(s) == hex.EncodedLen(kekSize) { // which base64 would read too, as 48 bytes
		b, err := hex.DecodeString(s)
		return b, err == nil
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
	return b, err == nil
}

func distinct(secret []byte) int {
	seen := map[byte]bool{}
	for _, b := range secret {
		seen[b] = true
	}
	return len(seen)
}
