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

// madeUpTokens is the least that the rows ask for, and the ways to fall short of it. This test is inside the package
// because it needs the rows one by one: each has to refuse the codec that breaks its promise.
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

// brokenTokens breaks the promise of each row.
func brokenTokens() map[string]madeUpTokens {
	busy := make(chan struct{}, 1)
	return map[string]madeUpTokens{
		"claims come back": {issue: func(p madeUpTokens, c domain.Claims) (string, error) { c.Count = 0; return p.plainIssue(c) }},
		"fractions are cut": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			c.IssuedAt, c.Expires = c.IssuedAt.Round(time.Second), c.Expires.Round(time.Second)
			return p.plainIssue(c)
		}},
		"kinds are never mixed": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if c, err := p.plainRead(kind, token); err == nil {
				return c, nil
			}
			return p.plainRead(otherKind(kind), token)
		}},
		"unknown kinds": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.Kind != domain.Refresh {
				c.Kind = domain.Access
			}
			return p.plainIssue(c)
		}},
		"refresh tokens repeat": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.ID == "" {
				c.ID = rand.Text()
			}
			return p.plainIssue(c)
		}},
		"other claims make another token": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			c.Expires = c.IssuedAt.Add(15 * time.Minute)
			return p.plainIssue(c)
		}},
		"every bit counts": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if i := strings.LastIndexByte(token, '.'); i >= 0 && len(token) > i+2 { // the last digit, unread
				token = token[:len(token)-1] + mac(token[:i])[42:]
			}
			return p.plainRead(kind, token)
		}},
		"every character counts": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			return p.plainRead(kind, strings.NewReplacer("\n", "", "\r", "").Replace(token))
		}},
		"parts do not fit each other": {read: func(_ madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			return decodes(kind, token)
		}},
		"signatures are needed": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if strings.HasSuffix(token, ".") {
				return decodes(kind, token)
			}
			return p.plainRead(kind, token)
		}},
		"garbage is refused": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			if len(token) > 4<<10 {
				return domain.Claims{}, domain.BodyTooLarge
			}
			return p.plainRead(kind, token)
		}},
		"nothing shows of a refused token": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			c, err := p.plainRead(kind, token)
			if err != nil {
				err = fmt.Errorf("%w: %s", err, token)
			}
			return c, err
		}},
		"times are not looked at": {read: func(p madeUpTokens, kind domain.Kind, token string) (domain.Claims, error) {
			c, err := p.plainRead(kind, token)
			if err == nil && c.Expires.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				return domain.Claims{}, domain.TokenExpired
			}
			return c, err
		}},
		"tokens about nobody": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			if c.Subject == "" {
				return "", errors.New("no subject")
			}
			return p.plainIssue(c)
		}},
		"tokens travel": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
			token, err := p.plainIssue(c)
			return token + "\n", err
		}},
		"many at once": {issue: func(p madeUpTokens, c domain.Claims) (string, error) {
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
		}},
	}
}

func TestTokens(t *testing.T) {
	Tokens(t, func(*testing.T) application.Tokens { return madeUpTokens{} })
}

func TestTokenRowsRefuseWhatBreaksThem(t *testing.T) {
	broken := brokenTokens()
	for _, r := range codecRows() {
		sut, found := broken[r.name]
		if !found {
			t.Errorf("no codec breaks the row %q", r.name)
			continue
		}
		if err := r.prove(t.Context(), sut); err == nil {
			t.Errorf("the row %q takes a codec that breaks it: %s", r.name, r.why)
		}
	}
	for name := range broken {
		if !slices.ContainsFunc(codecRows(), func(r row[application.Tokens]) bool { return r.name == name }) {
			t.Errorf("no row is called %q", name)
		}
	}
}
