package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

// standings is one statement, so one snapshot, and reads no more than the rule does. It answers in ordinals and in
// microseconds: they are cheaper to write and to read than ids and timestamps.
const standings = `SELECT a.n::int, s.user_id, (extract(epoch FROM s.login_time) * 1000000)::bigint, s.ended_at IS NOT NULL,
	(extract(epoch FROM s.idle_until) * 1000000)::bigint, (extract(epoch FROM s.until) * 1000000)::bigint,
	u.email, array_to_string(u.roles, ','), (extract(epoch FROM u.logout_time) * 1000000)::bigint, u.disabled_at IS NOT NULL
	FROM unnest($1::uuid[]) WITH ORDINALITY a (id, n) JOIN sessions s ON s.id = a.id JOIN users u ON u.id = s.user_id`

// Standings is documented at application.Standings.
func (s *Store) Standings(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
	known := uuids(ids)
	if len(known) == 0 {
		return map[domain.SessionID]domain.Standing{}, nil
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var found map[domain.SessionID]domain.Standing
	err := s.again(func() (err error) {
		found, err = s.standings(ctx, known)
		return err
	})
	if err != nil {
		return nil, translate(err)
	}
	return found, nil
}

func (s *Store) standings(ctx context.Context, ids pq.StringArray) (map[domain.SessionID]domain.Standing, error) {
	rows, err := s.db.QueryContext(ctx, standings, ids)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err has what matters
	found := make(map[domain.SessionID]domain.Standing, len(ids))
	for rows.Next() {
		var (
			n                              int
			st                             domain.Standing
			login, idle, until, logoutTime sql.NullInt64
			roles                          string
		)
		err := rows.Scan(&n, &st.User, &login, &st.Ended, &idle, &until, &st.Email, &roles, &logoutTime, &st.Disabled)
		if err != nil {
			return nil, err
		}
		st.Session = domain.SessionID(ids[n-1])
		st.LoginTime, st.IdleUntil, st.Until, st.LogoutTime = us(login), us(idle), us(until), us(logoutTime)
		found[st.Session] = st
	}
	return found, rows.Err()
}

func us(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}
