package contract

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
)

func publishedRows() []row[*site] {
	return []row[*site]{
		{"a set of keys", "/.well-known/jwks.json is a JWK Set (RFC 7517) of public keys for signatures, each with a kid, and nothing private.", publishedKeys},
		{"services verify by themselves", "An access token verifies under the published key that it names, and no refresh token does.", verifiedOutside},
	}
}

// published returns the keys by kid.
func (s *site) published(ctx context.Context) (map[string]map[string]any, error) {
	a, err := s.do(ctx, get("/.well-known/jwks.json", ""))
	if err != nil {
		return nil, err
	}
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	keys, list := a.member["keys"].([]any)
	if a.status != http.StatusOK || media != "application/jwk-set+json" || !list {
		return nil, fmt.Errorf("%v as %q: want a JWK Set", a, media)
	}
	found := map[string]map[string]any{}
	for _, k := range keys {
		m, _ := k.(map[string]any)
		kid, _ := m["kid"].(string)
		if kid == "" || found[kid] != nil || m["use"] != "sig" || m["alg"] == nil || m["kty"] == nil || m["kty"] == "oct" {
			return nil, fmt.Errorf("%v: a key is %v", a, m)
		}
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
			if m[private] != nil {
				return nil, fmt.Errorf("the key %s is published with its private %s", kid, private)
			}
		}
		found[kid] = m
	}
	return found, nil
}

func publishedKeys(ctx context.Context, s *site) error {
	_, err := s.published(ctx)
	return err
}

func verifiedOutside(ctx context.Context, s *site) error {
	_, pairs, err1 := s.signedIn(ctx, 1)
	keys, err2 := s.published(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	access, err1 := part(pairs[0].access, 0)
	refresh, err2 := part(pairs[0].refresh, 0)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if kid, _ := refresh["kid"].(string); keys[kid] != nil {
		return fmt.Errorf("the key of refresh tokens, %s, is published", kid)
	}
	if alg, _ := access["alg"].(string); strings.HasPrefix(alg, "HS") {
		if len(keys) > 0 {
			return fmt.Errorf("tokens are authenticated by a secret, and %d keys are published", len(keys))
		}
		return nil // nobody verifies such tokens but the service
	}
	kid, _ := access["kid"].(string)
	if keys[kid] == nil {
		return fmt.Errorf("an access token names the key %q, which is not published", kid)
	}
	return verifies(pairs[0].access, keys[kid])
}

// verifies holds a signature against a JSON Web Key (RFC 7518 section 3, RFC 8037 section 3.1).
func verifies(token string, key map[string]any) error {
	i := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if err != nil {
		return err
	}
	number := func(name string) []byte {
		text, _ := key[name].(string)
		b, _ := base64.RawURLEncoding.DecodeString(text) // what is none does not verify
		return b
	}
	input, ok := []byte(token[:i]), false
	digest := sha256.Sum256(input)
	switch key["alg"] {
	case "EdDSA":
		x := number("x")
		ok = len(x) == ed25519.PublicKeySize && ed25519.Verify(x, input, signature)
	case "ES256":
		point := slices.Concat([]byte{4}, number("x"), number("y")) // of 32 bytes each (RFC 7518 section 6.2.1.2)
		public, none := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		ok = none == nil && len(signature) == 64 &&
			ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case "RS256":
		public := rsa.PublicKey{N: new(big.Int).SetBytes(number("n")), E: int(new(big.Int).SetBytes(number("e")).Int64())}
		ok = rsa.VerifyPKCS1v15(&public, crypto.SHA256, digest[:], signature) == nil
	default:
		return fmt.Errorf("a key is for %v, which this suite does not know", key["alg"])
	}
	if !ok {
		return errors.New("an access token does not verify under the key that it names")
	}
	return nil
}
