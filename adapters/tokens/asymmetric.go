package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// rsaBits is the least that RFC 7518 section 3.3 takes, and what keys are made with: more costs every signature.
const rsaBits = 2048

func loadEd25519(private []byte) (sign, verify any, err error) {
	key, err := parse[ed25519.PrivateKey](private)
	if err != nil {
		return nil, nil, err
	}
	return key, key.Public(), nil
}

func loadP256(private []byte) (sign, verify any, err error) {
	key, err := parse[*ecdsa.PrivateKey](private)
	if err != nil {
		return nil, nil, err
	}
	if key.Curve != elliptic.P256() {
		return nil, nil, fmt.Errorf("is on the curve %s", key.Curve.Params().Name)
	}
	return key, &key.PublicKey, nil
}

func loadRSA(private []byte) (sign, verify any, err error) {
	key, err := parse[*rsa.PrivateKey](private)
	if err != nil {
		return nil, nil, err
	}
	if bits := key.N.BitLen(); bits < rsaBits {
		return nil, nil, fmt.Errorf("has %d bits, fewer than %d", bits, rsaBits)
	}
	return key, &key.PublicKey, nil
}

// parse reads PKCS #8 of a key of the one type that the algorithm has.
func parse[K crypto.PrivateKey](private []byte) (key K, err error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return key, errors.New("is not PKCS #8") // the error itself might show some of it
	}
	key, ok := parsed.(K)
	if !ok {
		return key, fmt.Errorf("is a %T", parsed)
	}
	return key, nil
}

func generateEd25519() (string, []byte, error) {
	_, private, err := ed25519.GenerateKey(nil)
	return made(private, err)
}

func generateP256() (string, []byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return made(private, err)
}

func generateRSA() (string, []byte, error) {
	private, err := rsa.GenerateKey(rand.Reader, rsaBits)
	return made(private, err)
}

// made returns a key's thumbprint, which is its ID, and its PKCS #8.
func made(private crypto.Signer, err error) (string, []byte, error) {
	if err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", nil, err
	}
	id, err := thumbprint(private.Public())
	return id, der, err
}
