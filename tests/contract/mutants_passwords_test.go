package contract

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUpPasswords salts and hashes with SHA-256, and has the ways to fall short of it.
type madeUpPasswords struct {
	read   func(password string) string             // what of a password is read
	hash   func(p madeUpPasswords, s string) string // in place of a salted hash
	verify func(right func(context.Context, string, string) (bool, bool, error)) func(context.Context, string, string) (bool, bool, error)
	err    error // once the context has ended
}

func (p madeUpPasswords) salted(salt, password string) string {
	if p.read != nil {
		password = p.read(password)
	}
	return fmt.Sprintf("%s$%x", salt, sha256.Sum256([]byte(salt+password)))
}

func (p madeUpPasswords) Hash(ctx context.Context, password string) (string, error) {
	if ctx.Err() != nil {
		return "", p.over()
	}
	if p.hash != nil {
		return p.hash(p, password), nil
	}
	return p.salted(rand.Text(), password), nil
}

func (p madeUpPasswords) over() error {
	if p.err != nil {
		return p.err
	}
	return domain.Unavailable
}

func (p madeUpPasswords) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	if p.verify != nil {
		return p.verify(p.plain)(ctx, password, hash)
	}
	return p.plain(ctx, password, hash)
}

func (p madeUpPasswords) plain(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	if ctx.Err() != nil {
		return false, false, p.over()
	}
	salt, _, _ := strings.Cut(hash, "$")
	return hash != "" && hash == p.salted(salt, password), false, nil
}

// ofPasswords is a mutant of what hashes passwords.
func ofPasswords(wrong string, p madeUpPasswords, rows ...string) mutant[application.Passwords] {
	return mutant[application.Passwords]{wrong: wrong, rows: rows, open: func(testing.TB) application.Passwords { return p }}
}

// readsPasswords changes what of a password is read.
func readsPasswords(wrong string, read func(string) string, rows ...string) mutant[application.Passwords] {
	return ofPasswords(wrong, madeUpPasswords{read: read}, rows...)
}

type verifying = func(context.Context, string, string) (bool, bool, error)

// verifiesPasswords replaces Verify; it is given the right one.
func verifiesPasswords(wrong string, with func(right verifying) verifying, rows ...string) mutant[application.Passwords] {
	return ofPasswords(wrong, madeUpPasswords{verify: with}, rows...)
}

func upToBytes(n int) func(string) string { return func(s string) string { return s[:min(len(s), n)] } }

func passwordSuite() suite[application.Passwords] {
	return suite[application.Passwords]{
		name: "Passwords", rows: passwordRows(), right: ofPasswords("", madeUpPasswords{}).open,
		mutants: slices.Concat(brokenHashes(), brokenVerifying(), brokenPasswordCalls(), brokenPlacesOfPasswords()),
	}
}

func brokenHashes() []mutant[application.Passwords] {
	const other, salts, lengths = "any other does not", "salted", "lengths"
	return []mutant[application.Passwords]{
		readsPasswords("the first 72 bytes only", upToBytes(72), other, lengths),
		readsPasswords("the first 64 bytes only", upToBytes(64), other, lengths),
		readsPasswords("the first 255 bytes only", upToBytes(255), lengths),
		readsPasswords("passwords trimmed", strings.TrimSpace, other),
		readsPasswords("passwords in lower case", strings.ToLower, other),
		readsPasswords("up to the first NUL", func(s string) string { s, _, _ = strings.Cut(s, "\x00"); return s }, other),
		readsPasswords("normalised", func(s string) string { return strings.ReplaceAll(s, "e\u0301", "\u00e9") }, other),
		readsPasswords("without accents", strings.NewReplacer("\u00e9", "e", "\u00e8", "e", "\u0301", "").Replace, other),
		ofPasswords("one salt for all", madeUpPasswords{hash: func(p madeUpPasswords, s string) string { return p.salted("salt", s) }}, salts),
		ofPasswords("the password in its hash", madeUpPasswords{hash: func(p madeUpPasswords, s string) string { return p.salted(rand.Text()+s, s) }}, salts),
	}
}

func brokenVerifying() []mutant[application.Passwords] {
	const right, none, unreadable = "a hash verifies", "nobody", "unreadable"
	return []mutant[application.Passwords]{
		verifiesPasswords("always stale", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				ok, _, err := r(ctx, p, h)
				return ok, ok, err
			}
		}, right),
		verifiesPasswords("no empty password", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				ok, stale, err := r(ctx, p, h)
				return ok && p != "", stale, err
			}
		}, right),
		verifiesPasswords("nobody has the empty password", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				if h == "" {
					return p == "", false, nil
				}
				return r(ctx, p, h)
			}
		}, none),
		verifiesPasswords("an unreadable hash is an error", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				if h != "" && strings.Count(h, "$") != 1 {
					return false, false, errors.New("unknown hash format")
				}
				return r(ctx, p, h)
			}
		}, unreadable),
		verifiesPasswords("a hash that is the password", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				ok, stale, err := r(ctx, p, h)
				return ok || p == h, stale, err
			}
		}, unreadable),
		verifiesPasswords("half a hash will do", func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				salt, _, _ := strings.Cut(h, "$")
				return h != "" && strings.HasPrefix(madeUpPasswords{}.salted(salt, p), h), false, nil
			}
		}, unreadable),
	}
}

func brokenPasswordCalls() []mutant[application.Passwords] {
	const over, mix = "over", "callers do not mix"
	var mu sync.Mutex
	last, meet := "", meeting(0)
	return []mutant[application.Passwords]{
		ofPasswords("a call that is over is a wrong password", madeUpPasswords{verify: func(r verifying) verifying {
			return func(ctx context.Context, p, h string) (bool, bool, error) {
				ok, stale, err := r(ctx, p, h)
				if err != nil {
					return false, false, nil
				}
				return ok, stale, err
			}
		}}, over),
		ofPasswords("a call that is over is context.Canceled", madeUpPasswords{err: context.Canceled}, over),
		ofPasswords("callers share what they work in", madeUpPasswords{hash: func(p madeUpPasswords, s string) string {
			mu.Lock()
			last = s
			mu.Unlock()
			meet() // of two who meet, one finds what the other left
			mu.Lock()
			defer mu.Unlock()
			return p.salted(rand.Text(), last)
		}}, mix),
	}
}
