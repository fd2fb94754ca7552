package tokens_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

func parts(token string) (header, payload, signature string) {
	p := strings.Split(token, ".")
	return p[0], p[1], p[2]
}

func TestT008Signatures(t *testing.T) {
	token := access(accessHeader(), accessPayload())
	h, p, s := parts(token)
	expired := accessPayload().set("iat", "1").set("exp", "2")
	_, p2, _ := parts(access(accessHeader(), accessPayload().set("sub", `"`+session+`"`)))
	rows := []attack{
		{"empty", h + "." + p + "."}, {"absent", h + "." + p}, {"truncated", token[:len(token)-4]}, {"one character", h + "." + p + ".A"},
		{"another payload", h + "." + p2 + "." + s}, {"extended", token + "AAAA"}, {"twice", token + s}, {"zeros", h + "." + p + "." + strings.Repeat("A", len(s))},
		{"of nothing", h + "." + p + "." + b64(string(byAccessKey("")))}, {"of the payload alone", h + "." + p + "." + b64(string(byAccessKey(p)))},
		{"T023 expired, and it does not hold", sign(accessHeader().String(), expired.String(), byMAC("x"))},
	}
	refuseAll(t, rows)
}

func TestT008EveryBitOfATokenCounts(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	for _, token := range []string{access(accessHeader(), accessPayload()), refresh(refreshHeader(), refreshPayload())} {
		for i := range 8 * len(token) {
			flipped := []byte(token)
			flipped[i/8] ^= 1 << (i % 8)
			refuse(t, c, string(flipped))
		}
		// The same for what is encoded: a flip within base64 leaves bytes that no single bit of the text reaches.
		for i, segment := range strings.Split(token, ".") {
			decoded := unb64(t, segment)
			for bit := range 8 * len(decoded) {
				flipped := []byte(decoded)
				flipped[bit/8] ^= 1 << (bit % 8)
				segments := strings.Split(token, ".")
				segments[i] = b64(string(flipped))
				refuse(t, c, strings.Join(segments, "."))
			}
		}
	}
}

func TestT009Encodings(t *testing.T) {
	var rows []attack
	for _, token := range []string{access(accessHeader(), accessPayload()), refresh(refreshHeader(), refreshPayload())} {
		h, p, s := parts(token)
		rows = append(rows, attack{"four segments", token + ".e30"}, attack{"four segments, the last empty", token + "."}, attack{"leading dot", "." + token},
			attack{"space before", " " + token}, attack{"newline after", token + "\n"}, attack{"percent", strings.Replace(token, ".", "%2E", 1)},
			attack{"Bearer", "Bearer " + token}, attack{"quoted", `"` + token + `"`}, attack{"NUL after", token + "\x00"}, attack{"BOM", "\ufeff" + token},
			attack{"full stop of another script", strings.Replace(token, ".", "。", 1)})
		for _, insert := range []string{"=", "\n", "\r", "\r\n", " ", "\t", "\x00", "+", "/", "%", "."} {
			rows = append(rows,
				attack{fmt.Sprintf("%q in the header", insert), h[:4] + insert + h[4:] + "." + p + "." + s},
				attack{fmt.Sprintf("%q in the payload", insert), h + "." + p[:4] + insert + p[4:] + "." + s},
				attack{fmt.Sprintf("%q in the signature", insert), h + "." + p + "." + s[:4] + insert + s[4:]},
				attack{fmt.Sprintf("%q at the end", insert), token + insert})
		}
	}
	// Signed as they stand, so that nothing but the encoding is wrong with them.
	for _, spoil := range []struct {
		name string
		of   func(segment string) string
	}{
		{"line break", func(s string) string { return s[:8] + "\n" + s[8:] }},
		{"carriage return at the end", func(s string) string { return s + "\r" }},
		{"padding", func(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4) }},
		{"unused bits", func(s string) string { return s[:len(s)-1] + string(nextInAlphabet(s[len(s)-1])) }},
	} {
		h, p := loose(accessHeader()), loose(accessPayload())
		for name, input := range map[string]string{"header": spoil.of(h) + "." + p, "payload": h + "." + spoil.of(p)} {
			rows = append(rows, attack{spoil.name + " in a signed " + name, input + "." + b64(string(byAccessKey(input)))})
		}
		_, _, s := parts(access(accessHeader(), accessPayload()))
		h, p, _ = parts(access(accessHeader(), accessPayload()))
		rows = append(rows, attack{spoil.name + " in the signature", h + "." + p + "." + spoil.of(s)})
	}
	refuseAll(t, rows)
}

// loose encodes an object, with spaces after it so that the last digit has unused bits.
func loose(o object) string {
	s := o.String()
	for len(s)%3 == 0 {
		s += " "
	}
	return b64(s)
}

