package contract

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpTokens is the least that the rows ask for, and the ways to fall short of it.
type madeUpTokens struct {
	issue func(p madeUpTokens, c domain.Claims) (string, error)
	read  func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error)
}

func (p madeUpTokens) Issue(c domain.Claims) (string, error) {
	if p.issue != nil {
		return p.issue(p, c)
	}
	return p.plainIssue(c)
}

func (p madeUpTokens) Read(kind domain.Kind, token string) (domain.Claims, error) {
	if p.read != nil {
		return p.read(p, kind, token)
	}
	return p.plainRead(kind, token)
}

func mac(input string) string {
	h := hmac.New(sha256.New, []byte("a secret that is for nothing else"))
	h.Write([]byte(input))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (madeUpTokens) plainIssue(c domain.Claims) (string, error) {
	if c.Kind != domain.Access && c.Kind != domain.Refresh {
		return "", errors.New("no such kind")
	}
	c.IssuedAt, c.Expires = c.IssuedAt.UTC().Truncate(time.Second), c.Expires.UTC().Truncate(time.Second)
	b, err := json.Marshal(c)
	input := base64.RawURLEncoding.EncodeToString([]byte(c.Kind)) + "." + base64.RawURLEncoding.EncodeToString(b)
	return input + "." + mac(input), err
}

func (madeUpTokens) plainRead(kind domain.Kind, token string) (c domain.Claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[2] != mac(parts[0]+"."+parts[1]) {
		return domain.Claims{}, domain.TokenInvalid
	}
	b, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if err := json.Unmarshal(b, &c); err != nil || c.Kind != kind || c.Subject == "" {
		return domain.Claims{}, domain.TokenInvalid
	}
	return c, nil
}

// decodes is plainRead without the signature.
func decodes(kind domain.Kind, token string) (c domain.Claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return c, domain.TokenInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(b, &c) != nil || c.Kind != kind || c.Subject == "" {
		return domain.Claims{}, domain.TokenInvalid
	}
	return c, nil
}

// ofTokens is a mutant of a codec.
func ofTokens(wrong string, p madeUpTokens, rows ...string) mutant[application.Tokens] {
	return mutant[application.Tokens]{wrong: wrong, rows: rows, open: func(testing.TB) application.Tokens { return p }}
}

func tokenSuite() suite[application.Tokens] {
	return suite[application.Tokens]{
		name: "Tokens", rows: codecRows(), right: ofTokens("", madeUpTokens{}).open,
		mutants: slices.Concat(brokenIssuing(), brokenReading()),
	}
}

func brokenIssuing() []mutant[application.Tokens] {
	busy := make(chan struct{}, 1)
	return []mutant[application.Tokens]{
		ofTokens("the count is left out", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) { c.Count = 0; return p.plainIssue(c) }}, "claims come back"),
		ofTokens("times rounded", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			c.IssuedAt, c.Expires = c.IssuedAt.Round(time.Second), c.Expires.Round(time.Second)
			return p.plainIssue(c)
		}}, "fractions are cut"),
		ofTokens("any kind is an access token", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.Kind != domain.Refresh {
				c.Kind = domain.Access
			}
			return p.plainIssue(c)
		}}, "unknown kinds"),
		ofTokens("a refresh token with a jti of its own each time", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.ID == "" {
				c.ID = rand.Text()
			}
			return p.plainIssue(c)
		}}, "refresh tokens repeat"),
		ofTokens("every token lives for 15 minutes", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			c.Expires = c.IssuedAt.Add(15 * time.Minute)
			return p.plainIssue(c)
		}}, "other claims make another token"),
		ofTokens("a subject is needed", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.Subject == "" {
				return "", errors.New("no subject")
			}
			return p.plainIssue(c)
		}}, "tokens about nobody"),
		ofTokens("a token ends in a line end", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			token, err := p.plainIssue(c)
			return token + "\n", err
		}}, "tokens travel"),
		ofTokens("one caller at a time", madeUpTokens{issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			select {
			case busy <- struct{}{}:
				defer func() { <-busy }()
				token := ""
				for range 100 { // long enough to be met here
					token, _ = p.plainIssue(c)
				}
				return token, nil
			default:
				return "", errors.New("busy")
			}
		}}, "many at once"),
	}
}

func brokenReading() []mutant[application.Tokens] {
	return []mutant[application.Tokens]{
		ofTokens("one key for both kinds", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if c, err := p.plainRead(kind, token); err == nil {
				return c, nil
			}
			return p.plainRead(otherKind(kind), token)
		}}, "kinds are never mixed"),
		ofTokens("the last digit of a signature is not read", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if i := strings.LastIndexByte(token, '.'); i >= 0 && len(token) > i+2 { // the last digit, unread
				token = token[:len(token)-1] + mac(token[:i])[42:]
			}
			return p.plainRead(kind, token)
		}}, "every bit counts"),
		ofTokens("line breaks are skipped, as base64 readers do", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			return p.plainRead(kind, strings.NewReplacer("\n", "", "\r", "").Replace(token))
		}}, "every character counts"),
		ofTokens("the signature is not verified", madeUpTokens{read: func(_ madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			return decodes(kind, token)
		}}, "parts do not fit each other"),
		ofTokens("no signature is a right one", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if strings.HasSuffix(token, ".") {
				return decodes(kind, token)
			}
			return p.plainRead(kind, token)
		}}, "signatures are needed"),
		ofTokens("a token that is too long is BodyTooLarge", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if len(token) > 4<<10 {
				return domain.Claims{}, domain.BodyTooLarge
			}
			return p.plainRead(kind, token)
		}}, "garbage is refused"),
		ofTokens("the token is in the error", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			c, err := p.plainRead(kind, token)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, token)
			}
			return c, err
		}}, "nothing shows of a refused token"),
		ofTokens("the codec looks at the clock", madeUpTokens{read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			c, err := p.plainRead(kind, token)
			if err == nil && c.Expires.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				return domain.Claims{}, domain.TokenExpired
			}
			return c, err
		}}, "times are not looked at"),
	}
}
