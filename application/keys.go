package application

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// PublicKeys is what a service needs that verifies access tokens by itself.
type PublicKeys struct {
	JWKS   []byte        // a JWK Set (RFC 7517 section 5), ready to be written
	MaxAge time.Duration // how long it may be kept; a new key is in it for longer before it signs
}

// KeyRing looks after the signing keys: it makes the first ones, rotates them on schedule or when asked, and publishes.
type KeyRing struct {
	d    KeyRingDeps
	seen atomic.Pointer[seenKeys] // what the last look at the store showed
}

var _ Keys = (*KeyRing)(nil)

// KeyRingDeps is what the ring drives, and its settings. Zero settings are the defaults, but for Every.
type KeyRingDeps struct {
	Store KeyStore // required
	Maker KeyMaker // required
	Clock Clock    // required

	Events Events // hears of what is done by hand; default: nobody does

	Algorithm  string        // of access keys; default: what they have, at first the maker's
	Every      time.Duration // how long a key signs before the next one does; 0 and negative: until somebody rotates
	Poll       time.Duration // how often every node looks at the keys; default 10 seconds
	MaxAge     time.Duration // how long public keys may be kept; default 5 minutes, negative not at all
	Leeway     time.Duration // between the clocks of the nodes; default 30 seconds, negative none
	AccessTTL  time.Duration // the longest life of an access token; at least, and default, a day
	SessionTTL time.Duration // the longest life of a session; at least, and default, 30 days
}

// The shortest time for which a key is kept after it stopped signing. They are far above the defaults of what tokens
// live, so that what was issued before a setting was lowered passes too.
const (
	keepAccess  = 24 * time.Hour
	keepRefresh = 30 * 24 * time.Hour
)

func purposes() []domain.Kind { return []domain.Kind{domain.Access, domain.Refresh} }

// seenKeys is a look at the store.
type seenKeys struct {
	at   time.Time
	jwks []byte
}

// NewKeyRing returns the use case, or an error that names what is missing or cannot be.
func NewKeyRing(d KeyRingDeps) (*KeyRing, error) {
	switch {
	case d.Store == nil:
		return nil, errors.New("application: a KeyStore is needed")
	case d.Maker == nil:
		return nil, errors.New("application: a KeyMaker is needed")
	case d.Clock == nil:
		return nil, errors.New("application: a Clock is needed")
	}
	if d.Events == nil {
		d.Events = silent{}
	}
	d.Every = max(d.Every, 0)
	d.Poll = duration(d.Poll, 10*time.Second)
	d.MaxAge = max(duration(d.MaxAge, 5*time.Minute), 0)
	d.Leeway = max(duration(d.Leeway, 30*time.Second), 0)
	d.AccessTTL, d.SessionTTL = max(d.AccessTTL, keepAccess), max(d.SessionTTL, keepRefresh)
	if d.Poll < 0 {
		return nil, fmt.Errorf("application: keys cannot be looked at every %v", d.Poll)
	}
	return &KeyRing{d: d}, nil
}

// handover gives a new key the time to be known everywhere: by every node, whose clocks differ, and by whoever keeps
// the public keys. The key before it is kept until the last token that it signed has expired on every clock.
func (r *KeyRing) handover(purpose domain.Kind) domain.Handover {
	notice, slack := 2*r.d.Poll+r.d.Leeway, 2*r.d.Leeway+2*r.d.Poll
	if purpose == domain.Access {
		return domain.Handover{Notice: notice + r.d.MaxAge, Keep: r.d.AccessTTL + slack}
	}
	return domain.Handover{Notice: notice, Keep: r.d.SessionTTL + slack}
}

// wanted is the algorithm that keys of the purpose are set to have, "" when nothing says so.
func (r *KeyRing) wanted(purpose domain.Kind) string {
	if purpose == domain.Access {
		return r.d.Algorithm
	}
	return ""
}

