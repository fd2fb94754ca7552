package contract

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"testing"
)

// signer makes a key pair: what signs, and the JSON Web Key of its public half.
type signer func(t *testing.T) (sign func(input []byte) []byte, key map[string]any)

func signers() map[string]signer {
	digest := func(input []byte) []byte { d := sha256.Sum256(input); return d[:] }
	return map[string]signer{
		"EdDSA": func(t *testing.T) (func([]byte) []byte, map[string]any) {
			public, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return func(input []byte) []byte { return ed25519.Sign(private, input) }, map[string]any{"x": segment.EncodeToString(public)}
		},
		"ES256": func(t *testing.T) (func([]byte) []byte, map[string]any) {
			private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			point, err := private.PublicKey.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			return func(input []byte) []byte {
				r, s, err := ecdsa.Sign(rand.Reader, private, digest(input))
				if err != nil {
					t.Fatal(err)
				}
				return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			}, map[string]any{"x": segment.EncodeToString(point[1:33]), "y": segment.EncodeToString(point[33:])}
		},
		"RS256": func(t *testing.T) (func([]byte) []byte, map[string]any) {
			private, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			return func(input []byte) []byte {
				signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest(input))
				if err != nil {
					t.Fatal(err)
				}
				return signature
			}, map[string]any{"n": segment.EncodeToString(private.N.Bytes()), "e": segment.EncodeToString(big.NewInt(int64(private.E)).Bytes())}
		},
	}
}

// Whichever algorithm a service signs with, its tokens are verified by the key that it publishes, and by no other.
func TestPublishedKeysVerify(t *testing.T) {
	for algorithm, make := range signers() {
		sign, key := make(t)
		_, other := make(t)
		key["alg"], other["alg"] = algorithm, algorithm
		const input = "e30.e30"
		token := input + "." + segment.EncodeToString(sign([]byte(input)))
		if err := verifies(token, key); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		if err := verifies(token, other); err == nil {
			t.Errorf("%s: a token verifies under another key", algorithm)
		}
		if err := verifies("e31"+token[3:], key); err == nil {
			t.Errorf("%s: another token verifies", algorithm)
		}
	}
}
