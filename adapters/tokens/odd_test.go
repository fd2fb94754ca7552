package tokens_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// Attacks that no list has. Each is signed as it stands unless the signature is what is odd about it.

func TestT007RegisteredHeadersThatAreNotOurs(t *testing.T) {
	var rows []attack
	for _, name := range []string{
		"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "cty", "crit", "enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "b64", "url", "nonce", "ppt",
		"svt", "iss", "sub", "aud", "exp", "iat", "htm", "ath", "trust_chain", "typ ", " typ", "typ\\u0000", "", "__proto__",
	} {
		for _, value := range []string{`"porteiro"`, `null`, `{}`, `[]`, `1`, `true`} {
			rows = append(rows,
				attack{name + " " + value, access(accessHeader().also(name, value), accessPayload())},
				attack{name + " " + value + " in front", access(accessHeader().first(name, value), accessPayload())},
				attack{"refresh, " + name + " " + value, refresh(refreshHeader().also(name, value), refreshPayload())})
		}
	}
	var small bytes.Buffer
	w, err := flate.NewWriter(&small, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(accessPayload().String()))
	w.Close()
	refuseAll(t, append(rows,
		attack{"zip, and it is", sign(accessHeader().also("zip", `"DEF"`).String(), small.String(), byAccessKey)},
		attack{"compressed, and does not say so", sign(accessHeader().String(), small.String(), byAccessKey)}))
}

func TestT008SignaturesOfAnotherKind(t *testing.T) {
	h, p := accessHeader().String(), accessPayload().String()
	stranger := ed25519.NewKeyFromSeed(seed(50))
	digest := func(input string) []byte { sum := sha512.Sum512([]byte(input)); return sum[:] }
	with := func(o *ed25519.Options, message func(string) []byte) signer {
		return func(input string) []byte {
			signature, err := private().Sign(nil, message(input), o)
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}
	}
	plainly := func(input string) []byte { return []byte(input) }
	half := func(input string) []byte { return byRefreshKey(input)[:16] }
	twice := func(input string) []byte { return append(byAccessKey(input), byAccessKey(input)...) }
	refuseAll(t, []attack{
		{"a stranger's key under our kid", sign(h, p, func(input string) []byte { return ed25519.Sign(stranger, []byte(input)) })},
		{"Ed25519ph", sign(h, p, with(&ed25519.Options{Hash: crypto.SHA512}, digest))},
		{"Ed25519ctx", sign(h, p, with(&ed25519.Options{Context: "jwt"}, plainly))},
		{"of the digest", sign(h, p, with(&ed25519.Options{}, digest))},
		{"twice in a row", sign(h, p, twice)},
		{"half a MAC", sign(refreshHeader().String(), refreshPayload().String(), half)},
		{"another S for the same message", sign(h, p, func(input string) []byte { return byTheOrder(byAccessKey(input)) })},
		{"both keys", access(accessHeader(), accessPayload()) + b64(string(byRefreshKey(b64(h)+"."+b64(p))))},
	})
}

// byTheOrder adds the group's order to S, which a careless verifier takes for the same (RFC 8032 section 8.4).
func byTheOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s)
	s = new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(s)
	return append(slices.Clone(signature[:32]), s...)
}

// T009: the two characters in which the alphabets of base64 differ, in a token that has both.
func TestT009TheOtherAlphabet(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	for n := range 1000 {
		token := access(accessHeader(), accessPayload().set("jti", `"`+strings.Repeat("j", n%100+1)+`"`).also("x", `"`+strings.Repeat("~?", n/100+1)+`"`))
		if !strings.Contains(token, "-") || !strings.Contains(token, "_") {
			continue
		}
		accept(t, c, domain.Access, token)
		refuse(t, c, strings.ReplaceAll(token, "-", "+"))
		refuse(t, c, strings.ReplaceAll(token, "_", "/"))
		refuse(t, c, strings.NewReplacer("-", "+", "_", "/").Replace(token))
		return
	}
	t.Fatal("no token has both characters")
}

