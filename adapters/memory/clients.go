package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Clients = (*Store)(nil)

// AddClient is documented at application.Clients.
func (s *Store) AddClient(ctx context.Context, c domain.Client) (bool, error) {
	if err := s.begin(ctx); err != nil {
		return false, fmt.Errorf("add client: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.clients[c.ID]; taken {
		return false, nil
	}
	c.CreatedAt = domain.Instant(c.CreatedAt)
	s.clients[c.ID] = c
	return true, nil
}

// Client is documented at application.Clients.
func (s *Store) Client(ctx context.Context, id domain.ClientID) (domain.Client, error) {
	if err := ctx.Err(); err != nil {
		return domain.Client{}, fmt.Errorf("client: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, found := s.clients[id]
	if !found {
		return domain.Client{}, domain.NotFound
	}
	return c, nil
}

// Clients is documented at application.Clients.
func (s *Store) Clients(ctx context.Context) ([]domain.Client, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("clients: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.clients), func(a, b domain.Client) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// RemoveClient is documented at application.Clients.
func (s *Store) RemoveClient(ctx context.Context, id domain.ClientID) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("remove client: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.clients[id]; !found {
		return domain.NotFound
	}
	delete(s.clients, id)
	return nil
}
