package tokens

import (
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"strings"
	"sync"
	"testing"

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
