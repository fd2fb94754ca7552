package postgres

import (
	"context"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

// standings is one statement, so one snapshot, and reads no more than the rule does. It answers in ordinals: the
// caller knows the ids.
const standings = `SELECT a.n, s.login_time, s.ended_at IS NOT NULL, s.idle_until, s.until,
	s.user_id, u.email, u.roles, u.logout_time, u.disabled_at IS NOT NULL
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
			login, idle, until, logoutTime instant
			roles                          pq.StringArray
		)
		err := rows.Scan(&n, &login, &st.Ended, &idle, &until, &st.User, &st.Email, &roles, &logoutTime, &st.Disabled)
		if err != nil {
			return nil, err
		}
		st.Session = domain.SessionID(ids[n-1])
		st.LoginTime, st.IdleUntil, st.Until, st.LogoutTime = login.Time, idle.Time, until.Time, logoutTime.Time
		st.Roles = named[domain.Role](roles)
		found[st.Session] = st
	}
	return found, rows.Err()
}
