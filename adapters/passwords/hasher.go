package passwords

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"runtime"

	"github.com/porteiro/porteiro/application"
	"golang.org/x/crypto/argon2"
)

var (
	_ application.Passwords = (*Hasher)(nil)
	_ application.Hashes    = (*Hasher)(nil)
	_ application.Places    = (*Hasher)(nil)
)

// Hasher hashes and verifies passwords. It is safe for concurrent use.
type Hasher struct {
	params Params
	limits limits
	slots  *slots
	nobody phc

	collect bool

	// key is argon2.IDKey; a field so that tests can count and hold up the work.
	key func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
}

// New returns a Hasher, or an error that names what is wrong with the configuration.
func New(c Config) (*Hasher, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("passwords: %w", err)
	}
	return build(c), nil
}

func build(c Config) *Hasher {
	return &Hasher{
		params: c.Params,
		limits: storedLimits(),
		slots:  newSlots(c.Slots, c.Queue, c.Spent),
		nobody: phc{c.Params, random(saltSize), random(tagSize)},
		key:    argon2.IDKey,

		collect: c.Collect,
	}
}

// Hash returns the PHC string of a password under the current parameters, with a salt of its own. The error is
// [domain.Unavailable]: the queue is full, or ctx ended while waiting.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	give, err := h.slots.take(ctx)
	if err != nil {
		return "", fmt.Errorf("passwords: hash: %w", err)
	}
	defer give()
	made := phc{params: h.params, salt: random(saltSize)}
	made.tag = h.tag(password, made, tagSize)
	return made.String(), nil
}

// Verify says whether password is the one that hash was made from (ok), and then whether the hash should be renewed
// (stale): it is of an older kind or of weaker parameters. The empty hash is nobody's. That and a hash which cannot be
// read or asks for too much are a wrong password, not an error, at the price of one. The error is [domain.Unavailable]:
// the queue is full, or ctx ended while waiting.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	give, err := h.slots.take(ctx)
	if err != nil {
		return false, false, fmt.Errorf("passwords: verify: %w", err)
	}
	defer give()
	switch stored := parse(hash, h.limits).(type) {
	case phc:
		ok = h.matches(password, stored)
		if stored.covers(h.params) {
			return ok, false, nil
		}
	case older:
		ok = stored.matches(password)
	}
	// Nobody's work, and its answer is dropped. For the stale too: bcrypt of cost 4 takes a fiftieth of it.
	h.matches(password, h.nobody)
	return ok, ok, nil
}

// Reads says whether Verify knows what to do with the hash: it can be read, and asks for no more than is allowed.
func (h *Hasher) Reads(hash string) bool { return parse(hash, h.limits) != nil }

// Place is documented at application.Places.
func (h *Hasher) Place(ctx context.Context) (context.Context, func(), error) {
	ctx, leave, err := h.slots.place(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("passwords: %w", err)
	}
	return ctx, leave, nil
}

// Busy returns how many passwords are worked on, and how many callers have a place and are not, as of about now.
func (h *Hasher) Busy() (working, waiting int) { return h.slots.busy() }

func (h *Hasher) matches(password string, stored phc) bool {
	tag := h.tag(password, stored, len(stored.tag))
	return subtle.ConstantTimeCompare(tag, stored.tag) == 1
}

func (h *Hasher) tag(password string, p phc, size int) []byte {
	if h.collect {
		defer runtime.GC()
	}
	return h.key([]byte(password), p.salt, p.params.Time, p.params.Memory, p.params.Threads, uint32(size))
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b) // never fails: crypto/rand ends the process rather
	return b
}
