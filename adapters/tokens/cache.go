package tokens

import (
	"crypto/sha256"
	"sync"

	"github.com/porteiro/porteiro/domain"
)

// cache remembers what access tokens said once their signature had been verified: to verify it a second time is a look
// into a map. It knows a token by its SHA-256 and keeps nothing that could be presented. It is its codec's, so that
// another ring begins with an empty one, and it says nothing of time or of the session, which are looked at every time.
type cache struct {
	shards [shardCount]shard
}

const (
	shardCount = 16 // so that callers at once seldom wait for each other
	// entrySize is about what an entry takes beside its strings: the key, the claims, the map's own share.
	entrySize = 320
)

type digest [sha256.Size]byte

// shard has two generations. What is looked up moves to the young one; when that is full it becomes the old one, and
// what was old and not looked up since is gone.
type shard struct {
	mu         sync.RWMutex
	young, old map[digest]domain.Claims
	bytes      int // in young, about
	most       int // in one generation
}

// newCache returns a cache of about so many bytes; of none it remembers nothing.
func newCache(bytes int) *cache {
	c := &cache{}
	for i := range c.shards {
		c.shards[i].most = bytes / shardCount / 2
	}
	return c
}

// get returns what a token said.
func (c *cache) get(d digest) (domain.Claims, bool) {
	s := &c.shards[d[0]%shardCount]
	s.mu.RLock()
	claims, young := s.young[d]
	old := false
	if !young {
		claims, old = s.old[d]
	}
	s.mu.RUnlock()
	if old {
		c.put(d, claims)
	}
	return claims, young || old
}

// put remembers what a token says.
func (c *cache) put(d digest, claims domain.Claims) {
	size := entrySize + len(claims.Subject) + len(claims.Session) + len(claims.ID)
	s := &c.shards[d[0]%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.young[d]; there || size > s.most {
		return
	}
	if s.bytes+size > s.most {
		s.old, s.young, s.bytes = s.young, nil, 0
	}
	if s.young == nil {
		s.young = make(map[digest]domain.Claims)
	}
	s.young[d] = claims
	s.bytes += size
}
