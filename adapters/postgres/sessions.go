package postgres

import (
	"context"
	"math"

	"github.com/porteiro/porteiro/domain"
)

// userSessions is one statement, so one snapshot. A user without sessions is one row of it, whose session is nobody's.
const userSessions = `SELECT u.*, coalesce(s.id::text, '') AS "s.id", coalesce(s.user_id::text, '') AS "s.user_id", s.login_time AS "s.login_time",
		s.created_at AS "s.created_at", s.ended_at AS "s.ended_at", coalesce(s.end_reason, '') AS "s.end_reason",
		s.idle_until AS "s.idle_until", s.until AS "s.until", coalesce(s.refresh_count, 0) AS "s.refresh_count",
		s.refreshed_at AS "s.refreshed_at", s.methods AS "s.methods", coalesce(s.user_agent, '') AS "s.user_agent",
		coalesce(s.ip, '') AS "s.ip", s.keep_until AS "s.keep_until"
	FROM (SELECT ` + userColumns + ` FROM users WHERE id = $1) u LEFT JOIN LATERAL (SELECT ` + sessionColumns + ` FROM sessions
		WHERE user_id = u.id AND ended_at IS NULL ORDER BY login_time DESC NULLS LAST LIMIT $2) s ON true
	ORDER BY s.login_time DESC NULLS LAST`

// Sessions is documented at application.Store.
func (s *Store) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	if _, err := domain.ParseUserID(string(id)); err != nil {
		return domain.User{}, nil, domain.NotFound
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var rows []struct {
		userRow
		Session sessionRow `db:"s"`
	}
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, userSessions, string(id), min(max(n, 0), math.MaxInt32))
	})
	switch {
	case err != nil:
		return domain.User{}, nil, translate(err)
	case len(rows) == 0:
		return domain.User{}, nil, domain.NotFound
	}
	var sessions []domain.Session
	for _, r := range rows {
		if r.Session.ID != "" {
			sessions = append(sessions, r.Session.session())
		}
	}
	return rows[0].user(), sessions, nil
}