// fresh makes a key; without a wish it is of the algorithm that the newest of the keys has.
func (r *KeyRing) fresh(keys []domain.Key, purpose domain.Kind, wanted string) (domain.Key, error) {
	if newest, found := domain.NewRing(keys...).Newest(r.d.Clock(), purpose); found && wanted == "" {
		wanted = newest.Algorithm
	}
	return r.d.Maker.Make(purpose, wanted)
}

// Public is documented at Keys. While [KeyRing.Tend] is called with every poll it asks nobody: it answers what that
// saw, so that crowds of verifiers are no load for the store.
func (r *KeyRing) Public(ctx context.Context) (PublicKeys, error) {
	seen := r.seen.Load()
	if seen == nil || r.d.Clock().Sub(seen.at) > 2*r.d.Poll {
		keys, err := r.d.Store.Keys(ctx)
		if err == nil {
			seen, err = r.see(keys)
		}
		if err != nil {
			return PublicKeys{}, fmt.Errorf("public keys: %w", failure(err))
		}
	}
	return PublicKeys{JWKS: seen.jwks, MaxAge: r.d.MaxAge}, nil
}

func (r *KeyRing) see(keys []domain.Key) (*seenKeys, error) {
	now := r.d.Clock()
	jwks, err := r.d.Maker.Publish(domain.Unretired(keys, now))
	if err != nil {
		return nil, err
	}
	seen := &seenKeys{at: now, jwks: jwks}
	r.seen.Store(seen)
	return seen, nil
}

// List is documented at Keys.
func (r *KeyRing) List(ctx context.Context) ([]domain.Key, error) {
	keys, err := r.d.Store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", failure(err))
	}
	return withoutPrivate(keys), nil
}

// Rotate is documented at Keys.
func (r *KeyRing) Rotate(ctx context.Context, purpose domain.Kind, algorithm string) (k domain.Key, err error) {
	e := Event{Name: EventKeys, Detail: "rotate " + string(purpose)}
	defer r.record(ctx, &e, &err)
	keys, err := r.d.Store.Keys(ctx)
	if err != nil {
		return domain.Key{}, fmt.Errorf("rotate: %w", failure(err))
	}
	fresh, err := r.fresh(keys, purpose, algorithm)
	if err != nil {
		return domain.Key{}, fmt.Errorf("rotate: %w", failure(err))
	}
	var added domain.Key
	err = r.d.Store.ChangeKeys(ctx, func(ring *domain.Ring) (err error) {
		added, err = ring.Rotate(r.d.Clock(), fresh, r.handover(purpose))
		return err
	})
	if err != nil {
		return domain.Key{}, fmt.Errorf("rotate: %w", failure(err))
	}
	added.Private = nil
	e.Detail += ": " + added.ID + ", " + added.Algorithm
	return added, nil
}

// Retire is documented at Keys.
func (r *KeyRing) Retire(ctx context.Context, id string, inUse bool) (err error) {
	e := Event{Name: EventKeys, Detail: "retire"}
	defer r.record(ctx, &e, &err)
	err = r.d.Store.ChangeKeys(ctx, func(ring *domain.Ring) error {
		now := r.d.Clock()
		if err := ring.Retire(now, id, inUse, r.d.Leeway); err != nil {
			return err
		}
		for _, purpose := range purposes() { // the one before it may have to sign for longer
			ring.Keep(now, purpose, r.handover(purpose))
		}
		return nil
	})
	if !errors.Is(err, domain.NotFound) { // what is no key's id may be anything
		e.Detail += " " + id
	}
	switch {
	case errors.Is(err, domain.ErrLastKey), errors.Is(err, domain.ErrKeyInUse):
		return fmt.Errorf("retire: %w: %w", domain.RequestInvalid, err)
	case err != nil:
		return fmt.Errorf("retire: %w", failure(err))
	}
	return nil
}

func (r *KeyRing) record(ctx context.Context, e *Event, err *error) {
	panicked := recover()
	e.complete(ctx, r.d.Clock(), *err, panicked)
	r.d.Events.Record(ctx, *e)
	if panicked != nil {
		panic(panicked)
	}
}
