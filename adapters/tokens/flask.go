package tokens

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Flask reads the tokens of a service on flask-jwt-extended, with its JWT_SECRET_KEY and until a date: HS256, typ JWT, no
// other header, the kind in type, and an email or an ID in sub. What is no token of such a service's defaults is refused,
// one with an audience among them, as the service itself refuses it.
type Flask struct {
	secret []byte
	until  time.Time
	clock  application.Clock
}

// NewFlask returns the reader. From until on by the clock it reads nothing, whatever a token says of itself. An empty
// secret is an error; see [Flask.Weak] for one that can be guessed.
func NewFlask(secret []byte, until time.Time, clock application.Clock) (*Flask, error) {
	if len(secret) == 0 {
		return nil, errors.New("tokens: the secret is empty")
	}
	if clock == nil {
		clock = time.Now
	}
	return &Flask{bytes.Clone(secret), until, clock}, nil
}

// Weak says how the secret falls short of what a key of HS256 should be (RFC 7518 section 3.2), or nil: whoever has one
// token of the service can guess at such a secret, and then forge tokens until the date.
func (f *Flask) Weak() error { return strong(f.secret) }

// Read takes a token of the kind, and answers domain.TokenInvalid to anything else.
func (f *Flask) Read(kind domain.Kind, token string) (domain.Claims, error) {
	if claims, ok := f.read(kind, token); ok {
		return claims, nil
	}
	return domain.Claims{}, domain.TokenInvalid
}

func (f *Flask) read(kind domain.Kind, token string) (domain.Claims, bool) {
	if !f.clock().Before(f.until) {
		return domain.Claims{}, false
	}
	s, ok := split(token)
	if !ok {
		return domain.Claims{}, false
	}
	h, ok := readHeader(s.header)
	if !ok || h != (header{alg: "HS256", typ: "JWT"}) || jwt.SigningMethodHS256.Verify(s.input, s.signature, f.secret) != nil {
		return domain.Claims{}, false
	}
	p, ok := readFlask(s.payload)
	if !ok || p.kind != string(kind) {
		return domain.Claims{}, false
	}
	return f.claims(kind, p, sessionOf(s.input)), true
}

// flaskPayload is what such a token claims; presence is not checked yet, "" and -1 are missing.
type flaskPayload struct {
	sub, jti, kind string
	iat, exp, nbf  int64
}

func readFlask(data []byte) (p flaskPayload, ok bool) {
	p.iat, p.exp, p.nbf = -1, -1, -1
	ok = members(data, func(name string, value jsontext.Value) (ok bool) {
		switch name {
		case "sub":
			p.sub, ok = flaskSubject(value)
		case "jti":
			p.jti, ok = str(value)
		case "type":
			p.kind, ok = str(value)
		case "iat":
			p.iat, ok = integer(value)
		case "exp":
			p.exp, ok = integer(value)
		case "nbf":
			p.nbf, ok = integer(value)
		default:
			ok = name != "aud" && !strings.EqualFold(name, "type")
		}
		return ok
	})
	return p, ok && p.sub != "" && plain(p.jti) && p.iat >= 0
}

// flaskSubject reads an email or an ID. Services on PyJWT before 2.10 wrote the ID as a number.
func flaskSubject(v jsontext.Value) (string, bool) {
	if v.Kind() == '0' {
		_, ok := integer(v)
		return string(v), ok && (v[0] != '0')
	}
	s, ok := str(v)
	return s, ok && utf8.RuneCountInString(s) <= longestSubject && strings.IndexByte(s, 0) < 0
}

const longestSubject = 320 // characters, as many as the longest email has (RFC 3696 section 3)

// last is the expiry of a token that has none: the last day that every store can keep.
var last = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// claims says what the token is here. It has no session, so that it is given the ID that is made of it, and it is the
// token before a session's first.
func (f *Flask) claims(kind domain.Kind, p flaskPayload, session domain.SessionID) domain.Claims {
	expires := last
	if p.exp >= 0 && p.exp < last.Unix() {
		expires = time.Unix(p.exp, 0).UTC()
	}
	c := domain.Claims{
		Kind: kind, Session: session, ID: p.jti, IssuedAt: time.Unix(max(p.iat, p.nbf), 0).UTC(), Expires: expires,
		Former: &domain.Former{Subject: p.sub, LoggedIn: time.Unix(p.iat, 0).UTC(), Keep: expires},
	}
	if f.until.Before(c.Expires) {
		c.Expires = f.until
	}
	if kind == domain.Refresh {
		c.Count = -1
	}
	return c
}

// sessionOf makes a UUIDv8 (RFC 9562 section 5.8) of all that a token says: of its jti, that is, and of nothing that
// could be told from it.
func sessionOf(input string) domain.SessionID {
	b := sha256.Sum256([]byte("porteiro flask session\x00" + input))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:16])
	return domain.SessionID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// With returns tokens that are issued as before, and read as before or else as the service's.
func (f *Flask) With(t application.Tokens) application.Tokens { return &withFlask{t, f} }

type withFlask struct {
	application.Tokens
	flask *Flask
}

var _ application.Reasons = (*withFlask)(nil)

// Read is documented at application.Tokens.
func (w *withFlask) Read(kind domain.Kind, token string) (domain.Claims, error) {
	claims, err := w.Tokens.Read(kind, token)
	if err == nil {
		return claims, nil
	}
	if claims, ok := w.flask.read(kind, token); ok {
		return claims, nil
	}
	return domain.Claims{}, err
}

// Why is documented at application.Reasons.
func (w *withFlask) Why(token string) application.Reason {
	for _, kind := range kinds {
		if _, ok := w.flask.read(kind, token); ok {
			return application.Reason{Kind: kind, Algorithm: "HS256"}
		}
	}
	if s, ok := split(token); ok {
		if h, ok := readHeader(s.header); ok && h.typ == "JWT" {
			return application.Reason{Broken: w.flask.why(h, s)}
		}
	}
	if r, ok := w.Tokens.(application.Reasons); ok {
		return r.Why(token)
	}
	return application.Reason{Broken: unnamed}
}

// why names the rule that a token of the typ JWT breaks.
func (f *Flask) why(h header, s segments) string {
	switch {
	case !f.clock().Before(f.until):
		return "it is of the typ JWT, and the time of the Flask app's tokens (--flask-until) is over"
	case h.alg != "HS256" || h.kid != "":
		return fmt.Sprintf("it is of the typ JWT, and its alg is %s: that of the Flask app is HS256, without a kid", quoted(h.alg))
	case jwt.SigningMethodHS256.Verify(s.input, s.signature, f.secret) != nil:
		return "its signature is not that of the Flask app's secret: it was changed, cut, or forged, or the secret is another one"
	}
	return "what it claims is not what a token of the Flask app's does: sub, jti, iat, type access or refresh, and no aud"
}
