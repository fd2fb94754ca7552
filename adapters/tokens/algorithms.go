package tokens

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/domain"
)

// algorithm is one that keys of a purpose may have. The header of a token never chooses it: the key does.
type algorithm struct {
	purpose domain.Kind
	method  jwt.SigningMethod // its Alg is the name in keys and headers
	// load reads domain.Key.Private into what the method signs and verifies with.
	load func(private []byte) (sign, verify any, err error)
	// generate makes a key's ID, which says nothing of the secret, and its Private.
	generate func() (id string, private []byte, err error)
}

// algorithms is every one; for each purpose the first is that of the first key.
var algorithms = []algorithm{
	{domain.Access, jwt.SigningMethodEdDSA, loadEd25519, generateEd25519},
	{domain.Refresh, jwt.SigningMethodHS256, loadDerived, generateSecret},
}

var kinds = []domain.Kind{domain.Access, domain.Refresh}

func algorithmOf(purpose domain.Kind, name string) (algorithm, bool) {
	for _, a := range algorithms {
		if a.purpose == purpose && a.method.Alg() == name {
			return a, true
		}
	}
	return algorithm{}, false
}

func loadEd25519(private []byte) (sign, verify any, err error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, errors.New("is not PKCS #8") // the error itself might show some of it
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("is a %T", parsed)
	}
	return key, key.Public(), nil
}

func generateEd25519() (string, []byte, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", nil, err
	}
	return thumbprint(public), der, nil
}

// thumbprint is that of the public key's JWK (RFC 7638, RFC 8037 section 2).
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + encode(public) + `"}`))
	return encode(sum[:])
}

const (
	secretSize  = 32 // bytes: RFC 7518 section 3.2 wants as many as the hash has
	minDistinct = 8  // byte values: random bytes and long hexadecimal digits have more, what people type has not
	// derivation is kept for ever: with another label every refresh token that is out would be refused.
	derivation = "porteiro refresh token HS256"
)

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
