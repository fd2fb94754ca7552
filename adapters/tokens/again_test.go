package tokens_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

// A token that was verified before is refused like any other once its key is retired, and once its ring is another.
func TestWhatWasReadBeforeIsRefusedWithItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := stage(t, tokens.LiveConfig{})
		token := issue(t, codec(t, ring(t), tokens.Config{}), accessClaims())
		for range 3 {
			if _, err := l.Read(domain.Access, token); err != nil {
				t.Fatal(err)
			}
		}
		next := made(t, domain.Access, "EdDSA")
		after(time.Minute) // looks that show nothing new
		err := s.ChangeKeys(t.Context(), func(r *domain.Ring) error {
			for _, k := range r.Keys() {
				if k.Purpose == domain.Access {
					k.RetiredAt = time.Now().Add(15 * time.Second) // in between two looks
					r.Put(k)
				}
			}
			r.Put(next)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		after(10 * time.Second)
		if _, err := l.Read(domain.Access, token); err != nil {
			t.Errorf("before the key retires: %v", err)
		}
		after(20 * time.Second)
		if _, err := l.Read(domain.Access, token); !errors.Is(err, domain.TokenInvalid) {
			t.Errorf("after: %v", err)
		}
	})
}

// What is remembered of a token is what reading it anew says, and is said of that token and kind alone.
func TestReadAgain(t *testing.T) {
	c, forgetful := codec(t, ring(t), tokens.Config{}), codec(t, ring(t), tokens.Config{Remember: -1})
	access, refresh := issue(t, c, accessClaims()), issue(t, c, refreshClaims())
	for range 3 {
		for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
			for _, token := range []string{access, refresh, access[:len(access)-1], access + "A", strings.ToUpper(access)} {
				got, err := c.Read(kind, token)
				want, wantErr := forgetful.Read(kind, token)
				if got != want || (err == nil) != (wantErr == nil) {
					t.Fatalf("%s: %+v, %v; anew: %+v, %v", kind, got, err, want, wantErr)
				}
			}
		}
	}
}

// Reading a token again allocates its claims' text, at once, and nothing else.
func TestReadAgainAllocatesOnce(t *testing.T) {
	c := codec(t, ring(t), tokens.Config{})
	token := issue(t, c, accessClaims())
	if _, err := c.Read(domain.Access, token); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Read(domain.Access, token) }); n > 1 {
		t.Errorf("it allocates %v times", n)
	}
}

func BenchmarkRead(b *testing.B) {
	for name, remember := range map[string]int{"again": 0, "anew": -1} {
		b.Run(name, func(b *testing.B) {
			c := codec(b, ring(b), tokens.Config{Remember: remember})
			token := issue(b, c, accessClaims())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Read(domain.Access, token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
