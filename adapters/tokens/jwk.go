package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"github.com/porteiro/porteiro/domain"
)

// jwkMember is one of a JSON Web Key; every value is a string.
type jwkMember struct{ name, value string }

// required returns the members that make a public key, in the order of their names: those are what a thumbprint is
// over (RFC 7638 section 3.2, RFC 8037 section 2). It knows no private one.
func required(public crypto.PublicKey) ([]jwkMember, error) {
	switch key := public.(type) {
	case ed25519.PublicKey:
		return []jwkMember{{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", encode(key)}}, nil
	case *ecdsa.PublicKey:
		point, err := key.Bytes() // 4, x, y, in the size of the curve (SEC 1 section 2.3.3)
		if err != nil {
			return nil, err
		}
		half := 1 + len(point)/2
		return []jwkMember{
			{"crv", key.Params().Name}, {"kty", "EC"}, {"x", encode(point[1:half])}, {"y", encode(point[half:])},
		}, nil
	case *rsa.PublicKey:
		e := big.NewInt(int64(key.E))
		return []jwkMember{{"e", encode(e.Bytes())}, {"kty", "RSA"}, {"n", encode(key.N.Bytes())}}, nil
	}
	return nil, fmt.Errorf("tokens: a %T is no public key", public)
}

// object writes the members in their order.
func object(b []byte, members []jwkMember) []byte {
	separator := `{"`
	for _, m := range members {
		b = text(b, separator+m.name+`":`, m.value)
		separator = `,"`
	}
	return append(b, '}')
}

// thumbprint is that of the key's JWK (RFC 7638).
func thumbprint(public crypto.PublicKey) (string, error) {
	members, err := required(public)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(object(nil, members))
	return encode(sum[:]), nil
}

// publish writes the JWK Set of the access keys that have a public half.
func publish(keys []domain.Key) ([]byte, error) {
	b, separator := []byte(`{"keys":[`), ""
	var ids []string
	for _, k := range keys {
		if k.Purpose != domain.Access {
			continue
		}
		loaded, err := ready(k)
		if err != nil {
			return nil, err
		}
		if _, symmetric := loaded.verify.([]byte); symmetric {
			continue
		}
		members, err := required(loaded.verify)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, k.ID) {
			return nil, fmt.Errorf("tokens: two keys have the id %s", k.ID)
		}
		ids = append(ids, k.ID)
		members = append(members, jwkMember{"kid", k.ID}, jwkMember{"use", "sig"}, jwkMember{"alg", k.Algorithm})
		b = object(append(b, separator...), members)
		separator = ","
	}
	return append(b, "]}"...), nil
}
