package sqlite

import (
	"context"
	"fmt"
	"math"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Everybody = (*Store)(nil)

// LogOutEach is documented at application.Everybody. The lock is the file's one write lock; f runs once for each.
func (s *Store) LogOutEach(
	ctx context.Context, after domain.UserID, n int, f func(*domain.User),
) (last domain.UserID, users int, _ error) {
	n = min(max(n, 1), math.MaxInt32-1)
	err := s.write(ctx, func(tx *sqlx.Tx) error {
		var rows []userRow
		err := tx.SelectContext(ctx, &rows, `select `+userColumns+` from users where id > ? order by id limit ?`, after, n+1) // is there more?
		if err != nil {
			return fmt.Errorf("sqlite: log out each: %w", translate(err))
		}
		if last = ""; len(rows) > n {
			rows, last = rows[:n], rows[n-1].ID
		}
		for _, row := range rows {
			user := row.user()
			f(&user)
			_, err := tx.ExecContext(ctx, `update users set logout_time = ?, logout_reason = ? where id = ?`,
				instant(user.LogoutTime), user.LogoutReason, row.ID)
			if err != nil {
				return fmt.Errorf("sqlite: log out each: %w", translate(err))
			}
		}
		users = len(rows)
		return nil
	})
	if err != nil {
		return after, 0, err
	}
	return last, users, nil
}
