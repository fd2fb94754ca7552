package passwords

import (
	"fmt"
	"runtime"
	"time"
)

// Config says how a [Hasher] works. The zero value is the recommended one.
type Config struct {
	// Params are those of new hashes. Each field left 0 has its default.
	Params Params

	// Slots is how many passwords are worked on at once; 0 is runtime.GOMAXPROCS(0). Each one fills Params.Memory anew,
	// after up to 64 MiB for an imported hash, and what it filled stays until the garbage collector comes.
	Slots int

	// Queue is how many callers may wait for a slot; 0 is 16 for each slot, about a second's work under the default
	// parameters. Whoever comes after them is refused at once.
	Queue int

	// Spent is how much processor time this process has used so far; nil when that is nobody's concern. With it, in a
	// process that does little else, a slot rests after a password for as long as others kept it from the processor, when
	// that was a third of the time or more, a second at most: a crowd of logins leaves to others what they would take.
	Spent func() time.Duration

	// Collect collects garbage after each password. In a process that does nothing else and has its collector off
	// otherwise (debug.SetGCPercent) the next one is worked on in the same memory: that is faster, and takes the least.
	Collect bool
}

// Params are the cost parameters of argon2id (RFC 9106, section 3.1).
type Params struct {
	Memory  uint32 // m in KiB: 19456 by default, 65536 at most
	Time    uint32 // t, the passes over the memory: 2 by default, 10 at most
	Threads uint8  // p, the lanes: 1 by default, 16 at most. A slot uses as many processors
}

const (
	saltSize     = 16
	tagSize      = 32
	queuePerSlot = 16
	mostPlaces   = 1 << 20
)

// DefaultParams are the ones that OWASP's Password Storage Cheat Sheet recommends first.
func DefaultParams() Params { return Params{Memory: 19456, Time: 2, Threads: 1} }

func (c Config) withDefaults() Config {
	d := DefaultParams()
	return Config{
		Params: Params{
			Memory:  orDefault(c.Params.Memory, d.Memory),
			Time:    orDefault(c.Params.Time, d.Time),
			Threads: orDefault(c.Params.Threads, d.Threads),
		},
		Slots: orDefault(c.Slots, runtime.GOMAXPROCS(0)),
		Queue: orDefault(c.Queue, queuePerSlot*orDefault(c.Slots, runtime.GOMAXPROCS(0))),
		Spent: c.Spent, Collect: c.Collect,
	}
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// check refuses what is weaker than the least that OWASP's Password Storage Cheat Sheet recommends, and what could not
// be read back.
func (c Config) check() error {
	m, t, l := c.Params.Memory, c.Params.Time, storedLimits()
	strong := m >= 19456 && t >= 2 || m >= 12288 && t >= 3 || m >= 47104
	switch {
	case !strong:
		return fmt.Errorf("argon2id %v is too weak: at least m=19456,t=2 or m=12288,t=3 or m=47104,t=1", c.Params)
	case !l.allow(c.Params):
		return fmt.Errorf("argon2id %v is too much: at most m=%d,t=%d,p=%d", c.Params, l.memory, l.passes, l.lanes)
	case c.Slots < 0 || c.Slots > mostPlaces:
		return fmt.Errorf("slots: %d is not within 1 and %d", c.Slots, mostPlaces)
	case c.Queue < 0 || c.Queue > mostPlaces:
		return fmt.Errorf("queue: %d is not within 1 and %d", c.Queue, mostPlaces)
	}
	return nil
}

// String returns the parameters as the PHC form has them.
func (p Params) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads)
}
