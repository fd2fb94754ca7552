package memory

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// AddImported is documented at application.Imports.
func (s *Store) AddImported(ctx context.Context, arrivals ...domain.Arrival) ([]bool, error) {
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("add imported: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	added := make([]bool, len(arrivals))
	for n, a := range arrivals {
		_, known := s.imported[a.Imported.Key]
		_, taken := s.emails[a.User.Email]
		_, there := s.users[a.User.ID]
		if known || taken || there {
			continue
		}
		s.users[a.User.ID], s.emails[a.User.Email] = a.User.Clone(), a.User.ID
		s.imported[a.Imported.Key] = a.Imported
		added[n] = true
	}
	return added, nil
}

// Imported is documented at application.Imports.
func (s *Store) Imported(ctx context.Context, keys ...string) (map[string]domain.Arrival, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("imported: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := make(map[string]domain.Arrival, len(keys))
	for _, key := range keys {
		if i, known := s.imported[key]; known {
			found[key] = domain.Arrival{Imported: i, User: s.users[i.User].Clone()}
		}
	}
	return found, nil
}

// ImportedAs is documented at application.Imports.
func (s *Store) ImportedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	if err := ctx.Err(); err != nil {
		return domain.Arrival{}, fmt.Errorf("imported as: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []domain.Imported
	for _, i := range s.imported {
		if i.Subject == subject {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return domain.Arrival{}, domain.NotFound
	}
	return domain.Arrival{Imported: found[0], User: s.users[found[0].User].Clone()}, nil
}

// SaveImported is documented at application.Imports.
func (s *Store) SaveImported(ctx context.Context, imported ...domain.Imported) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("save imported: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range imported {
		if was, known := s.imported[i.Key]; known {
			i.User = was.User
			s.imported[i.Key] = i
		}
	}
	return nil
}