// T010: whatever is done to a token, what comes of it is no token. The edits are the same in every run.
func TestT010OneTokenHasOneText(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \t\r\n\x00\u2024"
	c := codec(t, ring(t), tokens.Config{})
	random := rand.New(rand.NewPCG(1, 2))
	for _, token := range []string{access(accessHeader(), accessPayload()), refresh(refreshHeader(), refreshPayload())} {
		for i := range 86 { // each other digit in the signature's last 86
			at := len(token) - 1 - i
			for _, digit := range alphabet[:64] {
				if other := token[:at] + string(digit) + token[at+1:]; at > strings.LastIndexByte(token, '.') && other != token {
					refuse(t, c, other)
				}
			}
		}
		for range 20_000 {
			other := []byte(token)
			for range 1 + random.IntN(3) {
				i, j := random.IntN(len(other)), random.IntN(len(other))
				switch random.IntN(4) {
				case 0:
					other[i] = alphabet[random.IntN(len(alphabet))]
				case 1:
					other = slices.Insert(other, i, alphabet[random.IntN(len(alphabet))])
				case 2:
					other = slices.Delete(other, i, i+1)
				case 3:
					other[i], other[j] = other[j], other[i]
				}
			}
			if string(other) != token {
				refuse(t, c, string(other))
			}
		}
	}
}

func TestT012JSONThatIsAlmostThere(t *testing.T) {
	var rows []attack
	for of, o := range map[string]object{"header": accessHeader(), "payload": accessPayload()} {
		s := o.String()
		open, last := s[:1], s[len(s)-1:]
		for name, odd := range map[string]string{
			"nothing": "", "spaces": "   ", "a line": "\n", "a trailing comma": s[:len(s)-1] + ",}", "a leading comma": open + "," + s[1:], "two commas": strings.Replace(s, ",", ",,", 1),
			"a comment": open + "/* */" + s[1:], "a line comment": s + "//", "a hash comment": s + " #", "single quotes": strings.ReplaceAll(s, `"`, `'`), "no quotes": strings.ReplaceAll(s, `"`, ""),
			"a form feed": open + "\f" + s[1:], "a vertical tab": open + "\v" + s[1:], "a hard space": open + "\u00a0" + s[1:], "a line separator": open + "\u2028" + s[1:], "a NUL": open + "\x00" + s[1:],
			"a NUL after": s + "\x00", "a NUL before": "\x00" + s, "a tab in a name": strings.Replace(s, `":`, "\t\":", 1), "UTF-16": wide(s), "UTF-16 with its mark": wide("\ufeff" + s),
			"an overlong name": open + "\"\xc1\xa1\":1," + s[1:], "in a string": `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`, "in base64": b64(s), "an object after it": s + s, "a value before it": "1" + s,
			"a half": s[:len(s)/2], "a name alone": s[:len(s)-1] + `,"x"` + last, "a value alone": s[:len(s)-1] + `,1` + last, "a semicolon": strings.Replace(s, ",", ";", 1),
			"a number as a name": open + "1:1," + s[1:], "null as a name": open + "null:1," + s[1:], "an escape that is none": open + `"\x61":1,` + s[1:], "half an escape": open + `"\u00":1,` + s[1:],
		} {
			if of == "header" {
				rows = append(rows, attack{"header: " + name, sign(odd, accessPayload().String(), byAccessKey)})
			} else {
				rows = append(rows, attack{"payload: " + name, sign(accessHeader().String(), odd, byAccessKey)})
			}
		}
	}
	deep := strings.Repeat(`[`, 10_001) + strings.Repeat(`]`, 10_001)
	refuseAll(t, append(rows,
		attack{"10001 deep, header", access(accessHeader().also("x", deep), accessPayload())},
		attack{"10001 deep, claim", access(accessHeader(), accessPayload().also("x", deep))},
		attack{"10001 deep, alone", sign(deep, deep, byAccessKey)}))
}

// wide is UTF-16, big end first.
func wide(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

func TestT013TwiceInAHeader(t *testing.T) {
	var rows []attack
	for _, m := range accessHeader() {
		escaped := `\u00` + string("0123456789abcdef"[m.name[0]>>4]) + string("0123456789abcdef"[m.name[0]&15]) + m.name[1:]
		upper := strings.ToUpper(m.name)
		for _, value := range []string{m.value, `"x"`, `null`} {
			for _, name := range []string{m.name, escaped, upper} {
				rows = append(rows,
					attack{m.name + " and " + name + " " + value, access(accessHeader().also(name, value), accessPayload())},
					attack{name + " " + value + " and " + m.name, access(accessHeader().first(name, value), accessPayload())})
			}
		}
		rows = append(rows, attack{upper + " alone", access(accessHeader().without(m.name).also(upper, m.value), accessPayload())})
	}
	refuseAll(t, rows)
}
