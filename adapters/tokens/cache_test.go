package tokens

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func sum(n int) digest { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n))) }

func said(n int) domain.Claims {
	id := func(k string) string { return fmt.Sprintf("0196a0d0-%s-7000-8000-%012x", k, n) }
	return domain.Claims{
		Kind: domain.Access, Subject: domain.UserID(id("000a")), Session: domain.SessionID(id("000b")), ID: id("000c"),
		IssuedAt: time.Unix(int64(n), 0).UTC(), Expires: time.Unix(int64(n)+900, 0).UTC(),
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
	for n, id := range []string{
		"", "i", "jti-99999", "9b4d60bc", strings.Repeat("i", 16), "0123456789abcdef",
		"9b4d60bc-1c3f-4e0a-8f6d-2a7b5c9e0d14", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	} {
		claims := said(200 + n)
		claims.ID = id
		c.put(sum(200+n), claims)
		if got, found := c.get(sum(200 + n)); !found || got != claims {
			t.Errorf("with the id %q: %+v, %v", id, got, found)
		}
	}
	last := said(300)
	last.IssuedAt, last.Expires = time.Unix(0, 0).UTC(), time.Unix(math.MaxUint32, 0).UTC()
	c.put(sum(300), last)
	if got, found := c.get(sum(300)); !found || got != last {
		t.Errorf("from the first second to the last: %+v, %v", got, found)
	}
}

// TestCacheKeepsMany: places for 140,000 tokens, without a byte between them.
func TestCacheKeepsMany(t *testing.T) {
	c := newCache(defaultRemember)
	n := 0
	for i := range c.shards {
		n += c.shards[i].count * ways
	}
	if n < 140_000 {
		t.Errorf("it has room for %d tokens", n)
	}
	if real := int(reflect.TypeFor[set]().Size()); real != setSize {
		t.Errorf("a set takes %d bytes, not %d", real, setSize)
	}
}

// A flood evicts, and stays within its bytes; what is used meanwhile stays.
func TestCacheIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short run: TestCacheAtOnce is what may race")
	}
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
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > size+shardCount<<13 { // a shard is rounded up to pages
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

// What cannot be given back as it was is not remembered.
func TestCacheKeepsWhatItCanGiveBack(t *testing.T) {
	c := newCache(1 << 20)
	for name, change := range map[string]func(*domain.Claims){
		"another kind":         func(c *domain.Claims) { c.Kind = domain.Refresh },
		"a count":              func(c *domain.Claims) { c.Count = 1 },
		"a long id":            func(c *domain.Claims) { c.ID = strings.Repeat("i", 17) },
		"an id as a UUID's":    func(c *domain.Claims) { c.ID = strings.Repeat("i", 36) },
		"capitals in the id":   func(c *domain.Claims) { c.ID = "0196A0D0-000c-7000-8000-000000000001" },
		"an id after a UUID":   func(c *domain.Claims) { c.ID += "i" },
		"an id without dashes": func(c *domain.Claims) { c.ID = strings.ReplaceAll(c.ID, "-", "") },
		"no session":           func(c *domain.Claims) { c.Session = "" },
		"capitals in a UUID":   func(c *domain.Claims) { c.Subject = "0196A0D0-000a-7000-8000-000000000001" },
		"another separator":    func(c *domain.Claims) { c.Session = "0196a0d0_000b_7000_8000_000000000001" },
		"half a second":        func(c *domain.Claims) { c.IssuedAt = c.IssuedAt.Add(time.Second / 2) },
		"before 1970":          func(c *domain.Claims) { c.IssuedAt = time.Unix(-1, 0).UTC() },
		"after 2106":           func(c *domain.Claims) { c.Expires = time.Unix(1<<32, 0).UTC() },
		"an expiry in another": func(c *domain.Claims) { c.Expires = c.Expires.In(time.FixedZone("", 3600)) },
	} {
		claims := said(1)
		change(&claims)
		d := sha256.Sum256([]byte(name))
		c.put(d, claims)
		if got, found := c.get(d); found {
			t.Errorf("%s comes back as %+v", name, got)
		}
	}
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
				if got, found := c.get(sum(n % 300)); found && got != said(n%300) {
					t.Errorf("%d is told %+v", n%300, got)
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
		for _, set := range c.shards[i].sets {
			n += bits.OnesCount8(set.full)
		}
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
	token, err := c.Issue(domain.Claims{Kind: domain.Access, Subject: someone, Session: someone, ID: someone, IssuedAt: at, Expires: at.Add(time.Minute)})
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
	if n := c.cache.known(); n != 1 {
		t.Errorf("of one that holds and many that do not it knows %d", n)
	}
}
