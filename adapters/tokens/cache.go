package tokens

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"sync"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// cache remembers what access tokens said once their signature had been verified: to verify it a second time is a look
// into a table. It knows a token by its SHA-256 and keeps nothing that could be presented. It is its codec's, so that
// another ring begins with an empty one, and it says nothing of time or of the session, which are looked at every time.
// The table has a fixed size and no pointer in it: the garbage collector has nothing to do with it.
type cache struct {
	shards [shardCount]shard
}

const (
	shardCount = 64 // so that callers at once seldom wait for each other
	ways       = 8  // places that a token may have
	setSize    = 2 + ways*(sha256.Size+3*16+1+2*4)
)

type digest [sha256.Size]byte

// shard is made when its first token comes.
type shard struct {
	mu    sync.Mutex
	sets  []set
	count int // of sets, when they are made; 0: nothing is remembered
}

// set is the places for the tokens of one part of the shard.
type set struct {
	used uint8 // a bit for each place that was looked up since the bits were cleared
	full uint8 // a bit for each place that is taken
	at   [ways]place
}

type place struct {
	of   digest
	said packed
}

// newCache returns a cache of about so many bytes; of none it remembers nothing.
func newCache(bytes int) *cache {
	c := &cache{}
	for i := range c.shards {
		c.shards[i].count = bytes / shardCount / setSize
	}
	return c
}

// in returns the set that the token belongs to.
func (s *shard) in(d digest) *set {
	return &s.sets[binary.BigEndian.Uint32(d[4:])%uint32(len(s.sets))]
}

// get returns what a token said.
func (c *cache) get(d digest) (domain.Claims, bool) {
	s := &c.shards[d[0]%shardCount]
	p, found := s.get(d)
	if !found {
		return domain.Claims{}, false
	}
	return p.claims(), true
}

func (s *shard) get(d digest) (packed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sets == nil {
		return packed{}, false
	}
	set := s.in(d)
	i, found := set.find(d)
	if !found {
		return packed{}, false
	}
	set.used |= 1 << i
	return set.at[i].said, true
}

func (s *set) find(d digest) (i int, found bool) {
	for i := range s.at {
		if s.full&(1<<i) != 0 && s.at[i].of == d {
			return i, true
		}
	}
	return 0, false
}

// put remembers what a token says, if it can give it back as it is: in the place of a token that was not looked up of
// late, or of any one when all were.
func (c *cache) put(d digest, claims domain.Claims) {
	p := pack(claims)
	if p.claims() != claims {
		return
	}
	s := &c.shards[d[0]%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == 0 {
		return
	}
	if s.sets == nil {
		s.sets = make([]set, s.count)
	}
	set := s.in(d)
	if _, there := set.find(d); there {
		return
	}
	if set.used == 1<<ways-1 {
		set.used = 0
	}
	i := bits.TrailingZeros8(^set.full)
	if i == ways {
		i = bits.TrailingZeros8(^set.used)
	}
	set.full |= 1 << i
	set.used &^= 1 << i
	set.at[i] = place{d, p}
}

// packed is claims of an access token whose user and session are UUIDs, whose own id is one too or short, and whose times
// are whole seconds until 2106. It is all of bytes, between which no place is left empty.
type packed struct {
	subject, session [16]byte
	id               [16]byte
	length           uint8 // of id; isUUID: it is one
	issued, expires  instant
}

const isUUID = 36 // as long as its text

func pack(c domain.Claims) (p packed) {
	p.subject, p.session = uuid(string(c.Subject)), uuid(string(c.Session))
	if len(c.ID) == isUUID {
		p.id, p.length = uuid(c.ID), isUUID
	} else {
		p.length = uint8(copy(p.id[:], c.ID))
	}
	p.issued, p.expires = instantOf(c.IssuedAt), instantOf(c.Expires)
	return p
}

// claims gives back what was packed, if it could be.
func (p *packed) claims() domain.Claims {
	b := make([]byte, 0, 3*36)
	b = appendUUID(appendUUID(b, p.subject), p.session)
	if p.length == isUUID {
		b = appendUUID(b, p.id)
	} else {
		b = append(b, p.id[:p.length]...)
	}
	ids := string(b)
	return domain.Claims{
		Kind: domain.Access, Subject: domain.UserID(ids[:36]), Session: domain.SessionID(ids[36:72]), ID: ids[72:],
		IssuedAt: p.issued.time(), Expires: p.expires.time(),
	}
}

// instant is in seconds since 1970.
type instant [4]byte

func instantOf(t time.Time) (i instant) {
	binary.BigEndian.PutUint32(i[:], uint32(t.Unix()))
	return i
}

func (i instant) time() time.Time { return time.Unix(int64(binary.BigEndian.Uint32(i[:])), 0).UTC() }

// uuid reads one in its canonical form; what is none comes back as another one.
func uuid(s string) (u [16]byte) {
	if len(s) == 36 {
		b := append(append(append(append(append(make([]byte, 0, 32), s[:8]...), s[9:13]...), s[14:18]...), s[19:23]...), s[24:]...)
		_, _ = hex.Decode(u[:], b)
	}
	return u
}

func appendUUID(b []byte, u [16]byte) []byte {
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return hex.AppendEncode(b, u[10:])
}