// nextInAlphabet changes a digit of base64 in its lowest bit, which is unused at the end of two and of three digits.
func nextInAlphabet(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)^1]
}

func TestT012NotAToken(t *testing.T) {
	h, p := accessHeader().String(), accessPayload().String()
	rows := []attack{
		{"JSON serialization", `{"payload":"` + b64(p) + `","protected":"` + b64(h) + `","signature":"` + b64(string(byAccessKey(b64(h)+"."+b64(p)))) + `"}`},
		{"five segments", strings.Join([]string{b64(`{"alg":"dir","enc":"A256GCM"}`), "", "AAAA", "AAAA", "AAAA"}, ".")},
		{"PBES2", strings.Join([]string{b64(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAA","p2c":2147483647}`), "AAAA", "AAAA", "AAAA", "AAAA"}, ".")},
	}
	for _, junk := range []string{
		``, `null`, `[]`, `"x"`, `1`, `{`, `}`, `{}`, `{}{}`, `{"alg"}`, "\ufeff" + h, h + "x", h + "{}", h + ",", "[" + h + "]", "\x00", "\xff", `{"alg":"EdDSA",}`,
		`{alg:"EdDSA"}`, `{'alg':'EdDSA'}`, "// c\n" + h, strings.Repeat("[", 1400) + strings.Repeat("]", 1400), strings.Repeat(`{"a":`, 400) + "1" + strings.Repeat("}", 400),
	} {
		rows = append(rows, attack{"header " + short(junk), sign(junk, p, byAccessKey)}, attack{"payload " + short(junk), sign(h, junk, byAccessKey)},
			attack{"refresh, header " + short(junk), sign(junk, refreshPayload().String(), byRefreshKey)},
			attack{"refresh, payload " + short(junk), sign(refreshHeader().String(), junk, byRefreshKey)})
	}
	nested := access(accessHeader().also("cty", `"JWT"`), accessPayload())
	rows = append(rows, attack{"nested", sign(h, nested, byAccessKey)})
	for _, junk := range []string{"\ufeff" + p, p + "x", p + "{}", p + ",", p + p, "[" + p + "]", p[:len(p)-1], p + "\x00", strings.Replace(p, ":", "=", 1)} {
		rows = append(rows, attack{"payload " + short(junk), sign(h, junk, byAccessKey)})
	}
	rows = append(rows, attack{"invalid UTF-8 in an unknown claim", access(accessHeader(), accessPayload().also("x", "\"\xc0\x80\""))},
		attack{"a lone surrogate in an unknown claim", access(accessHeader(), accessPayload().also("x", `"\ud800"`))},
		attack{"a lone surrogate in an unknown name", access(accessHeader(), accessPayload().also(`x\udfff`, `1`))},
		attack{"a number that is none in an unknown claim", access(accessHeader(), accessPayload().also("x", `01`))})
	refuseAll(t, rows)
}

func TestT014Size(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	// padded makes tokens of any length by a claim that nobody knows; base64 leaves out every fourth length.
	padded := func(n int) string {
		return access(accessHeader(), accessPayload().also("x", `"`+strings.Repeat("x", n)+`"`))
	}
	n := 0
	for len(padded(n+1)) <= 4096 {
		n++
	}
	if got := len(padded(n)); got < 4090 {
		t.Fatalf("the longest token tried has %d bytes", got)
	}
	accept(t, c, domain.Access, padded(n))
	for more := range 8 {
		refuse(t, c, padded(n+1+more))
	}
	for _, huge := range []string{
		padded(64 << 10), padded(1 << 20), strings.Repeat("A", 4097), strings.Repeat(".", 5000), strings.Repeat(".", 1_000_000), strings.Repeat("e30.", 1<<18),
	} {
		refuse(t, c, huge)
		if n := testing.AllocsPerRun(10, func() { c.Read(domain.Access, huge) }); n > 0 {
			t.Errorf("refusing %d bytes took %v allocations, want none", len(huge), n)
		}
	}
	for _, dots := range []string{strings.Repeat(".", 4096), strings.Repeat("\n", 4096), strings.Repeat("A", 4096)} {
		if n := testing.AllocsPerRun(10, func() { c.Read(domain.Access, dots) }); n > 3 {
			t.Errorf("refusing %.3q… took %v allocations, want at most one for each segment", dots, n)
		}
	}
	good := padded(n)
	if n := testing.AllocsPerRun(10, func() { c.Read(domain.Access, good) }); n > 64 {
		t.Errorf("reading the longest token took %v allocations", n)
	}
	manyMembers := strings.Builder{}
	for i := range 400 {
		fmt.Fprintf(&manyMembers, `"%x":1,`, i)
	}
	refuse(t, c, sign("{"+manyMembers.String()+accessHeader().String()[1:], accessPayload().String(), byAccessKey))
}
