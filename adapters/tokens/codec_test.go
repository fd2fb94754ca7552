package tokens_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

func TestContract(t *testing.T) {
	contract.Tokens(t, func(t *testing.T) application.Tokens { return codec(t, ring(t), tokens.Config{}) })
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// seed numbers the bytes from first on: a secret that is different for each first, and the same in every run.
func seed(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func accessKey(t testing.TB, id string, first byte) domain.Key {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed(first)))
	if err != nil {
		t.Fatal(err)
	}
	return domain.Key{ID: id, Purpose: domain.Access, Algorithm: "EdDSA", Private: der, CreatedAt: start, ActiveFrom: start}
}

func refreshKey(id string, first byte) domain.Key {
	return domain.Key{ID: id, Purpose: domain.Refresh, Algorithm: "HS256", Private: seed(first), CreatedAt: start, ActiveFrom: start}
}

func ring(t testing.TB) []domain.Key {
	return []domain.Key{accessKey(t, "a1", 1), refreshKey("r1", 101)}
}

func codec(t testing.TB, keys []domain.Key, c tokens.Config) *tokens.Codec {
	t.Helper()
	if c.At.IsZero() {
		c.At = start
	}
	made, err := tokens.New(keys, c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
