package postgres

import (
	"context"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Everybody = (*Store)(nil)

const (
	// lockUsers takes the locks of many in one order, which is that of everybody else who takes more than one.
	lockUsers = `SELECT ` + userColumns + ` FROM users WHERE id >= $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE`

	saveLogouts = `UPDATE users SET logout_time = v.logout_time, logout_reason = v.logout_reason
		FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) v (id, logout_time, logout_reason) WHERE users.id = v.id`

	anyAfter = `SELECT EXISTS (SELECT FROM users WHERE id > $1)`
)

// LogOutEach is documented at application.Everybody.
func (s *Store) LogOutEach(
	ctx context.Context, after domain.UserID, n int, f func(*domain.User),
) (last domain.UserID, users int, _ error) {
	first, some := following(string(after))
	if !some {
		return "", 0, translate(ctx.Err())
	}
	n = min(max(n, 1), longest)
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) (err error) {
		last, users, err = logOutEach(ctx, tx, first, n, f)
		return err
	})
	if err != nil {
		return after, 0, translate(err)
	}
	return last, users, nil
}

func logOutEach(ctx context.Context, tx *sqlx.Tx, first string, n int, f func(*domain.User)) (last domain.UserID, users int, _ error) {
	var rows []userRow
	if err := tx.SelectContext(ctx, &rows, lockUsers, first, n); err != nil || len(rows) == 0 {
		return "", 0, err
	}
	var ids, reasons pq.StringArray
	var times []instant
	for _, row := range rows {
		user := row.user()
		f(&user)
		ids, reasons = append(ids, row.ID), append(reasons, string(user.LogoutReason))
		times = append(times, instant{user.LogoutTime})
	}
	if _, err := tx.ExecContext(ctx, saveLogouts, ids, pq.Array(times), reasons); err != nil {
		return "", 0, err
	}
	var more bool
	if err := tx.GetContext(ctx, &more, anyAfter, rows[len(rows)-1].ID); err != nil || !more {
		return "", len(rows), err
	}
	return domain.UserID(rows[len(rows)-1].ID), len(rows), nil
}
