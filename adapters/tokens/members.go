package tokens

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// members calls each for every member of the one JSON object that data has to be, in UTF-8 without lone surrogates, and
// reports whether it is and each took every member. No name may be there twice, on whatever level (RFC 7519 section 4),
// nor in another case: readers that fold names would see something else than this one does.
func members(data []byte, each func(name string, value jsontext.Value) bool) bool {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return false
	}
	var names []string
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil || twin(name, names) || !each(name, value) {
			return false
		}
		names = append(names, name)
	}
	if _, err := d.ReadToken(); err != nil {
		return false
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}

// twin reports whether a reader that folds case would take the name for another one: for one of those before it, for a
// name that means something, or, by the two letters that fold into ASCII, for any.
func twin(name string, before []string) bool {
	folds := func(other string) bool { return name != other && strings.EqualFold(name, other) }
	return strings.ContainsAny(name, "\u017f\u212a") || slices.ContainsFunc(meaningful, folds) || slices.ContainsFunc(before, folds)
}

// meaningful is every name that a token of ours holds or RFC 7515 and 7519 give a meaning that a reader may act on.
var meaningful = []string{
	"alg", "typ", "kid",
	"iss", "aud", "sub", "sid", "jti", "client_id", "cnt", "iat", "exp", "nbf",
}

// str reads a string.
func str(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	unquoted, err := jsontext.AppendUnquote(nil, v)
	return string(unquoted), err == nil
}

// strs reads a string or an array of nothing but strings.
func strs(v jsontext.Value) (all []string, ok bool) {
	if v.Kind() != '[' {
		s, ok := str(v)
		return []string{s}, ok
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(v))
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() != ']' {
		element, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		s, ok := str(element)
		if !ok {
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}

// maxTime is the last second of 12 digits, some thirty thousand years ahead: milliseconds are taken for no date.
const maxTime = 999_999_999_999

// integer reads 1 to 12 digits and nothing else: no sign, fraction, exponent or quotes.
func integer(v jsontext.Value) (int64, bool) {
	if len(v) > 12 || v.Kind() != '0' {
		return 0, false
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	return n, err == nil
}

const maxPlain = 128

// plain reports whether s can be an identifier: what URLs and names are made of, and nothing that is quoted anywhere.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("-._~:/@+=", c) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= maxPlain
}

// readable reports whether s is text that JSON can carry as it is.
func readable(s string) bool { return utf8.ValidString(s) }
