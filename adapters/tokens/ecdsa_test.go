package tokens_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
)

// T011, and T010 for ES256, on the part of the reader that is the same for every algorithm.
func TestT011SignaturesOfES256(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	input := b64(`{"alg":"ES256","typ":"at+jwt","kid":"e1"}`) + "." + b64(accessPayload().String())
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := func(r, s *big.Int) string {
		return string(r.FillBytes(make([]byte, 32))) + string(s.FillBytes(make([]byte, 32)))
	}
	zero, one, less := new(big.Int), big.NewInt(1), new(big.Int).Sub(n, big.NewInt(1))
	most := new(big.Int).Sub(new(big.Int).Lsh(one, 256), one)
	for name, row := range map[string]struct {
		signature string
		holds     bool
	}{
		"control": {raw(r, s), true},
		// Its twin verifies, as it does everywhere: what is revoked is a session, never a token's text or its hash.
		"r and n-s": {raw(r, new(big.Int).Sub(n, s)), true},
		"r=s=0":     {raw(zero, zero), false}, "r=0, s=1": {raw(zero, one), false}, "r=1, s=0": {raw(one, zero), false},
		"r=s=n": {raw(n, n), false}, "r=n, s": {raw(n, s), false}, "r, s=n": {raw(r, n), false}, "r=s=1": {raw(one, one), false},
		"r=s=n-1": {raw(less, less), false}, "all ones": {raw(most, most), false}, "swapped": {raw(s, r), false},
		"DER": {string(der), false}, "empty": {"", false}, "r alone": {raw(r, s)[:32], false}, "a byte less": {raw(r, s)[:63], false},
		"a byte more": {raw(r, s) + "\x00", false}, "a zero before each": {"\x00" + raw(r, s)[:32] + "\x00" + raw(r, s)[32:], false},
	} {
		if _, ok := tokens.Verify(input+"."+b64(row.signature), "ES256", "e1", &key.PublicKey); ok != row.holds {
			t.Errorf("%s: holds %v, want %v", name, ok, row.holds)
		}
	}
}
