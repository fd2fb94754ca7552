package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Store is the store of a process that is a service of its own. Whatever goes in or comes out is a copy.
type Store struct {
	clock application.Clock

	// turn is held by the one writer that there may be, f included. It is no mutex, because whoever waits for it has a
	// context. Readers do not wait for it.
	turn chan struct{}

	mu       sync.RWMutex // guards what follows; held for moments only, never while f runs
	users    map[domain.UserID]domain.User
	emails   map[domain.Email]domain.UserID
	sessions map[domain.SessionID]domain.Session
	keys     map[string]domain.Key
	attempts map[string]time.Time
	clients  map[domain.ClientID]domain.Client
	imported map[string]domain.Imported
}

var (
	_ application.Store    = (*Store)(nil)
	_ application.KeyStore = (*Store)(nil)
	_ application.Attempts = (*Store)(nil)
	_ application.Imports  = (*Store)(nil)
)

// Option sets what New leaves at its default.
type Option func(*Store)

// Clock is the clock that [Store.Now] reads; the default is the system's.
func Clock(c application.Clock) Option { return func(s *Store) { s.clock = c } }

// New returns an empty store.
func New(options ...Option) *Store {
	s := &Store{
		clock:    time.Now,
		turn:     make(chan struct{}, 1),
		users:    map[domain.UserID]domain.User{},
		emails:   map[domain.Email]domain.UserID{},
		sessions: map[domain.SessionID]domain.Session{},
		keys:     map[string]domain.Key{},
		attempts: map[string]time.Time{},
		clients:  map[domain.ClientID]domain.Client{},
		imported: map[string]domain.Imported{},
	}
	for _, set := range options {
		set(s)
	}
	return s
}

// Add is documented at application.Store.
func (s *Store) Add(ctx context.Context, user domain.User) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.users[user.ID]; again {
		return nil
	}
	if _, taken := s.emails[user.Email]; taken {
		return domain.EmailTaken
	}
	s.users[user.ID], s.emails[user.Email] = user.Clone(), user.ID
	return nil
}

// ByEmail is documented at application.Store.
func (s *Store) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	if err := ctx.Err(); err != nil {
		return domain.User{}, fmt.Errorf("by email: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, found := s.emails[email]
	if !found {
		return domain.User{}, domain.NotFound
	}
	return s.users[id].Clone(), nil
}

// Page is documented at application.Store.
func (s *Store) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var page []domain.User
	for _, email := range slices.Sorted(maps.Keys(s.emails)) {
		if email > after && len(page) < n {
			page = append(page, s.users[s.emails[email]].Clone())
		}
	}
	return page, nil
}

// Standings is documented at application.Standings.
func (s *Store) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("standings: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := make(map[domain.SessionID]domain.Standing, len(ids))
	for _, id := range ids {
		if session, known := s.sessions[id]; known {
			found[id] = domain.StandingOf(s.users[session.UserID].Clone(), session)
		}
	}
	return found, nil
}

// Now is documented at application.Store.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, fmt.Errorf("now: %w", err)
	}
	return s.clock(), nil
}
