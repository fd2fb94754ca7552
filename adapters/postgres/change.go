package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

const (
	// lockUser comes first, on its own: a join that waits for the lock would show sessions beside a user from before
	// the wait. FOR UPDATE would hold up the foreign keys of others.
	lockUser = `SELECT ` + userColumns + ` FROM users WHERE id = $1 FOR NO KEY UPDATE`

	// ownSessions needs no lock: sessions are only written under their user's, and what is removed without it was over
	// long before.
	ownSessions = `SELECT ` + sessionColumns + ` FROM sessions WHERE user_id = $1 AND id = ANY($2)`

	saveUser = `UPDATE users SET email = $2, password = $3, login_time = $4, logout_time = $5, logout_reason = $6, roles = $7,
		created_at = $8, verified_at = $9, disabled_at = $10 WHERE id = $1`

	openSession = `INSERT INTO sessions (` + sessionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	// saveUserOpen is saveUser and openSession in one exchange. It writes the session if it has written the user.
	saveUserOpen = `WITH saved AS (` + saveUser + ` RETURNING id)
		INSERT INTO sessions (` + sessionColumns + `) SELECT $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24 FROM saved`

	saveSession = `UPDATE sessions SET login_time = $3, created_at = $4, ended_at = $5, end_reason = $6, idle_until = $7, until = $8,
		refresh_count = $9, refreshed_at = $10, methods = $11, user_agent = $12, ip = $13, keep_until = $14 WHERE id = $1 AND user_id = $2`

	deleteUser = `DELETE FROM users WHERE id = $1`
)

// Change is documented at application.Store.
func (s *Store) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if _, err := domain.ParseUserID(string(id)); err != nil {
		return domain.NotFound
	}
	var own error // f's, of the last run
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		own = nil
		account, err := locked(ctx, tx, id, about)
		if err != nil {
			return err
		}
		if own = f(account); own != nil {
			return own
		}
		return save(ctx, tx, id, account.Changes())
	})
	if own != nil {
		return own
	}
	return translate(err)
}

// locked takes the user's lock, and then reads in a second snapshot what nobody else can change any more.
func locked(ctx context.Context, tx *sqlx.Tx, id domain.UserID, about []domain.SessionID) (*domain.Account, error) {
	var row userRow
	err := tx.GetContext(ctx, &row, lockUser, string(id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, domain.NotFound
	}
	if err != nil {
		return nil, err
	}
	ids := uuids(about)
	if len(ids) == 0 {
		return domain.NewAccount(row.user()), nil
	}
	var rows []sessionRow
	if err := tx.SelectContext(ctx, &rows, ownSessions, string(id), ids); err != nil {
		return nil, err
	}
	sessions := make([]domain.Session, len(rows))
	for i, r := range rows {
		sessions[i] = r.session()
	}
	return domain.NewAccount(row.user(), sessions...), nil
}

// uuids leaves out what is no ID at all: nobody has it, and PostgreSQL would not take it for a question.
func uuids(ids []domain.SessionID) pq.StringArray {
	out := make(pq.StringArray, 0, len(ids))
	for _, id := range ids {
		if _, err := domain.ParseSessionID(string(id)); err == nil {
			out = append(out, string(id))
		}
	}
	return out
}

func save(ctx context.Context, tx *sqlx.Tx, id domain.UserID, c domain.Changes) error {
	if c.Deleted {
		return one(tx.ExecContext(ctx, deleteUser, string(id)))
	}
	switch {
	case c.User != nil && len(c.Opened) > 0: // a login
		values := append(userValues(*c.User), sessionValues(c.Opened[0])...)
		if err := one(tx.ExecContext(ctx, saveUserOpen, values...)); err != nil {
			return err
		}
		c.Opened = c.Opened[1:]
	case c.User != nil:
		if err := one(tx.ExecContext(ctx, saveUser, userValues(*c.User)...)); err != nil {
			return err
		}
	}
	for _, s := range c.Changed {
		if err := kept(tx.ExecContext(ctx, saveSession, sessionValues(s)...)); err != nil {
			return err
		}
	}
	for _, s := range c.Opened {
		if err := one(tx.ExecContext(ctx, openSession, sessionValues(s)...)); err != nil {
			return err
		}
	}
	return nil
}

// errPurged says that a session is gone since it was read: purging takes no user's lock.
var errPurged = errors.New("postgres: a session was purged meanwhile")

// kept is one for a session, which a purge on a clock that is far ahead may have taken.
func kept(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return errPurged
	}
	return err
}

// one holds that a statement wrote the one row that it is about: what was acknowledged has been written.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return fmt.Errorf("a change of one row wrote %d", n)
	}
	return err
}
