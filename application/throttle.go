package application

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// Unlimited is the limit of what is not limited.
func Unlimited() domain.Limit { return domain.Limit{Burst: -1} }

// familiarity is how long an address from which somebody signed in is known as theirs.
const familiarity = 90 * 24 * time.Hour

// attempt is a try at a password, charged to the buckets that it counts in.
//
// Guessing is bounded by account and by address, and yet nobody can lock the owner of an account out. An address that
// the owner has signed in from is bounded by itself: what others do to the account does not reach it. All other
// addresses together may try twice as often as one of them, so that one that keeps guessing leaves room for the rest.
type attempt struct {
	account, pair, familiar, address string // names of buckets; "" for one that does not count
	known                            bool   // the address is the account's
	leave                            func() // gives back the place that it has with the passwords
}

// charge counts an attempt at the password of an account, "" for an email that can be nobody's, and takes a place with the
// passwords, which the attempt leaves: the context has it. TooManyAttempts, and nothing is counted, when a bucket has no
// room; Unavailable when there is no place.
//
// In the order of what they cost: whoever does not wait is told so again without asking, and a crowd finds no place
// before it has come to the store.
func (c *Core) charge(ctx context.Context, email domain.Email) (context.Context, *attempt, error) {
	network := networkOf(OriginOf(ctx).IP)
	a := &attempt{address: bucket("address", network), pair: bucket("pair", string(email), network)}
	if wait := c.told.wait(c.d.Clock(), a.address, a.pair); wait > 0 {
		return nil, nil, tooMany(wait)
	}
	ctx, leave, err := c.place(ctx)
	if err != nil {
		return nil, nil, err
	}
	a.leave = leave
	a.account, a.familiar = bucket("account", string(email)), bucket("familiar", string(email), network)
	var wait time.Duration
	var full string
	err = c.count(ctx, a, func(now time.Time, b buckets) {
		a.known = b[a.familiar].After(now)
		full, wait = b.charge(now, c.limits(a))
	})
	switch {
	case err != nil:
		leave()
		return nil, nil, fmt.Errorf("attempts: %w", failure(err))
	case wait > 0:
		leave()
		if full != a.account { // there it depends on who asks
			c.told.remember(c.d.Clock(), full, wait)
		}
		return nil, nil, tooMany(wait)
	}
	return ctx, a, nil
}

// place takes a place with the passwords, where they have such a thing.
func (c *Core) place(ctx context.Context) (context.Context, func(), error) {
	places, ok := c.d.Passwords.(Places)
	if !ok {
		return ctx, func() {}, nil
	}
	held, leave, err := places.Place(ctx)
	if err != nil {
		return nil, nil, failure(err)
	}
	return held, leave, nil
}

func tooMany(wait time.Duration) error {
	return &domain.Denied{Refusal: domain.TooManyAttempts, RetryAfter: wait}
}

// settle takes the charge of an attempt back unless its password was wrong. Where it was right the address is the
// account's from now on. A charge that cannot be taken back drains by itself.
func (c *Core) settle(ctx context.Context, a *attempt, v verdict) {
	if v == wrong {
		return
	}
	c.told.forget(a.address, a.pair)
	_ = c.count(ctx, a, func(now time.Time, b buckets) {
		for name, limit := range c.limits(a) {
			b[name] = limit.Forgive(now, b[name])
		}
		if v == right && a.familiar != "" {
			b[a.familiar] = domain.Instant(now.Add(familiarity))
		}
	})
}

// verdict is what became of a password.
type verdict int

const (
	unseen verdict = iota // nobody looked at it: the hasher was busy, or the store away
	wrong
	right
)

// limits says what an attempt is counted against.
func (c *Core) limits(a *attempt) map[string]domain.Limit {
	limits := map[string]domain.Limit{a.address: c.d.AddressLimit, a.pair: c.d.LoginLimit}
	switch {
	case a.pair == "": // no address is known: the account is all there is
		limits[a.account] = c.d.LoginLimit
	case !a.known:
		limits[a.account] = domain.Limit{Burst: c.d.LoginLimit.Burst, Every: c.d.LoginLimit.Every / 2}
	}
	delete(limits, "")
	return limits
}

// buckets is when each is empty again.
type buckets map[string]time.Time

// charge counts one more try in each, or in none: then it says how long until all have room, and which is the last.
func (b buckets) charge(now time.Time, limits map[string]domain.Limit) (full string, wait time.Duration) {
	charged := make(buckets, len(limits))
	for name, limit := range limits {
		empty, w := limit.Charge(now, b[name])
		if charged[name] = empty; w > 0 {
			b[name] = empty
		}
		if w > wait {
			full, wait = name, w
		}
	}
	if wait == 0 {
		maps.Copy(b, charged)
	}
	return full, wait
}

// count runs f on the buckets of an attempt, perhaps several times, and keeps what its last run leaves.
func (c *Core) count(ctx context.Context, a *attempt, f func(now time.Time, b buckets)) error {
	var names []string
	for _, name := range []string{a.account, a.pair, a.familiar, a.address} {
		if name != "" {
			names = append(names, name)
		}
	}
	return c.countIn(ctx, names, f)
}

func (c *Core) countIn(ctx context.Context, names []string, f func(now time.Time, b buckets)) error {
	if len(names) == 0 || c.d.Attempts == nil {
		return nil
	}
	return c.d.Attempts.Count(ctx, names, func(empty []time.Time) []time.Time {
		b := make(buckets, len(names))
		for i, name := range names {
			b[name] = empty[i]
		}
		f(c.d.Clock(), b)
		kept := make([]time.Time, len(names))
		for i, name := range names {
			kept[i] = b[name]
		}
		return kept
	})
}

// chargeRegistration counts against its address what tells whether an email is taken: it is never given back.
func (c *Core) chargeRegistration(ctx context.Context) error {
	network := networkOf(OriginOf(ctx).IP)
	if network == "" {
		return nil
	}
	name := bucket("register", network)
	wait := c.told.wait(c.d.Clock(), name)
	if wait > 0 {
		return tooMany(wait)
	}
	err := c.countIn(ctx, []string{name}, func(now time.Time, b buckets) {
		_, wait = b.charge(now, map[string]domain.Limit{name: c.d.RegisterLimit})
	})
	switch {
	case err != nil:
		return fmt.Errorf("attempts: %w", failure(err))
	case wait > 0:
		c.told.remember(c.d.Clock(), name, wait)
		return tooMany(wait)
	}
	return nil
}

// bucket names a bucket by a digest: of fixed size whatever was typed, and what was typed may be somebody's password. ""
// when something of what it is named by is not known.
func bucket(kind string, of ...string) string {
	whole := make([]byte, 0, 320) // an email and a network fit
	for _, s := range of {
		if s == "" {
			return ""
		}
		whole = append(strconv.AppendInt(whole, int64(len(s)), 10), ':')
		whole = append(whole, s...)
	}
	sum := sha256.Sum256(whole)
	var name [48]byte
	return string(hex.AppendEncode(append(append(name[:0], kind...), ':'), sum[:16]))
}

// networkOf is what of an address counts as one neighbour: an IPv4 address, or the /64 of an IPv6 one, which one
// subscriber has whole. "" when there is no address.
func networkOf(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // of an IPv6 address there is one
	return p.Masked().String()
}
