package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

const (
	// remains is what says whether a session is over. The logout is a subquery and no join, which for any number of
	// sessions would be planned as a reading of all users.
	remains = `SELECT id, login_time, ended_at, idle_until, until,
		(SELECT logout_time FROM users WHERE users.id = sessions.user_id) AS logout_time FROM sessions`

	// walk has longest and one more in it for the planner, which for any number expects a tenth of the table, and compiles.
	walk = `SELECT * FROM (` + remains + ` WHERE id >= $1 ORDER BY id LIMIT 1001) first ORDER BY id LIMIT $2`

	// lockOver locks what nobody else is writing, and shows it as it is then.
	lockOver = remains + ` WHERE id = ANY($1) FOR UPDATE SKIP LOCKED`

	// longest is how many sessions one call looks at, at most.
	longest = 1000

	deleteSessions = `DELETE FROM sessions WHERE id = ANY($1)`
)

// remainsRow is a row of remains.
type remainsRow struct {
	ID         string  `db:"id"`
	LoginTime  instant `db:"login_time"`
	EndedAt    instant `db:"ended_at"`
	IdleUntil  instant `db:"idle_until"`
	Until      instant `db:"until"`
	LogoutTime instant `db:"logout_time"`
}

// over returns the IDs of those that are over since before.
func over(rows []remainsRow, before time.Time) pq.StringArray {
	var ids pq.StringArray
	for _, r := range rows {
		session := domain.Session{
			LoginTime: r.LoginTime.Time, EndedAt: r.EndedAt.Time, IdleUntil: r.IdleUntil.Time, Until: r.Until.Time,
		}
		if session.OverSince(domain.User{LogoutTime: r.LogoutTime.Time}, before) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Purge is documented at application.Store. It looks at a thousand at most, without a lock, and begins a transaction
// only if some of them are over. It keeps the log of changes short, too.
func (s *Store) Purge(
	ctx context.Context, before time.Time, after domain.SessionID, n int,
) (domain.SessionID, int, error) {
	first, any := following(string(after))
	if !any {
		return "", 0, translate(ctx.Err())
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	if err := s.shorten(ctx); err != nil {
		return after, 0, translate(err)
	}
	n = min(max(n, 0), longest)
	var rows []remainsRow
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, walk, first, n+1) // is there anything after them?
	})
	if err != nil {
		return after, 0, translate(err)
	}
	last := domain.SessionID("")
	if len(rows) > n {
		rows, last = rows[:n], after
		if n > 0 {
			last = domain.SessionID(rows[n-1].ID)
		}
	}
	ids := over(rows, before)
	if len(ids) == 0 {
		return last, 0, nil
	}
	removed, err := s.remove(ctx, before, ids)
	if err != nil {
		return after, 0, translate(err)
	}
	return last, removed, nil
}

// remove removes those of the sessions that are over still, once nobody can change them any more.
func (s *Store) remove(ctx context.Context, before time.Time, ids pq.StringArray) (removed int, _ error) {
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		var rows []remainsRow
		if err := tx.SelectContext(ctx, &rows, lockOver, ids); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, deleteSessions, texts(over(rows, before)))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		removed = int(n)
		return err
	})
	return removed, err
}

// following returns the first UUID that comes after a text in the order of bytes, which PostgreSQL's order of UUIDs is
// too; false when none does.
func following(text string) (first string, any bool) {
	const least = "00000000-0000-0000-0000-000000000000"
	characters := func(i int) string {
		if least[i] == '-' {
			return "-"
		}
		return "0123456789abcdef"
	}
	i := 0 // how far a UUID can begin as the text does
	for i < len(least) && i < len(text) && strings.IndexByte(characters(i), text[i]) >= 0 {
		i++
	}
	if i == len(text) && i < len(least) {
		return text + least[i:], true
	}
	for i = min(i, len(least)-1); i >= 0; i-- {
		for _, c := range characters(i) {
			if c > rune(text[i]) {
				return text[:i] + string(c) + least[i+1:], true
			}
		}
	}
	return "", false
}
