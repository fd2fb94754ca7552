package tokens_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// verifier is a service that verifies by the JWK Set, with a reader of its own: RFC 7517, 7518 section 6, 8037.
type verifier map[string]any

func reads(t *testing.T, jwks []byte) verifier {
	t.Helper()
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(jwks, &set); err != nil {
		t.Fatalf("%v: %s", err, jwks)
	}
	known := verifier{}
	for _, k := range set.Keys {
		if known[k["kid"]] != nil || k["kid"] == "" {
			t.Errorf("the kid %q is there twice or empty", k["kid"])
		}
		number := func(name string) *big.Int { return new(big.Int).SetBytes([]byte(unb64(t, k[name]))) }
		var members []string
		switch k["kty"] + " " + k["alg"] {
		case "OKP EdDSA":
			members = []string{"crv", "x"}
			known[k["kid"]] = ed25519.PublicKey(unb64(t, k["x"]))
		case "EC ES256":
			members = []string{"crv", "x", "y"}
			if len(unb64(t, k["x"])) != 32 || len(unb64(t, k["y"])) != 32 { // RFC 7518 section 6.2.1.2
				t.Errorf("a point of %d and %d bytes", len(unb64(t, k["x"])), len(unb64(t, k["y"])))
			}
			public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), []byte("\x04"+unb64(t, k["x"])+unb64(t, k["y"])))
			if err != nil {
				t.Error(err)
			}
			known[k["kid"]] = public
		case "RSA RS256":
			members = []string{"n", "e"}
			known[k["kid"]] = &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
		default:
			t.Errorf("a key of type %q for %q", k["kty"], k["alg"])
		}
		for name := range k {
			if !slices.Contains(append(members, "kty", "kid", "use", "alg"), name) {
				t.Errorf("a %s key has the member %q", k["kty"], name)
			}
		}
		if k["use"] != "sig" {
			t.Errorf("use is %q", k["use"])
		}
	}
	return known
}

// takes reports whether such a service takes the token; it forgets to look at typ.
func (v verifier) takes(token string) bool {
	_, err := jwt.Parse(token, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return v[kid], nil
	}, jwt.WithoutClaimsValidation())
	return err == nil
}

func TestT093JWKS(t *testing.T) {
	for range 10 { // a coordinate begins with a zero now and then
		keys := []domain.Key{
			made(t, domain.Access, "EdDSA"), made(t, domain.Access, "ES256"), made(t, domain.Access, "HS256"), made(t, domain.Refresh, ""),
		}
		rsaKey := made(t, domain.Access, "RS256")
		jwks, err := tokens.Maker{}.Publish(append(keys, rsaKey))
		if err != nil {
			t.Fatal(err)
		}
		known := reads(t, jwks)
		if len(known) != 3 {
			t.Errorf("%d keys are published: %s", len(known), jwks)
		}
		for _, k := range append(keys, rsaKey) {
			if strings.Contains(string(jwks), b64(string(k.Private))) || strings.Contains(string(jwks), k.ID) != (known[k.ID] != nil) {
				t.Errorf("of the %s key of %s tokens it shows %s", k.Algorithm, k.Purpose, jwks)
			}
			if k.Purpose == domain.Refresh {
				continue
			}
			c := codec(t, []domain.Key{k, keys[3]}, tokens.Config{})
			if got, want := known.takes(issue(t, c, accessClaims())), k.Algorithm != "HS256"; got != want {
				t.Errorf("a service that verifies by the set takes an access token of %s: %v", k.Algorithm, got)
			}
			if known.takes(issue(t, c, refreshClaims())) { // T053
				t.Error("a service that verifies by the set takes a refresh token")
			}
		}
	}
}

func TestT093NothingToPublish(t *testing.T) {
	unread := domain.Key{ID: "r", Purpose: domain.Refresh, Algorithm: "EdDSA", Private: made(t, domain.Access, "EdDSA").Private}
	for _, keys := range [][]domain.Key{nil, {made(t, domain.Access, "HS256"), made(t, domain.Refresh, "")}, {unread}} {
		jwks, err := tokens.Maker{}.Publish(keys)
		if err != nil || string(jwks) != `{"keys":[]}` {
			t.Errorf("published: %s, %v", jwks, err)
		}
	}
}

func TestPublishRefusesWhatItCannotRead(t *testing.T) {
	twice, broken := made(t, domain.Access, ""), made(t, domain.Access, "")
	broken.Private = broken.Private[1:]
	for _, keys := range [][]domain.Key{{twice, twice}, {broken}, {{ID: "x", Purpose: domain.Access, Algorithm: "RS1"}}} {
		if jwks, err := (tokens.Maker{}).Publish(keys); err == nil || jwks != nil {
			t.Errorf("published: %s, %v", jwks, err)
		}
	}
}

// The public key of RFC 8037 appendix A.2, of the private one in A.1.
func TestJWKOfTheRFC(t *testing.T) {
	seed := unb64(t, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	key := domain.Key{ID: "k", Purpose: domain.Access, Algorithm: "EdDSA", Private: pkcs8(t, ed25519.NewKeyFromSeed([]byte(seed)))}
	jwks, err := tokens.Maker{}.Publish([]domain.Key{key})
	want := `{"keys":[{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k","use":"sig","alg":"EdDSA"}]}`
	if err != nil || string(jwks) != want {
		t.Errorf("published: %s, %v", jwks, err)
	}
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if got, _ := tokens.Thumbprint(ed25519.PublicKey(unb64(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))); got != b64(string(sum[:])) {
		t.Errorf("thumbprint %q", got)
	}
}
