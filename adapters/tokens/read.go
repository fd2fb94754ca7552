package tokens

import (
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/porteiro/porteiro/domain"
)

// Read takes a token of the kind, made by any key of the ring, and nothing else. Whatever does not hold is the bare
// domain.TokenInvalid: an error must not carry some of a token to a log. An expired token is read; the clock is not ours.
func (t *Codec) Read(kind domain.Kind, token string) (domain.Claims, error) {
	if claims, ok := t.read(kind, token); ok {
		return claims, nil
	}
	return domain.Claims{}, domain.TokenInvalid
}

func (t *Codec) read(kind domain.Kind, token string) (domain.Claims, bool) {
	s, ok := split(token)
	if !ok {
		return domain.Claims{}, false
	}
	h, ok := readHeader(s.header)
	if !ok || !accepts(kind, h.typ) {
		return domain.Claims{}, false
	}
	k, found := t.keys[h.kid]
	if !found || k.purpose != kind || k.method.Alg() != h.alg || k.method.Verify(s.input, s.signature, k.verify) != nil {
		return domain.Claims{}, false
	}
	p, ok := readPayload(s.payload)
	if !ok {
		return domain.Claims{}, false
	}
	return t.claims(kind, p)
}

// typeOf is the typ of a kind's tokens: explicit typing (RFC 8725 section 3.11).
func typeOf(kind domain.Kind) string {
	if kind == domain.Access {
		return "at+jwt" // RFC 9068 section 2.1
	}
	return "rt+jwt"
}

// accepts reports whether a typ is the kind's. RFC 9068 section 4 has access tokens take the long form too.
func accepts(kind domain.Kind, typ string) bool {
	return typ == typeOf(kind) || kind == domain.Access && typ == "application/at+jwt"
}

// header is what a token's may hold. All else is refused: crit and b64 would change what the signature means, jwk, jku,
// x5u and x5c would say where its key is, zip what the payload costs.
type header struct{ alg, typ, kid string }

func readHeader(data []byte) (h header, ok bool) {
	ok = members(data, func(name string, value jsontext.Value) (ok bool) {
		switch name {
		case "alg":
			h.alg, ok = str(value)
		case "typ":
			h.typ, ok = str(value)
		case "kid":
			h.kid, ok = str(value)
		}
		return ok
	})
	return h, ok
}

// payload is what a token claims, of either kind; presence is not checked yet, "" and -1 are missing.
type payload struct {
	iss, sub, sid, jti, clientID string
	aud                          []string
	iat, exp, nbf, cnt           int64
}

// readPayload takes known claims of the right type and ignores unknown ones: a newer node may add some.
func readPayload(data []byte) (p payload, ok bool) {
	p.iat, p.exp, p.nbf, p.cnt = -1, -1, -1, -1
	ok = members(data, func(name string, value jsontext.Value) (ok bool) {
		switch name {
		case "iss":
			p.iss, ok = str(value)
		case "sub":
			p.sub, ok = str(value)
		case "sid":
			p.sid, ok = str(value)
		case "jti":
			p.jti, ok = str(value)
		case "client_id":
			p.clientID, ok = str(value)
		case "aud":
			p.aud, ok = strs(value)
		case "iat":
			p.iat, ok = integer(value)
		case "exp":
			p.exp, ok = integer(value)
		case "nbf":
			p.nbf, ok = integer(value)
		case "cnt":
			p.cnt, ok = integer(value)
		default:
			ok = true
		}
		return ok
	})
	return p, ok
}

// claims holds the payload against the service and the kind.
func (t *Codec) claims(kind domain.Kind, p payload) (domain.Claims, bool) {
	ours := func(a string) bool { return slices.Contains(t.audience, a) }
	if p.iss != t.issuer || !slices.ContainsFunc(p.aud, ours) || slices.Contains(p.aud, "") || p.iat < 0 || p.exp < 0 {
		return domain.Claims{}, false
	}
	subject, err1 := domain.ParseUserID(p.sub)
	session, err2 := domain.ParseSessionID(p.sid)
	if err1 != nil || err2 != nil {
		return domain.Claims{}, false
	}
	// A token holds from its nbf on (RFC 7519 section 4.1.5). None of ours has one; the later of the two times is what
	// the rule compares with the clock.
	c := domain.Claims{
		Kind: kind, Subject: subject, Session: session,
		IssuedAt: time.Unix(max(p.iat, p.nbf), 0).UTC(), Expires: time.Unix(p.exp, 0).UTC(),
	}
	if kind == domain.Access {
		c.ID = p.jti
		return c, plain(p.jti) && plain(p.clientID) && t.shortEnough(p.iat, p.exp)
	}
	c.Count = int(p.cnt)
	return c, p.cnt >= 0 && p.cnt <= math.MaxInt32
}

// shortEnough bounds how long an access token lives, by its own word.
func (t *Codec) shortEnough(iat, exp int64) bool { return exp-iat <= t.maxAccess }
