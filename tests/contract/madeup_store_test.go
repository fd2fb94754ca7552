package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeUp is a right store that can be broken: what it keeps, what it shows, and each of its methods can be replaced.
// Attempts and keys are those of memory.
type madeUp struct {
	*memory.Store
	turn chan struct{} // of the one writer

	mu       sync.Mutex
	users    map[domain.UserID]domain.User
	sessions map[domain.SessionID]domain.Session

	keepUser     func(old, now domain.User) domain.User       // what is kept of a user
	keepSession  func(old, now domain.Session) domain.Session // what is kept of a session
	showUser     func(domain.User) domain.User                // what is shown of a user, everywhere
	showSession  func(domain.Session) domain.Session          // what is shown of a session, everywhere
	showStanding func(u domain.User, s domain.Standing) domain.Standing
	alter        func(c *domain.Changes) // what is written of a change
	between      func()                  // what happens between two reads that should be one
	clone        bool                    // whether what goes in and comes out is a copy
}

var _ application.Store = (*madeUp)(nil)

func newMadeUp() *madeUp {
	return &madeUp{
		Store: memory.New(), turn: make(chan struct{}, 1), users: map[domain.UserID]domain.User{}, sessions: map[domain.SessionID]domain.Session{}, clone: true,
		keepUser: func(_, u domain.User) domain.User { return u }, keepSession: func(_, s domain.Session) domain.Session { return s },
		showUser: func(u domain.User) domain.User { return u }, showSession: func(s domain.Session) domain.Session { return s },
		showStanding: func(_ domain.User, s domain.Standing) domain.Standing { return s },
		alter:        func(*domain.Changes) {}, between: func() {},
	}
}

func (s *madeUp) user(u domain.User) domain.User {
	if s.clone {
		u = u.Clone()
	}
	return s.showUser(u)
}

func (s *madeUp) session(n domain.Session) domain.Session {
	if s.clone {
		n = n.Clone()
	}
	return s.showSession(n)
}

func (s *madeUp) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *madeUp) end() { <-s.turn }

func (s *madeUp) owner(email domain.Email) (domain.User, bool) {
	for _, u := range s.users {
		if u.Email == email {
			return u, true
		}
	}
	return domain.User{}, false
}

func (s *madeUp) Add(ctx context.Context, u domain.User) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("add: %w", err)
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.users[u.ID]; again {
		return nil
	}
	if _, taken := s.owner(u.Email); taken {
		return domain.EmailTaken
	}
	if s.clone {
		u = u.Clone()
	}
	s.users[u.ID] = s.keepUser(domain.User{}, u)
	return nil
}

func (s *madeUp) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	if err := ctx.Err(); err != nil {
		return domain.User{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.owner(email)
	if !found {
		return domain.User{}, domain.NotFound
	}
	return s.user(u), nil
}

func (s *madeUp) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []domain.User
	for _, u := range slices.SortedFunc(maps.Values(s.users), byEmailsBytes) {
		if u.Email > after && len(page) < n {
			page = append(page, s.user(u))
		}
	}
	return page, nil
}

func byEmailsBytes(a, b domain.User) int { return strings.Compare(string(a.Email), string(b.Email)) }

func (s *madeUp) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	if err := ctx.Err(); err != nil {
		return domain.User{}, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.users[id]
	if !found {
		return domain.User{}, nil, domain.NotFound
	}
	var own []domain.Session
	for _, n := range s.sessions {
		if n.UserID == id && !n.Ended() {
			own = append(own, s.session(n))
		}
	}
	slices.SortFunc(own, func(a, b domain.Session) int { return b.LoginTime.Compare(a.LoginTime) })
	return s.user(u), own[:min(max(n, 0), len(own))], nil
}

func (s *madeUp) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found := map[domain.SessionID]domain.Standing{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if n, known := s.sessions[id]; known {
			s.between()
			u := s.user(s.users[n.UserID])
			found[id] = s.showStanding(u, domain.StandingOf(u, s.session(n)))
		}
	}
	return found, nil
}

func (s *madeUp) Purge(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
	if err := s.begin(ctx); err != nil {
		return after, 0, err
	}
	defer s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(s.sessions)), func(id domain.SessionID) bool { return id <= after })
	last := domain.SessionID("")
	if n = max(n, 0); n < len(ids) {
		ids = ids[:n]
		last = after
		if n > 0 {
			last = ids[n-1]
		}
	}
	removed := 0
	for _, id := range ids {
		if s.sessions[id].OverSince(s.users[s.sessions[id].UserID], before) {
			delete(s.sessions, id)
			removed++
		}
	}
	return last, removed, nil
}

func (s *madeUp) Now(ctx context.Context) (time.Time, error) { return time.Now(), ctx.Err() }

func (s *madeUp) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.end()
	account := s.account(id, about)
	if account == nil {
		return domain.NotFound
	}
	if err := f(account); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.save(id, account.Changes())
}

func (s *madeUp) account(id domain.UserID, about []domain.SessionID) *domain.Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.users[id]
	if !found {
		return nil
	}
	var named []domain.Session
	for _, id := range slices.Compact(slices.Sorted(slices.Values(about))) {
		if n, found := s.sessions[id]; found {
			named = append(named, s.session(n))
		}
	}
	return domain.NewAccount(s.user(u), named...)
}

func (s *madeUp) save(id domain.UserID, c domain.Changes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alter(&c)
	if c.Deleted {
		delete(s.users, id)
		maps.DeleteFunc(s.sessions, func(_ domain.SessionID, n domain.Session) bool { return n.UserID == id })
		return nil
	}
	if c.User != nil {
		if u, taken := s.owner(c.User.Email); taken && u.ID != id {
			return domain.EmailTaken
		}
	}
	opened := map[domain.SessionID]bool{}
	for _, n := range c.Opened {
		if _, there := s.sessions[n.ID]; there || opened[n.ID] {
			return errors.New("a session was opened before")
		}
		opened[n.ID] = true
	}
	if c.User != nil {
		s.users[id] = s.keepUser(s.users[id], *c.User)
	}
	for _, n := range append(c.Opened, c.Changed...) {
		s.sessions[n.ID] = s.keepSession(s.sessions[n.ID], n)
	}
	return nil
}

// all returns the sessions of the users, ended or not.
func (s *madeUp) all(users ...domain.UserID) []domain.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sessions []domain.Session
	for _, n := range s.sessions {
		if slices.Contains(users, n.UserID) {
			sessions = append(sessions, n.Clone())
		}
	}
	slices.SortFunc(sessions, func(a, b domain.Session) int { return cmp.Compare(a.ID, b.ID) })
	return sessions
}
