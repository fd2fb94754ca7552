package tokens_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// wycheproof is a file of Project Wycheproof (github.com/C2SP/wycheproof at dac1dd4, Apache-2.0: testdata/WYCHEPROOF_LICENSE.txt).
type wycheproof struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment         string
		Private, Public json.RawMessage // a key, or a set of keys
		Tests           []struct {
			TcID             int
			Comment          string
			JWS, JWE, Result string
		}
	}
}

type jwk struct{ Kty, Alg, Kid, Crv, K, N, E, X, Y, D, P, Q, DP, DQ, QI string }

func vectors(t testing.TB, name string) wycheproof {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var w wycheproof
	if err := json.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, g := range w.TestGroups {
		total += len(g.Tests)
	}
	if total == 0 || total != w.NumberOfTests {
		t.Fatalf("%s has %d tests, and says %d", name, total, w.NumberOfTests)
	}
	return w
}

// key reads the key that a verifier has, and the algorithm that it is for.
func (k jwk) key(t *testing.T) (alg string, key any) {
	t.Helper()
	number := func(s string) *big.Int { return new(big.Int).SetBytes([]byte(unb64(t, s))) }
	switch k.Kty {
	case "oct":
		return k.Alg, []byte(unb64(t, k.K))
	case "RSA":
		return k.Alg, &rsa.PublicKey{N: number(k.N), E: int(number(k.E).Int64())}
	case "EC":
		curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
		if k.Alg == "ES521" && k.Crv == "P-521" { // a misprint in the file: there is no ES521
			k.Alg = "ES512"
		}
		public, err := ecdsa.ParseUncompressedPublicKey(curves[k.Crv], []byte("\x04"+unb64(t, k.X)+unb64(t, k.Y)))
		if err != nil {
			t.Fatal(err)
		}
		return k.Alg, public
	}
	t.Fatalf("a key of type %q", k.Kty)
	return "", nil
}

// leftOutSignatures is every vector of the file on signatures that is not held, and why.
var leftOutSignatures = map[int]string{
	346: "faulty: the key is for PS256, the token has PS384",
	350: "faulty: the key is for PS256, the token has PS384",
	281: "PSS salt lengths: golang-jwt does not pin them, and no key of ours is for PSS",
	282: "as 281", 283: "as 281", 284: "as 281", 285: "as 281", 286: "as 281",
	353: "the key's use: our ring holds signing keys only, a key has no use in it",
	354: "as 353", 355: "the key's key_ops: as 353", 356: "as 355",
	367: "faulty: to be refused, and byte for byte the token of 357, which is to be accepted",
	370: "as 367",
	372: "faulty: to be accepted, and has a ? in its header",
	373: "faulty: to be accepted, and has a ? in its payload",
}

func TestWycheproofSignatures(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	held := 0
	for _, g := range vectors(t, "wycheproof_json_web_signature_test.json").TestGroups {
		source := g.Public
		if source == nil {
			source = g.Private
		}
		var k jwk
		if err := json.Unmarshal(source, &k); err != nil {
			t.Fatal(err)
		}
		for _, v := range g.Tests {
			refuse(t, c, v.JWS) // none is of our keys
			if leftOutSignatures[v.TcID] != "" {
				continue
			}
			held++
			t.Run(strconv.Itoa(v.TcID), func(t *testing.T) {
				alg, key := k.key(t)
				payload, ok := tokens.Verify(v.JWS, alg, k.Kid, key)
				if ok != (v.Result == "valid") {
					t.Errorf("%s, %s: accepted %v, want %s (payload %q)", g.Comment, v.Comment, ok, v.Result, payload)
				}
			})
		}
	}
	if want := 401 - len(leftOutSignatures); held != want {
		t.Errorf("%d vectors were held, want %d: one that is left out is not in the file", held, want)
	}
}

func TestT012WycheproofEncryption(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	for _, g := range vectors(t, "wycheproof_json_web_encryption_test.json").TestGroups {
		for _, v := range g.Tests {
			if v.JWE == "" {
				t.Errorf("%d has no token", v.TcID)
			}
			refuse(t, c, v.JWE) // also the valid ones: there is nothing to decrypt here
		}
	}
}

