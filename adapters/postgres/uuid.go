package postgres

import "encoding/hex"

// uuid is an ID without its text, which is four times as large.
type uuid [16]byte

// dashes are where the text of one has them.
var dashes = [...]int{8, 13, 18, 23}

// uuidOf reads the canonical text, which everything that asks here has been held to.
func uuidOf[T ~string](text T) (u uuid) {
	var digits [32]byte
	to, from := 0, 0
	for _, dash := range dashes {
		to += copy(digits[to:], text[from:dash])
		from = dash + 1
	}
	copy(digits[to:], text[from:])
	_, _ = hex.Decode(u[:], digits[:]) // fails only on what is not canonical
	return u
}

// text is the way back.
func (u uuid) text() string {
	var digits [32]byte
	hex.Encode(digits[:], u[:])
	var text [36]byte
	to, from := 0, 0
	for _, dash := range dashes {
		from += copy(text[to:dash], digits[from:])
		text[dash] = '-'
		to = dash + 1
	}
	copy(text[to:], digits[from:])
	return string(text[:])
}
