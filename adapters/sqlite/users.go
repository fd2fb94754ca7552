package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

const userColumns = `id, email, password, login_time, logout_time, logout_reason, roles, created_at, verified_at, disabled_at`

const addUser = `insert into users (` + userColumns + `) values (:id, :email, :password, :login_time, :logout_time,
	:logout_reason, :roles, :created_at, :verified_at, :disabled_at)`

// Add is documented at application.Store.
func (s *Store) Add(ctx context.Context, user domain.User) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		var known bool
		if err := tx.GetContext(ctx, &known, `select exists (select 1 from users where id = ?)`, user.ID); err != nil {
			return fmt.Errorf("sqlite: add: %w", translate(err))
		}
		if known {
			return nil
		}
		if _, err := tx.NamedExecContext(ctx, addUser, rowOfUser(user)); err != nil {
			return fmt.Errorf("sqlite: add: %w", translate(err))
		}
		return nil
	})
}

// ByEmail is documented at application.Store.
func (s *Store) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	var row userRow
	err := s.reader.GetContext(ctx, &row, `select `+userColumns+` from users where email = ?`, email)
	if err != nil {
		return domain.User{}, fmt.Errorf("sqlite: by email: %w", translate(err))
	}
	return row.user(), nil
}

// Page is documented at application.Store.
func (s *Store) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	var rows []userRow
	err := s.reader.SelectContext(ctx, &rows, `select `+userColumns+` from users where email > ? order by email limit ?`,
		after, max(n, 0)) // a negative limit is none
	if err != nil {
		return nil, fmt.Errorf("sqlite: page: %w", translate(err))
	}
	users := make([]domain.User, len(rows))
	for i, row := range rows {
		users[i] = row.user()
	}
	return users, nil
}

// Now returns this machine's clock, to the millisecond, as the file's engine reads it: an answer says that the
// database answers.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var seconds float64
	err := s.reader.GetContext(ctx, &seconds, `select unixepoch('now', 'subsec') from porteiro_schema`)
	if err != nil {
		return time.Time{}, fmt.Errorf("sqlite: now: %w", translate(err))
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
}
