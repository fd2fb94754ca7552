package application

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

func noClients() error { return failure(errors.New("the store keeps no clients")) }

// AddClient is documented at Registry.
func (c *Core) AddClient(ctx context.Context, text string) (_ domain.Client, secret string, err error) {
	e := Event{Name: EventClients, Detail: "add"}
	defer c.record(ctx, &e, &err)
	id, err := c.parseClient(text, &e)
	if err != nil {
		return domain.Client{}, "", fmt.Errorf("add client: %w", err)
	}
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	client := domain.Client{ID: id, Digest: sha256.Sum256([]byte(secret)), CreatedAt: domain.Instant(c.d.Clock())}
	added, err := c.d.Clients.AddClient(ctx, client)
	switch {
	case err != nil:
		return domain.Client{}, "", fmt.Errorf("add client: %w", failure(err))
	case !added:
		return domain.Client{}, "", fmt.Errorf("add client: %w: %w", domain.RequestInvalid, domain.ErrClientTaken)
	}
	return client, secret, nil
}

// ListClients is documented at Registry.
func (c *Core) ListClients(ctx context.Context) ([]domain.Client, error) {
	if c.d.Clients == nil {
		return nil, fmt.Errorf("list clients: %w", noClients())
	}
	all, err := c.d.Clients.Clients(ctx)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", failure(err))
	}
	return all, nil
}

// DeleteClient is documented at Registry.
func (c *Core) DeleteClient(ctx context.Context, text string) (err error) {
	e := Event{Name: EventClients, Detail: "delete"}
	defer c.record(ctx, &e, &err)
	id, err := c.parseClient(text, &e)
	if errors.Is(err, domain.RequestInvalid) { // nobody has it
		err = domain.NotFound
	}
	if err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	if err := c.d.Clients.RemoveClient(ctx, id); err != nil {
		return fmt.Errorf("delete client: %w", failure(err))
	}
	return nil
}

// parseClient names in the event only what is a name.
func (c *Core) parseClient(text string, e *Event) (domain.ClientID, error) {
	if c.d.Clients == nil {
		return "", noClients()
	}
	id, err := domain.ParseClientID(text)
	if err == nil {
		e.Detail += " " + string(id)
	}
	return id, err
}
