package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/adapters/sealing"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// oldestTried is the oldest PostgreSQL that the tests run against, as server_version_num.
const oldestTried = 150000

// server is about PostgreSQL, and what stands before it.
func (d *doctor) server(ctx context.Context, s store) {
	p, ok := s.(*postgres.Store)
	if !ok {
		return
	}
	if err := p.Serviceable(ctx); err != nil {
		d.say(problem, "pooler", "%w", err)
		return
	}
	c, err := p.Circumstances(ctx)
	if err != nil {
		d.say(problem, "postgresql", "%w", err)
		return
	}
	d.judge(c)
}

// judge says what to do about the circumstances.
func (d *doctor) judge(c postgres.Circumstances) {
	d.durability(c)
	if c.InRecovery {
		d.say(problem, "postgresql", "the server is a standby, and porteiro writes: name the primary, or all hosts (host1,host2) without target_session_attrs")
	} else if c.ReadOnly {
		d.say(problem, "postgresql", "default_transaction_read_only is on for this user: ALTER ROLE … RESET default_transaction_read_only, or on the server")
	}
	if c.VersionNumber < oldestTried {
		d.say(warning, "postgresql", "it is %s, and porteiro is tested with 15 and up", c.Version)
	}
	if d.pool > c.MaxConnections {
		d.say(warning, "postgresql", "--database-pool is %d and the server lets %d in: lower it, or raise max_connections; each node has a pool of its own", d.pool, c.MaxConnections)
	}
	if c.Pooling != postgres.Unpooled {
		d.say(warning, "pooler", "a pooler shares connections by the %s: porteiro migrate has to go past it", c.Pooling)
	}
	if len(c.Lost) > 0 {
		d.say(warning, "pooler", "a pooler does not pass on settings of porteiro's connections: give them to the role, ALTER ROLE … SET %s", strings.Join(c.Lost, "; ALTER ROLE … SET "))
	}
	d.say(fine, "postgresql", "%s", c.Version)
}

// durability is about a logout that was acknowledged and could be lost.
func (d *doctor) durability(c postgres.Circumstances) {
	switch {
	case !c.FSync:
		d.say(problem, "postgresql", "fsync is off: a crash of the machine loses logouts that were acknowledged, or the database: switch it on")
	case !c.FullPageWrites:
		d.say(problem, "postgresql", "full_page_writes is off: a crash of the machine can damage the database: switch it on")
	}
	switch {
	case c.SynchronousCommit == "off":
		d.say(problem, "postgresql", "synchronous_commit is off in the database URL: a crash loses logouts that were acknowledged: leave it out of the URL")
	case c.SynchronousStandbys != "" && c.SynchronousCommit == "local":
		d.say(warning, "postgresql", "synchronous_commit is local: a failover to a standby loses logouts that were acknowledged: set it to on")
	case c.SynchronousStandbys == "" && c.Standbys > 0:
		d.say(warning, "postgresql", "its %d standbys are not synchronous: a failover loses the logouts that were acknowledged last: set synchronous_standby_names", c.Standbys)
	}
}

// schema reports whether there is one to go on with.
func (d *doctor) schema(ctx context.Context, s store) bool {
	err := s.Check(ctx)
	if err == nil {
		d.say(fine, "schema", "it is this porteiro's, or a newer one that admits it")
		return true
	}
	level := problem
	if pending, unseen := pendingIn(ctx, s); unseen == nil && len(pending) > 0 { // serve applies it
		level = d.unlessMigrated()
	}
	d.say(level, "schema", "%w", err)
	return false
}

func (d *doctor) clock(ctx context.Context, s store) {
	before := time.Now()
	theirs, err := s.Now(ctx)
	if err != nil {
		d.say(problem, "clock", "%w", err)
		return
	}
	ours := before.Add(time.Since(before) / 2)
	switch apart := ours.Sub(theirs).Abs(); {
	case apart > d.leeway:
		d.say(problem, "clock", "this machine's and the database's are %v apart, and no node is ready past %v (--leeway): set them right by NTP", apart.Round(time.Millisecond), d.leeway)
	case apart > d.leeway/2 && apart > time.Second:
		d.say(warning, "clock", "this machine's and the database's are %v apart, and no node is ready past %v (--leeway): set them right by NTP", apart.Round(time.Millisecond), d.leeway)
	default:
		d.say(fine, "clock", "this machine's and the database's agree")
	}
}

func (d *doctor) keys(ctx context.Context, s store, keks []sealing.KEK) {
	stored, err := s.Keys(ctx)
	if err != nil {
		d.say(problem, "signing keys", "%w", err)
		return
	}
	if len(stored) == 0 {
		d.say(fine, "signing keys", "there are none yet: porteiro serve makes the first ones")
		return
	}
	if _, err := sealing.New(s, time.Now, keks...).Keys(ctx); err != nil {
		d.say(problem, "signing keys", "%w", sealedSentence(err))
		return
	}
	unsealed := slices.ContainsFunc(stored, func(k domain.Key) bool { return sealing.SealedWith(k) == "" && !k.Retired(d.now) })
	switch {
	case unsealed && len(keks) > 0:
		d.say(warning, "signing keys", "some are unsealed although there is a key-encryption key: porteiro key seal, then porteiro key rotate")
	case unsealed:
		d.say(fine, "signing keys", "they are not sealed: whoever reads the database can sign; --key-encryption-key-file seals them")
	}
	deps := d.keyTimes.deps(s)
	deps.Every, deps.Algorithm = d.rotation, d.algorithm
	ring, err := application.NewKeyRing(deps)
	if err != nil {
		d.say(problem, "signing keys", "%w", err)
		return
	}
	for _, purpose := range []domain.Kind{domain.Access, domain.Refresh} {
		d.keysOf(purpose, stored, slices.Contains(ring.Overdue(stored), purpose))
	}
}

// keysOf is about the keys of one purpose: one signs, and the next one is made in time.
func (d *doctor) keysOf(purpose domain.Kind, stored []domain.Key, overdue bool) {
	i := slices.IndexFunc(stored, func(k domain.Key) bool {
		return k.Purpose == purpose && domain.StateOf(k, stored, d.now) == domain.KeySigning
	})
	if i < 0 {
		d.say(problem, "signing keys", "no key signs %s tokens: porteiro key rotate --purpose %s", purpose, purpose)
		return
	}
	signing := stored[i]
	if purpose == domain.Access && signing.Algorithm != d.algorithm {
		d.say(warning, "signing keys", "access tokens are signed with %s and --algorithm is %s: the next start of a node rotates to it", signing.Algorithm, d.algorithm)
	}
	if overdue {
		d.say(warning, "signing keys", "the next key for %s tokens is overdue: no node with this --key-rotation has been running: start one, or porteiro key rotate", purpose)
		return
	}
	d.say(fine, "signing keys", "%s signs %s tokens (%s)", signing.ID, purpose, signing.Algorithm)
}
