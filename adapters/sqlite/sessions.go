package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/porteiro/porteiro/domain"
)

// userSessions is one statement, so one snapshot. A user without sessions is one row of it, whose session is nobody's.
const userSessions = `select u.*, coalesce(s.id, '') as "s.id", coalesce(s.user_id, '') as "s.user_id",
		s.login_time as "s.login_time", s.created_at as "s.created_at", s.ended_at as "s.ended_at",
		coalesce(s.end_reason, '') as "s.end_reason", s.idle_until as "s.idle_until", s.until as "s.until",
		coalesce(s.refresh_count, 0) as "s.refresh_count", s.refreshed_at as "s.refreshed_at",
		coalesce(s.methods, '') as "s.methods", coalesce(s.user_agent, '') as "s.user_agent", coalesce(s.ip, '') as "s.ip",
		s.keep_until as "s.keep_until"
	from (select ` + userColumns + ` from users where id = ?1) as u
	left join (select ` + sessionColumns + ` from sessions where user_id = ?1 and ended_at is null
		order by login_time desc limit ?2) as s on true
	order by s.login_time desc`

// Sessions is documented at application.Store.
func (s *Store) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	var rows []struct {
		userRow
		Session sessionRow `db:"s"`
	}
	err := s.reader.SelectContext(ctx, &rows, userSessions, id, max(n, 0))
	if err == nil && len(rows) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return domain.User{}, nil, fmt.Errorf("sqlite: sessions: %w", translate(err))
	}
	var sessions []domain.Session
	for _, r := range rows {
		if r.Session.ID != "" {
			sessions = append(sessions, r.Session.session())
		}
	}
	return rows[0].user(), sessions, nil
}
