package logfile

import (
	"context"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// Change is documented at application.Store.
func (s *Store) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	defer s.end() // also when f panics
	user, found := s.users[id]
	if !found {
		return domain.NotFound
	}
	named := map[domain.SessionID]bool{} // a session that is named twice is read once
	var sessions []domain.Session
	for _, id := range about {
		if session, found := s.sessions[id]; found && !named[id] {
			named[id] = true
			sessions = append(sessions, session)
		}
	}
	account := domain.NewAccount(user, sessions...) // which leaves out the sessions of others
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

// save writes all of it or, with an error that is known to be before the disk, nothing.
func (s *Store) save(id domain.UserID, c domain.Changes) error {
	if c.Deleted {
		return s.commit(record{GoneUser: id})
	}
	var r record
	if c.User != nil {
		if owner, taken := s.emails[c.User.Email]; taken && owner != id {
			return domain.EmailTaken
		}
		r.Users = []userRow{rowOfUser(*c.User)}
	}
	opened := map[domain.SessionID]bool{}
	for _, session := range c.Opened {
		if _, taken := s.sessions[session.ID]; taken || opened[session.ID] {
			return fmt.Errorf("session %s was opened before", session.ID)
		}
		opened[session.ID] = true
	}
	for _, session := range append(c.Opened, c.Changed...) {
		r.Sessions = append(r.Sessions, rowOfSession(session))
	}
	if r.Users == nil && r.Sessions == nil {
		return nil
	}
	return s.commit(r)
}
