package tokens

import (
	"encoding/base64"
	"strings"
)

// maxToken is how many bytes of a token are looked at; none of ours is near it.
const maxToken = 4 << 10

// segments is a token in compact serialization (RFC 7515 section 7.1), decoded. Nothing in it has been verified.
type segments struct {
	input     string // what the signature is over
	header    []byte
	payload   []byte
	signature []byte
}

// split takes exactly three segments of a token of at most maxToken bytes, each in the one encoding that its bytes have:
// otherwise two strings would be one token.
func split(token string) (s segments, ok bool) {
	if len(token) > maxToken {
		return segments{}, false
	}
	header, rest, ok1 := strings.Cut(token, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 || strings.ContainsAny(token, "\r\n") { // which base64 skips over, even when strict
		return segments{}, false
	}
	s.input = token[:len(header)+1+len(payload)]
	for _, part := range []struct {
		from string
		to   *[]byte
	}{{header, &s.header}, {payload, &s.payload}, {signature, &s.signature}} {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(part.from) // a fourth segment fails here: no dot in it
		if err != nil {
			return segments{}, false
		}
		*part.to = decoded
	}
	return s, true
}
