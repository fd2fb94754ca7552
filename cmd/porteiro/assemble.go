package main

import (
	"context"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

// names are what tokens say of who made them and whom they are for. All nodes must agree on them, so they never come
// from the listening address.
type names struct {
	issuer   string
	audience []string
	clientID string
}

// assemble puts the core together over an open store.
func assemble(ctx context.Context, s store, n names, d application.Deps) (*application.Core, error) {
	ring, err := tokens.Ring(ctx, s, time.Now)
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	codec, err := tokens.New(ring, tokens.Config{
		Issuer: n.issuer, Audience: n.audience, ClientID: n.clientID, MaxAccess: ceiling(d.AccessTTL),
	})
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		return nil, err
	}
	d.Store, d.Tokens, d.Passwords, d.Clock = s, codec, hasher, time.Now
	return application.New(d)
}

// ceiling is what an access token may say that it lives for: what this node would have it live, in whole seconds, as
// its times are cut. One that was issued under a longer time to live is refused from the change on.
func ceiling(ttl time.Duration) time.Duration { return (ttl + time.Second - 1).Truncate(time.Second) }
