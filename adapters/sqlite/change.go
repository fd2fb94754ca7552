package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

const sessionColumns = `id, user_id, login_time, created_at, ended_at, end_reason, idle_until, until, refresh_count,
	refreshed_at, methods, user_agent, ip, keep_until`

// Change is documented at application.Store. The lock is the file's one write lock; f runs once.
func (s *Store) Change(
	ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID,
) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		account, err := read(ctx, tx, id, about)
		if err != nil {
			return fmt.Errorf("sqlite: change: %w", translate(err))
		}
		if err := f(account); err != nil {
			return err
		}
		if err := save(ctx, tx, id, account.Changes()); err != nil {
			return fmt.Errorf("sqlite: change: %w", translate(err))
		}
		return nil
	})
}

// write runs f in a transaction that holds the write lock from its first statement on, and commits if and only if f
// returns nil. It is rolled back also when f panics.
func (s *Store) write(ctx context.Context, f func(*sqlx.Tx) error) error {
	tx, err := s.writer.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlite: begin: %w", translate(err))
	}
	defer tx.Rollback() // of no effect after a commit
	err = f(tx)
	if err == nil {
		if err = tx.Commit(); err != nil {
			err = fmt.Errorf("sqlite: commit: %w", translate(err))
		}
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // the context's end has rolled it back
		err = fmt.Errorf("sqlite: %w", ctx.Err())
	}
	return err
}

func read(ctx context.Context, tx *sqlx.Tx, id domain.UserID, about []domain.SessionID) (*domain.Account, error) {
	var user userRow
	if err := tx.GetContext(ctx, &user, `select `+userColumns+` from users where id = ?`, id); err != nil {
		return nil, err
	}
	var rows []sessionRow
	if ids := array(about); ids != "[]" {
		err := tx.SelectContext(ctx, &rows, `select `+sessionColumns+` from sessions
			where id in (select value from json_each(?)) and user_id = ?`, ids, id)
		if err != nil {
			return nil, err
		}
	}
	sessions := make([]domain.Session, len(rows))
	for i, row := range rows {
		sessions[i] = row.session()
	}
	return domain.NewAccount(user.user(), sessions...), nil
}

func save(ctx context.Context, tx *sqlx.Tx, id domain.UserID, c domain.Changes) error {
	if c.Deleted {
		_, err := tx.ExecContext(ctx, `delete from users where id = ?`, id) // the sessions go with it
		return err
	}
	if c.User != nil {
		_, err := tx.NamedExecContext(ctx, `update users set email = :email, password = :password, login_time = :login_time,
			logout_time = :logout_time, logout_reason = :logout_reason, roles = :roles, created_at = :created_at,
			verified_at = :verified_at, disabled_at = :disabled_at where id = :id`, rowOfUser(*c.User))
		if err != nil {
			return err
		}
	}
	for _, s := range c.Opened {
		_, err := tx.NamedExecContext(ctx, `insert into sessions (`+sessionColumns+`) values (:id, :user_id, :login_time,
			:created_at, :ended_at, :end_reason, :idle_until, :until, :refresh_count, :refreshed_at, :methods, :user_agent,
			:ip, :keep_until)`, rowOfSession(s))
		if err != nil {
			return err
		}
	}
	for _, s := range c.Changed {
		_, err := tx.NamedExecContext(ctx, `update sessions set login_time = :login_time, created_at = :created_at,
			ended_at = :ended_at, end_reason = :end_reason, idle_until = :idle_until, until = :until,
			refresh_count = :refresh_count, refreshed_at = :refreshed_at, methods = :methods, user_agent = :user_agent,
			ip = :ip, keep_until = :keep_until where id = :id`, rowOfSession(s))
		if err != nil {
			return err
		}
	}
	return nil
}
