package tokens

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

const (
	secretSize  = 32 // bytes: RFC 7518 section 3.2 wants as many as the hash has
	minDistinct = 8  // byte values: random bytes and long hexadecimal digits have more, what people type has not
	// derivation is kept for ever: with another label every refresh token that is out would be refused.
	derivation = "porteiro refresh token HS256"
)

// loadSecret takes the secret as it is: a service that is given it verifies access tokens by itself.
func loadSecret(private []byte) (sign, verify any, err error) {
	if err := strong(private); err != nil {
		return nil, nil, err
	}
	key := bytes.Clone(private)
	return key, key, nil
}

// loadDerived derives the MAC's key, so that the secret in the ring is never the key of anything.
func loadDerived(private []byte) (sign, verify any, err error) {
	if err := strong(private); err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Key(sha256.New, private, nil, derivation, secretSize)
	return key, key, err
}

func strong(secret []byte) error {
	if len(secret) < secretSize {
		return fmt.Errorf("has %d bytes, fewer than %d", len(secret), secretSize)
	}
	var seen [256]bool
	distinct := 0
	for _, b := range secret {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
	}
	if distinct < minDistinct {
		return errors.New("is not random")
	}
	return nil
}

func generateSecret() (string, []byte, error) {
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails (crypto/rand)
	return rand.Text(), secret, nil
}
