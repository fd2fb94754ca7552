package tokens

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Reasons = (*Codec)(nil)

// unnamed is what is said of a token that Read refuses for a reason that has no words here yet.
const unnamed = "it breaks a rule of the strict reader"

// Why walks the way of Read once more, with words. Whether there is anything to explain Read itself says, so that both
// never disagree. No more than a few characters of the token are ever in it.
func (t *Codec) Why(token string) application.Reason {
	r := application.Reason{Broken: whyNotSplit(token)}
	s, ok := split(token)
	if !ok {
		return named(r)
	}
	h, ok := readHeader(s.header)
	if plain(h.kid) {
		r.Key = h.kid
	}
	if plain(h.alg) {
		r.Algorithm = h.alg
	}
	if !ok {
		r.Broken = whyNotMembers("header", s.header, func(name string, value jsontext.Value) bool {
			_, ok := str(value)
			return ok && slices.Contains([]string{"alg", "typ", "kid"}, name)
		})
		return named(r)
	}
	i := slices.IndexFunc(kinds, func(k domain.Kind) bool { return accepts(k, h.typ) })
	if i < 0 {
		r.Broken = fmt.Sprintf("its typ is %s: that of access tokens is at+jwt, that of refresh tokens rt+jwt", quoted(h.typ))
		return named(r)
	}
	r.Kind = kinds[i]
	if _, ok := t.read(r.Kind, token); ok {
		return r
	}
	r.Broken = t.whyNotSigned(r.Kind, h, s)
	if r.Broken == "" {
		r.Broken = t.whyNotClaims(r.Kind, s.payload)
	}
	return named(r)
}

func named(r application.Reason) application.Reason {
	if r.Broken == "" {
		r.Broken = unnamed
	}
	return r
}

// whyNotSplit names the rule of split that a token breaks.
func whyNotSplit(token string) string {
	parts := strings.Split(token, ".")
	switch {
	case token == "":
		return "there is none"
	case len(token) > maxToken:
		return fmt.Sprintf("it has %d bytes, more than %d", len(token), maxToken)
	case strings.ContainsAny(token, " \t\r\n"):
		return "there is white space in it: it was broken into lines when it was copied"
	case len(parts) == 5:
		return "it has 5 parts, as encrypted tokens (JWE) have; porteiro's have 3"
	case len(parts) != 3:
		return fmt.Sprintf("it has %d parts between dots, not 3: some of it is missing, or it is no JSON Web Token", len(parts))
	}
	for i, what := range []string{"header", "payload", "signature"} {
		if why := whyNotBase64(parts[i]); why != "" {
			return "its " + what + " " + why
		}
	}
	return ""
}

func whyNotBase64(s string) string {
	_, err := base64.RawURLEncoding.Strict().DecodeString(s)
	switch {
	case err == nil:
		return ""
	case strings.Contains(s, "="):
		return "is padded with =: base64url of tokens is not (RFC 7515 section 2)"
	case strings.ContainsAny(s, "+/"):
		return "is in base64 with + or /: that of tokens has - and _ (RFC 7515 section 2)"
	}
	if _, err := base64.RawURLEncoding.DecodeString(s); err == nil {
		return "is in another base64 than its bytes have: the last character was changed"
	}
	return "is not base64url: some of it is missing or was changed"
}

// whyNotMembers names the rule of members that what is not one good object breaks; each is what takes a member.
func whyNotMembers(what string, data []byte, each func(name string, value jsontext.Value) bool) string {
	refused, bad := "", false
	ok := members(data, func(name string, value jsontext.Value) bool {
		if bad = !each(name, value); bad {
			refused = name
		}
		return !bad
	})
	switch {
	case ok:
		return ""
	case bad && what == "header":
		return fmt.Sprintf("its header has a member %s, which those of porteiro do not, or not of that type", quoted(refused))
	case bad:
		return fmt.Sprintf("its claim %s is not of the type that it has", quoted(refused))
	case !utf8.Valid(data):
		return "its " + what + " is not UTF-8"
	case !oneObject(data):
		return "its " + what + " is not one JSON object"
	}
	return "its " + what + " has a member twice, or one whose name differs in case from one that means something"
}

// oneObject reports whether data is one JSON object and nothing else, whatever is in it.
func oneObject(data []byte) bool {
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' || d.SkipValue() != nil {
		return false
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}

// whyNotSigned names what of key and signature does not hold.
func (t *Codec) whyNotSigned(kind domain.Kind, h header, s segments) string {
	k, found := t.keys[h.kid]
	switch {
	case h.kid == "":
		return "it names no key (kid)"
	case !found:
		return fmt.Sprintf("no key in use has the id %s that it names: retired, of another database, or of another service", quoted(h.kid))
	case k.purpose != kind:
		return fmt.Sprintf("it is of the type of %s tokens, and its key is one for %s tokens", kind, k.purpose)
	case k.method.Alg() != h.alg:
		return fmt.Sprintf("its alg is %s, and its key's is %s", quoted(h.alg), k.method.Alg())
	case k.method.Verify(s.input, s.signature, k.verify) != nil:
		return "its signature is not its key's: it was changed, cut, or forged"
	}
	return ""
}

// whyNotClaims names the claim that does not hold, of a token whose signature does.
func (t *Codec) whyNotClaims(kind domain.Kind, data []byte) string {
	p, ok := readPayload(data)
	if !ok {
		return whyNotMembers("payload", data, func(name string, value jsontext.Value) bool {
			one, err := jsontext.AppendQuote([]byte{'{'}, name)
			if err != nil {
				return false
			}
			_, ok := readPayload(append(append(append(one, ':'), value...), '}'))
			return ok
		})
	}
	_, err1 := domain.ParseUserID(p.sub)
	_, err2 := domain.ParseSessionID(p.sid)
	switch {
	case p.iss != t.issuer:
		return fmt.Sprintf("its issuer (iss) is %s, and this service's is %s", quoted(p.iss), quoted(t.issuer))
	case !slices.ContainsFunc(p.aud, func(a string) bool { return slices.Contains(t.audience, a) }), slices.Contains(p.aud, ""):
		return fmt.Sprintf("its audience (aud) is %s, and this service's is %s", quoted(p.aud...), quoted(t.audience...))
	case p.iat < 0:
		return "it does not say when it was issued (iat)"
	case p.exp < 0:
		return "it does not say when it expires (exp)"
	case err1 != nil:
		return "its subject (sub) is no user's id"
	case err2 != nil:
		return "it names no session (sid)"
	case kind == domain.Access && !plain(p.jti):
		return "it has no id (jti) that can be one"
	case kind == domain.Access && !plain(p.clientID):
		return "it names no client (client_id)"
	case kind == domain.Access && !t.shortEnough(p.iat, p.exp):
		return fmt.Sprintf("it lives for %v by its own word, longer than any access token may: %v",
			time.Duration(p.exp-p.iat)*time.Second, time.Duration(t.maxAccess)*time.Second)
	case kind == domain.Refresh && (p.cnt < 0 || p.cnt > math.MaxInt32):
		return "it does not say which refresh token of its session it is (cnt)"
	}
	return ""
}

// quoted shows what a token says, the first characters of each, in ASCII.
func quoted(all ...string) string {
	const most = 64
	var shown []string
	for _, s := range all {
		if len(s) > most {
			shown = append(shown, strconv.QuoteToASCII(s[:most])+"…")
			continue
		}
		shown = append(shown, strconv.QuoteToASCII(s))
	}
	if len(shown) == 0 {
		return "missing"
	}
	return strings.Join(shown, ", ")
}
