package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

const (
	addUser = `INSERT INTO users (` + userColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`

	userByEmail = `SELECT ` + userColumns + ` FROM users WHERE email = $1`

	userPage = `SELECT ` + userColumns + ` FROM users WHERE email > $1 ORDER BY email LIMIT $2`
)

// Add is documented at application.Store.
func (s *Store) Add(ctx context.Context, user domain.User) error {
	if !storable(string(user.Email)) {
		return &domain.Denied{Refusal: domain.EmailInvalid, Field: "email"}
	}
	return translate(s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, addUser, userValues(user)...)
		return err
	}))
}

// ByEmail is documented at application.Store.
func (s *Store) ByEmail(ctx context.Context, email domain.Email) (domain.User, error) {
	if !storable(string(email)) {
		return domain.User{}, domain.NotFound
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	done, err := s.turn(ctx)
	if err != nil {
		return domain.User{}, translate(err)
	}
	defer done()
	var row userRow
	err = s.again(func() error { return s.db.GetContext(ctx, &row, userByEmail, string(email)) })
	if errors.Is(err, sql.ErrNoRows) {
		return domain.User{}, domain.NotFound
	}
	if err != nil {
		return domain.User{}, translate(err)
	}
	return row.user(), nil
}

// Page is documented at application.Store.
func (s *Store) Page(ctx context.Context, after domain.Email, n int) ([]domain.User, error) {
	if n <= 0 {
		return nil, nil
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var rows []userRow
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, userPage, bound(string(after)), n)
	})
	if err != nil {
		return nil, translate(err)
	}
	users := make([]domain.User, len(rows))
	for i, row := range rows {
		users[i] = row.user()
	}
	return users, nil
}

// again repeats a read, once, whose prepared statement went stale: a migration changed the table under it.
func (s *Store) again(read func() error) error {
	err := read()
	if lost(err) {
		err = read()
	}
	return err
}

// bound makes text of what emails are compared with: in the order of bytes the same ones come after it. NUL is before
// everything that an email can hold, and what is not UTF-8 after it.
func bound(s string) string {
	if nul := strings.IndexByte(s, 0); nul >= 0 {
		s = s[:nul]
	}
	for i, r := range s {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
			return s[:i] + string(utf8.MaxRune)
		}
	}
	return s
}
