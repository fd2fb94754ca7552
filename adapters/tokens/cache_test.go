package tokens

import (
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func sum(n int) digest { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n))) }

// said is claims whose strings are their own, as those of a token are.
func said(n int) domain.Claims {
	return domain.Claims{
		Kind: domain.Access, Count: n, Subject: domain.UserID(strings.Repeat("s", 36)),
		Session: domain.SessionID(strings.Repeat("i", 36)), ID: strings.Repeat("j", 36),
	}
}

func TestCacheRemembers(t *testing.T) {
	c := newCache(1 << 20)
	for n := range 100 {
		if _, found := c.get(sum(n)); found {
			t.Fatalf("%d is there before it was put", n)
		}
		c.put(sum(n), said(n))
	}
	for n := range 100 {
		if got, found := c.get(sum(n)); !found || got != said(n) {
			t.Fatalf("%d: %+v, %v", n, got, found)
		}
	}
}

// A flood evicts, and stays within its bytes; what is used meanwhile stays.
func TestCacheIsBounded(t *testing.T) {
	const size = 8 << 20
	c := newCache(size)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c.put(sum(0), said(0))
	for n := 1; n < 500_000; n++ {
		c.put(sum(n), said(n))
		if n%100 == 0 {
			if _, found := c.get(sum(0)); !found {
				t.Fatalf("what is used all the time is gone after %d others", n)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > size {
		t.Errorf("it takes %d bytes", grown)
	}
	known := 0
	for n := range 500_000 {
		if got, found := c.get(sum(n)); found {
			known++
			if got != said(n) {
				t.Fatalf("%d: %+v", n, got)
			}
		}
	}
	if known < 1000 {
		t.Errorf("it knows %d tokens", known)
	}
	runtime.KeepAlive(c)
}

func TestCacheOfNothing(t *testing.T) {
	c := newCache(0)
	c.put(sum(1), said(1))
	if _, found := c.get(sum(1)); found {
		t.Error("a cache without room remembers")
	}
}

func TestCacheAtOnce(t *testing.T) {
	c := newCache(64 << 10)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 5000 {
				if got, found := c.get(sum(n % 300)); found && got.Count != n%300 {
					t.Errorf("%d is told %d", n%300, got.Count)
				}
				c.put(sum(n%300), said(n%300))
			}
		})
	}
	all.Wait()
}

// known counts what a cache holds.
func (c *cache) known() (n int) {
	for i := range c.shards {
		n += len(c.shards[i].young) + len(c.shards[i].old)
	}
	return n
}

// A flood of tokens that do not hold leaves nothing behind.
func TestInvalidTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	id, private, err := generateEd25519()
	if err != nil {
		t.Fatal(err)
	}
	rid, secret, err := generateSecret()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	c, err := New([]domain.Key{
		{ID: id, Purpose: domain.Access, Algorithm: "EdDSA", Private: private, CreatedAt: at, ActiveFrom: at},
		{ID: rid, Purpose: domain.Refresh, Algorithm: "HS256", Private: secret, CreatedAt: at, ActiveFrom: at},
	}, Config{})
	if err != nil {
		t.Fatal(err)
	}
	const someone = "018f0000-0000-7000-8000-000000000001"
	token, err := c.Issue(domain.Claims{Kind: domain.Access, Subject: someone, Session: someone, ID: "1", IssuedAt: at, Expires: at.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(token) {
		for _, other := range "Aa0.-" {
			forged := token[:i] + string(other) + token[i+1:]
			if _, err := c.Read(domain.Access, forged); err == nil && forged != token {
				t.Fatalf("%d: another token passes", i)
			}
		}
	}
	if n := c.cache.known(); n > 1 {
		t.Errorf("of tokens that do not hold it knows %d", n)
	}
}
