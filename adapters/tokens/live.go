package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Live is a codec that follows the ring: [Live.Run] looks at the store's keys with every poll. A token is issued and
// read by what the last look showed, without any I/O.
type Live struct {
	store  application.KeyStore
	config LiveConfig
	now    atomic.Pointer[look]
}

var _ application.Tokens = (*Live)(nil)

// look is what a look at the store showed.
type look struct {
	*Codec
	keys []domain.Key
	at   time.Time // when it began
}

// same reports whether a codec made of the keys now would be the one that is there.
func (l *look) same(keys []domain.Key, now time.Time) bool {
	return l != nil && slices.EqualFunc(keys, l.keys, func(a, b domain.Key) bool {
		return a.Equal(b) && a.Retired(now) == b.Retired(l.at)
	})
}

// LiveConfig is a codec's, and how it follows.
type LiveConfig struct {
	Config                   // At is of no account
	Poll   time.Duration     // how often the keys are looked at; default 10 seconds
	Clock  application.Clock // default: the system's
	Logger *slog.Logger      // told when looks begin to fail and when they succeed again; default none
	// Tend is called before each look but the first: it does to the keys what is due. Its errors are logged as those
	// of a look are, and keep no look from being taken. Default none.
	Tend func(context.Context) error
}

const (
	defaultPoll = 10 * time.Second
	// patience bounds a look in time when polls are far apart or close together.
	patience = 10 * time.Second
)

// NewLive takes the first look, and fails as [New] does or with the store's error.
func NewLive(ctx context.Context, store application.KeyStore, c LiveConfig) (*Live, error) {
	c.Poll = cmp.Or(c.Poll, defaultPoll)
	if c.Poll < 0 {
		return nil, fmt.Errorf("tokens: keys cannot be looked at every %v", c.Poll)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Live{store: store, config: c}
	if err := l.look(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Live) look(ctx context.Context) error {
	at := l.config.Clock()
	keys, err := l.store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	if seen := l.now.Load(); seen.same(keys, at) { // and what it remembers goes on
		l.now.Store(&look{seen.Codec, keys, at})
		return nil
	}
	config := l.config.Config
	config.At = at
	codec, err := New(keys, config)
	if err != nil {
		return err
	}
	l.now.Store(&look{codec, keys, at})
	return nil
}

// Run looks at the keys with every poll until the context ends. What it last saw stays in force while a look fails.
func (l *Live) Run(ctx context.Context) {
	ticker := time.NewTicker(l.config.Poll)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := l.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			l.config.Logger.Warn("the signing keys cannot be looked after", "error", err.Error())
		case err == nil && failing:
			l.config.Logger.Info("the signing keys are looked after again")
		}
		failing = err != nil
	}
}

// Seen returns the keys that the last look showed, without Private, and when that was.
func (l *Live) Seen() ([]domain.Key, time.Time) {
	seen := l.now.Load()
	keys := slices.Clone(seen.keys)
	for i := range keys {
		keys[i].Private = nil
	}
	return keys, seen.at
}

func (l *Live) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var tended error
	if l.config.Tend != nil {
		tended = l.config.Tend(ctx)
	}
	return errors.Join(tended, l.look(ctx))
}

// Issue is [Codec.Issue] with the keys of the last look.
func (l *Live) Issue(c domain.Claims) (string, error) { return l.now.Load().Issue(c) }

// Read is [Codec.Read] with the keys of the last look. When that is older than two polls, what does not hold may be
// signed with a key that this node could not learn of: the answer is Unavailable then, and not TokenInvalid.
func (l *Live) Read(kind domain.Kind, token string) (domain.Claims, error) {
	seen := l.now.Load()
	claims, err := seen.Read(kind, token)
	if err != nil && l.config.Clock().Sub(seen.at) > 2*l.config.Poll {
		return domain.Claims{}, domain.Unavailable
	}
	return claims, err
}
