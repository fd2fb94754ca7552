package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

// One statement is one snapshot. The cross joins keep the order: each ID, its session, its user.
const standings = `select s.id, s.login_time, s.ended_at is not null, s.idle_until, s.until,
	u.id, u.email, u.roles, u.logout_time, u.disabled_at is not null
	from json_each(?) as asked cross join sessions as s on s.id = asked.value cross join users as u on u.id = s.user_id`

// Standings is documented at application.Store.
func (s *Store) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	found := make(map[domain.SessionID]domain.Standing, len(ids))
	asked := array(ids)
	if asked == "[]" {
		return found, nil
	}
	query, err := s.prepared(ctx)
	if err != nil {
		return nil, fmt.Errorf("sqlite: standings: %w", translate(err))
	}
	rows, err := query.QueryContext(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("sqlite: standings: %w", translate(err))
	}
	defer rows.Close()
	for rows.Next() {
		var t domain.Standing
		var login, idle, until, logout instant
		var roles list[domain.Role]
		err := rows.Scan(&t.Session, &login, &t.Ended, &idle, &until, &t.User, &t.Email, &roles, &logout, &t.Disabled)
		if err != nil {
			return nil, fmt.Errorf("sqlite: standings: %w", translate(err))
		}
		t.LoginTime, t.IdleUntil, t.Until = time.Time(login), time.Time(idle), time.Time(until)
		t.LogoutTime, t.Roles = time.Time(logout), roles
		found[t.Session] = t
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sqlite: standings: %w", translate(err))
	}
	return found, nil
}

// prepared returns the statement, parsed once for each connection. It cannot be made before the schema is there.
func (s *Store) prepared(ctx context.Context) (*sqlx.Stmt, error) {
	if query := s.standings.Load(); query != nil {
		return query, nil
	}
	query, err := s.reader.PreparexContext(ctx, standings)
	if err != nil {
		return nil, err
	}
	if !s.standings.CompareAndSwap(nil, query) {
		query.Close()
	}
	return s.standings.Load(), nil
}

// array writes the IDs as JSON, one parameter for however many, and leaves out what is no ID: a UUID needs no escaping.
func array(ids []domain.SessionID) string {
	var b strings.Builder
	b.Grow(2 + 39*len(ids))
	separator := "["
	for _, id := range ids {
		if _, err := domain.ParseSessionID(string(id)); err != nil {
			continue
		}
		b.WriteString(separator)
		b.WriteString(`"` + string(id) + `"`)
		separator = ","
	}
	if b.Len() == 0 {
		return "[]"
	}
	b.WriteByte(']')
	return b.String()
}
