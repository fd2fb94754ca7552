package tokens

import "github.com/golang-jwt/jwt/v5"

// Verify takes a token apart as Read does and holds its header and signature against a key, without looking at typ or
// at claims: the public vectors have neither.
func Verify(token, alg, kid string, key any) (payload []byte, ok bool) {
	s, ok := split(token)
	if !ok {
		return nil, false
	}
	h, ok := readHeader(s.header)
	if !ok || h.alg != alg || h.kid != kid {
		return nil, false
	}
	method := jwt.GetSigningMethod(alg)
	if method == nil || method.Verify(s.input, s.signature, key) != nil {
		return nil, false
	}
	return s.payload, true
}

// Thumbprint makes the ID of an access key.
var Thumbprint = thumbprint