// leftOutKeys is every vector of the file on keys that is not held, and why.
var leftOutKeys = map[int]string{
	1:  "the set has a public key alone: a ring has private ones",
	7:  "ROCA, a fault of keys made by some chips: the ring's are made here",
	14: "valid with an HS384 key: no key of the ring is for HS384",
	15: "valid with an HS512 key: no key of the ring is for HS512",
	21: "the key's use: our ring holds signing keys only, a key has no use in it",
	22: "a point beside the private key that is not its own: PKCS #8 is read without it",
	23: "a curve that the private key is not of: PKCS #8 says it once",
	24: "a type that the key is not of: as 23",
}

// private is the key as a ring holds it. It is written by hand, because x509 writes no bad keys.
func (k jwk) private(t *testing.T) (domain.Kind, []byte) {
	t.Helper()
	number := func(s string) *big.Int { return new(big.Int).SetBytes([]byte(unb64(t, s))) }
	write := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	type info struct { // RFC 5208 section 5
		Version   int
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue
		}
		Key []byte
	}
	var p info
	switch k.Kty {
	case "RSA": // RFC 8017 appendix A.1.2
		p.Algorithm.ID, p.Algorithm.Parameters = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, asn1.NullRawValue
		p.Key = write(struct {
			Version                        int
			N, E, D, P, Q, DP, DQ, Inverse *big.Int
		}{0, number(k.N), number(k.E), number(k.D), number(k.P), number(k.Q), number(k.DP), number(k.DQ), number(k.QI)})
	case "EC": // RFC 5915 section 3
		p.Algorithm.ID = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
		p.Algorithm.Parameters.FullBytes = write(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
		p.Key = write(struct {
			Version int
			D       []byte
		}{1, []byte(unb64(t, k.D))})
	default:
		return domain.Refresh, []byte(unb64(t, k.K))
	}
	return domain.Access, write(p)
}

// The file's subject is sets of keys. Ours is a ring, and where the file wants a token refused for a key that nobody
// should have, New refuses the ring; for that each key of the set is put there as one that signs.
func TestT004WycheproofKeys(t *testing.T) {
	for _, g := range vectors(t, "wycheproof_json_web_key_test.json").TestGroups {
		var set struct{ Keys []jwk }
		if err := json.Unmarshal(g.Private, &set); err != nil {
			t.Fatal(err)
		}
		keys := []domain.Key{accessKey(t, "a1", 1), refreshKey("r1", 101)}
		for _, k := range set.Keys {
			purpose, private := k.private(t)
			keys = append(keys, domain.Key{ID: k.Kid, Purpose: purpose, Algorithm: k.Alg, Private: private, ActiveFrom: start})
		}
		for _, v := range g.Tests {
			if leftOutKeys[v.TcID] != "" {
				continue
			}
			t.Run(strconv.Itoa(v.TcID), func(t *testing.T) {
				c, err := tokens.New(keys, tokens.Config{At: start})
				// 3 is about a signature, with a good set of keys.
				if wanted := v.Result == "valid" || v.TcID == 3; wanted != (err == nil) {
					t.Fatalf("%s, %s: New says %v", g.Comment, v.Comment, err)
				}
				if err != nil {
					return
				}
				refuse(t, c, v.JWS) // no typ, no claims, and the secret is not the MAC's key
				alg, key := set.Keys[0].key(t)
				_, ok := tokens.Verify(v.JWS, alg, set.Keys[0].Kid, key)
				if ok != (v.Result == "valid") {
					t.Errorf("%s, %s: accepted %v, want %s", g.Comment, v.Comment, ok, v.Result)
				}
			})
		}
	}
}

func TestVectorsCarryTheirLicence(t *testing.T) {
	if _, err := os.Stat(filepath.Join("testdata", "WYCHEPROOF_LICENSE.txt")); errors.Is(err, os.ErrNotExist) {
		t.Error("the vectors' licence is not beside them")
	}
}
