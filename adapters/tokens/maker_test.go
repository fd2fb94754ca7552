package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func pkcs8(t *testing.T, key crypto.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// weakRSA is a key of 1024 bits.
func weakRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// made is a key of the algorithm that signs from the start on.
func made(t testing.TB, purpose domain.Kind, algorithm string) domain.Key {
	t.Helper()
	key, err := tokens.Maker{}.Make(purpose, algorithm)
	if err != nil {
		t.Fatal(err)
	}
	key.CreatedAt, key.ActiveFrom = start, start
	return key
}

func TestContractWithEveryAlgorithm(t *testing.T) {
	for _, algorithm := range tokens.Algorithms() {
		t.Run(algorithm, func(t *testing.T) {
			keys := []domain.Key{made(t, domain.Access, algorithm), made(t, domain.Refresh, "")}
			contract.Tokens(t, func(t *testing.T) application.Tokens { return codec(t, keys, tokens.Config{}) })
		})
	}
}

func TestSignaturesHaveTheSizeOfTheAlgorithm(t *testing.T) {
	for algorithm, size := range map[string]int{"EdDSA": 64, "ES256": 64, "RS256": 256, "HS256": 32} {
		c := codec(t, []domain.Key{made(t, domain.Access, algorithm), refreshKey("r1", 101)}, tokens.Config{})
		for range 20 { // r or s of ES256 begins with a zero now and then
			h, _, s := parts(issue(t, c, accessClaims()))
			if got := decoded(t, h)["alg"]; got != algorithm || len(unb64(t, s)) != size {
				t.Errorf("a token of %s has alg %v and a signature of %d bytes", algorithm, got, len(unb64(t, s)))
			}
		}
	}
}

// The public half of a key, in whatever form, is no secret of anything, and no key verifies by another algorithm.
func TestT003NoConfusionOfAsymmetricKeys(t *testing.T) {
	for _, algorithm := range []string{"ES256", "RS256"} {
		key := made(t, domain.Access, algorithm)
		c := codec(t, []domain.Key{key, refreshKey("r1", 101)}, tokens.Config{})
		accept(t, c, domain.Access, issue(t, c, accessClaims()))
		parsed, err := x509.ParsePKCS8PrivateKey(key.Private)
		if err != nil {
			t.Fatal(err)
		}
		public := parsed.(crypto.Signer).Public()
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		jwks, err := tokens.Maker{}.Publish([]domain.Key{key})
		if err != nil {
			t.Fatal(err)
		}
		armoured := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		for _, secret := range []string{string(der), armoured, strings.TrimSpace(armoured), string(jwks), key.ID, ""} {
			for _, alg := range []string{"HS256", "HS384", algorithm, "none", "EdDSA", "PS256", "ES384"} {
				h := accessHeader().set("alg", `"`+alg+`"`).set("kid", `"`+key.ID+`"`)
				refuse(t, c, sign(h.String(), accessPayload().String(), byMAC(secret)))
			}
		}
	}
}

// RFC 7638: the ID of an asymmetric key is the thumbprint of its public half, so that it is what others compute too.
func TestKeyIDsSayNothingOfTheSecret(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		for _, key := range []domain.Key{
			made(t, domain.Access, ""), made(t, domain.Access, "ES256"), made(t, domain.Access, "HS256"), made(t, domain.Refresh, ""),
		} {
			if strings.HasPrefix(key.ID, "-") {
				t.Errorf("on a command line the ID %q is a flag", key.ID)
			}
			if seen[key.ID] || seen[string(key.Private)] {
				t.Fatal("two keys have the same ID or the same secret")
			}
			seen[key.ID], seen[string(key.Private)] = true, true
			if key.Algorithm == "HS256" {
				if len(key.Private) != 32 || len(key.ID) < 20 || strings.Contains(key.ID, b64(string(key.Private))[:6]) {
					t.Errorf("a secret of %d bytes with the ID %q", len(key.Private), key.ID)
				}
				continue
			}
			parsed, err := x509.ParsePKCS8PrivateKey(key.Private)
			if err != nil {
				t.Fatal(err)
			}
			if want, err := tokens.Thumbprint(parsed.(crypto.Signer).Public()); err != nil || key.ID != want {
				t.Errorf("ID %q, want the thumbprint %q, %v", key.ID, want, err)
			}
		}
	}
}

func TestThumbprintsOfTheRFCs(t *testing.T) {
	n := "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9y" +
		"BXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd" +
		"2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	rows := []struct {
		name   string
		public crypto.PublicKey
		want   string
	}{
		{"RFC 8037 appendix A.3", ed25519.PublicKey(unb64(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		{"RFC 7638 section 3.1", &rsa.PublicKey{N: new(big.Int).SetBytes([]byte(unb64(t, n))), E: 65537}, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
	}
	for _, row := range rows {
		if got, err := tokens.Thumbprint(row.public); err != nil || got != row.want {
			t.Errorf("%s: thumbprint %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	if _, err := tokens.Thumbprint([]byte("secret")); err == nil {
		t.Error("a secret has a thumbprint")
	}
}

func TestMakeRefusesAlgorithmsOfNobody(t *testing.T) {
	for _, row := range []struct {
		purpose   domain.Kind
		algorithm string
	}{
		{domain.Access, "none"}, {domain.Access, "eddsa"}, {domain.Access, "PS256"}, {domain.Access, "HS512"}, {domain.Access, "ES384"},
		{domain.Refresh, "EdDSA"}, {domain.Refresh, "ES256"}, {"", ""}, {"id", "EdDSA"},
	} {
		if key, err := (tokens.Maker{}).Make(row.purpose, row.algorithm); !errors.Is(err, domain.RequestInvalid) || key.ID != "" {
			t.Errorf("Make(%q, %q) made %q, %v", row.purpose, row.algorithm, key.ID, err)
		}
	}
}
