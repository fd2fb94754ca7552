package memory

import (
	"context"
	"fmt"
	"maps"

	"github.com/porteiro/porteiro/domain"
)

// Change is documented at application.Store.
func (s *Store) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	defer s.end() // also when f panics
	account := s.account(id, about)
	if account == nil {
		return domain.NotFound
	}
	if err := f(account); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if err := s.save(id, account.Changes()); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

// begin waits for this writer's turn.
func (s *Store) begin(ctx context.Context) error {
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

func (s *Store) end() { <-s.turn }

// account returns nil when there is no such user. NewAccount leaves out the sessions of others.
func (s *Store) account(id domain.UserID, about []domain.SessionID) *domain.Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	user, found := s.users[id]
	if !found {
		return nil
	}
	named := map[domain.SessionID]bool{} // a session that is named twice is read once
	var sessions []domain.Session
	for _, id := range about {
		session, found := s.sessions[id]
		if found && !named[id] {
			named[id] = true
			sessions = append(sessions, session)
		}
	}
	return domain.NewAccount(user, sessions...)
}

// save writes all of it or, with an error, nothing.
func (s *Store) save(id domain.UserID, c domain.Changes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Deleted {
		delete(s.emails, s.users[id].Email)
		delete(s.users, id)
		maps.DeleteFunc(s.sessions, func(_ domain.SessionID, session domain.Session) bool { return session.UserID == id })
		return nil
	}
	if c.User != nil {
		if owner, taken := s.emails[c.User.Email]; taken && owner != id {
			return domain.EmailTaken
		}
	}
	opened := map[domain.SessionID]bool{}
	for _, session := range c.Opened {
		if _, taken := s.sessions[session.ID]; taken || opened[session.ID] {
			return fmt.Errorf("session %s was opened before", session.ID)
		}
		opened[session.ID] = true
	}
	if c.User != nil {
		delete(s.emails, s.users[id].Email)
		s.users[id], s.emails[c.User.Email] = *c.User, id
	}
	for _, session := range append(c.Opened, c.Changed...) {
		s.sessions[session.ID] = session
	}
	return nil
}
