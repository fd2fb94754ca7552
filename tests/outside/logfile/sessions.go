package logfile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/porteiro/porteiro/domain"
)

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

// Sessions is documented at application.Store.
func (s *Store) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	if err := ctx.Err(); err != nil {
		return domain.User{}, nil, fmt.Errorf("sessions: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	user, found := s.users[id]
	if !found {
		return domain.User{}, nil, domain.NotFound
	}
	var own []domain.Session
	for _, session := range s.sessions {
		if session.UserID == id && !session.Ended() {
			own = append(own, session.Clone())
		}
	}
	slices.SortFunc(own, func(a, b domain.Session) int { return b.LoginTime.Compare(a.LoginTime) })
	return user.Clone(), own[:min(max(n, 0), len(own))], nil
}

// Purge is documented at application.Store.
func (s *Store) Purge(
	ctx context.Context, before time.Time, after domain.SessionID, n int,
) (domain.SessionID, int, error) {
	if err := s.begin(ctx); err != nil {
		return after, 0, fmt.Errorf("purge: %w", err)
	}
	defer s.end()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(s.sessions)), func(id domain.SessionID) bool { return id <= after })
	last := domain.SessionID("")
	if n = max(n, 0); n < len(ids) {
		ids, last = ids[:n], after
		if n > 0 {
			last = ids[n-1]
		}
	}
	var r record
	for _, id := range ids {
		if session := s.sessions[id]; session.OverSince(s.users[session.UserID], before) {
			r.GoneSessions = append(r.GoneSessions, string(id))
		}
	}
	if len(r.GoneSessions) > 0 {
		if err := s.commit(r); err != nil {
			return after, 0, fmt.Errorf("purge: %w", err)
		}
	}
	return last, len(r.GoneSessions), nil
}
