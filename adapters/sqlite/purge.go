package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

// remains is what says whether a session is over. The cross join keeps the order: each session, its user.
const remains = `select s.id, s.login_time, s.ended_at, s.idle_until, s.until, s.keep_until, u.logout_time
	from sessions as s cross join users as u on u.id = s.user_id `

type remainsRow struct {
	ID         domain.SessionID `db:"id"`
	LoginTime  instant          `db:"login_time"`
	EndedAt    instant          `db:"ended_at"`
	IdleUntil  instant          `db:"idle_until"`
	Until      instant          `db:"until"`
	KeepUntil  instant          `db:"keep_until"`
	LogoutTime instant          `db:"logout_time"`
}

// over returns the IDs of those that are over since before.
func over(rows []remainsRow, before time.Time) []domain.SessionID {
	var ids []domain.SessionID
	for _, r := range rows {
		session := domain.Session{
			LoginTime: time.Time(r.LoginTime), EndedAt: time.Time(r.EndedAt), IdleUntil: time.Time(r.IdleUntil),
			Until: time.Time(r.Until), KeepUntil: time.Time(r.KeepUntil),
		}
		if session.OverSince(domain.User{LogoutTime: time.Time(r.LogoutTime)}, before) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Purge is documented at application.Store. It looks as a reader, and becomes the one who writes only if some are over.
func (s *Store) Purge(
	ctx context.Context, before time.Time, after domain.SessionID, n int,
) (domain.SessionID, int, error) {
	n = min(max(n, 0), math.MaxInt32)
	var rows []remainsRow
	err := s.reader.SelectContext(ctx, &rows, remains+`where s.id > ? order by s.id limit ?`, after, n+1) // is there more?
	if err != nil {
		return after, 0, fmt.Errorf("sqlite: purge: %w", translate(err))
	}
	last := domain.SessionID("")
	if len(rows) > n {
		rows, last = rows[:n], after
		if n > 0 {
			last = rows[n-1].ID
		}
	}
	ids := over(rows, before)
	if len(ids) == 0 {
		return last, 0, nil
	}
	removed := 0
	err = s.write(ctx, func(tx *sqlx.Tx) (err error) {
		removed, err = remove(ctx, tx, before, ids)
		return err
	})
	if err != nil {
		return after, 0, err
	}
	return last, removed, nil
}

// remove removes those of the sessions that are over still, now that nobody else can change them.
func remove(ctx context.Context, tx *sqlx.Tx, before time.Time, ids []domain.SessionID) (int, error) {
	var rows []remainsRow
	err := tx.SelectContext(ctx, &rows, remains+`where s.id in (select value from json_each(?))`, array(ids))
	if err != nil {
		return 0, fmt.Errorf("sqlite: purge: %w", translate(err))
	}
	result, err := tx.ExecContext(ctx, `delete from sessions where id in (select value from json_each(?))`,
		array(over(rows, before)))
	if err != nil {
		return 0, fmt.Errorf("sqlite: purge: %w", translate(err))
	}
	n, err := result.RowsAffected()
	return int(n), err
}
