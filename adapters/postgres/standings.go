package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

// standings is one statement, so one snapshot, and reads no more than the rule does. It answers in ordinals: the
// caller knows the ids.
const (
	standings = `SELECT a.n, ` + standingColumns + `
		FROM unnest($1::uuid[]) WITH ORDINALITY a (id, n) JOIN sessions s ON s.id = a.id JOIN users u ON u.id = s.user_id`

	// standingOfOne spares a request that asks alone the array.
	standingOfOne = `SELECT 1, ` + standingColumns + ` FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`

	standingColumns = `s.login_time, s.ended_at IS NOT NULL, s.idle_until, s.until,
		s.user_id, u.email, u.roles, u.logout_time, u.disabled_at IS NOT NULL`
)

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

// standings asks lib/pq's own connection, past database/sql, which would convert every value once more by reflection:
// this is the read of every request. What database/sql does for a read is done here: a connection that turns out to be
// broken before it answered gives way to another one, and after all of the pool to a new one. Whoever finds the memory
// in use reads without it.
func (s *Store) standings(ctx context.Context, ids pq.StringArray) (found map[domain.SessionID]domain.Standing, err error) {
	read := func(ctx context.Context, c *connection, ids pq.StringArray) (map[domain.SessionID]domain.Standing, error) {
		return c.standings(ctx, ids)
	}
	if s.memory.most > 0 && s.memory.mu.TryLock() {
		defer s.memory.mu.Unlock()
		read = s.memory.standings
	}
	for range s.pool + 1 {
		err = s.raw(ctx, func(c *connection) (err error) {
			found, err = read(ctx, c, ids)
			return err
		})
		if !gone(err) {
			break
		}
	}
	return found, err
}

// raw lends a connection of the pool.
func (s *Store) raw(ctx context.Context, f func(*connection) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back
	return conn.Raw(func(driverConn any) error { return f(driverConn.(*connection)) })
}

func (c *connection) standings(ctx context.Context, ids pq.StringArray) (map[domain.SessionID]domain.Standing, error) {
	query, about := standingOfOne, any(ids[0])
	if len(ids) > 1 {
		query = standings
		text, err := ids.Value()
		if err != nil {
			return nil, err
		}
		about = text
	}
	found := make(map[domain.SessionID]domain.Standing, len(ids))
	err := c.each(ctx, query, []driver.NamedValue{{Ordinal: 1, Value: about}}, 10, func(v *values) {
		n, st := standingOf(v)
		if v.err != nil {
			return
		}
		st.Session = domain.SessionID(ids[n-1])
		found[st.Session] = st
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// each asks and gives every row of so many columns to f.
func (c *connection) each(ctx context.Context, query string, args []driver.NamedValue, columns int, f func(*values)) error {
	rows, err := c.QueryContext(ctx, query, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Next has what matters
	row := make([]driver.Value, columns)
	var v values
	for {
		switch err := rows.Next(row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return c.judge(err)
		}
		v = values{row: row}
		if f(&v); v.err != nil {
			return v.err
		}
	}
}

// standingOf reads a row of standingColumns behind its ordinal.
func standingOf(v *values) (n int64, st domain.Standing) {
	n = take[int64](v)
	st.LoginTime = v.instant()
	st.Ended = take[bool](v)
	st.IdleUntil, st.Until = v.instant(), v.instant()
	st.User = domain.UserID(take[[]byte](v)) // lib/pq does not know what a uuid is
	st.Email = domain.Email(take[string](v))
	st.Roles = v.roles()
	st.LogoutTime = v.instant()
	st.Disabled = take[bool](v)
	return n, st
}

// values is what lib/pq decoded of a row, to be taken one after the other.
type values struct {
	row []driver.Value
	err error
}

func take[T any](v *values) T {
	next, ok := v.row[0].(T)
	if !ok && v.err == nil {
		v.err = fmt.Errorf("a %T came where there should be a %T", v.row[0], next)
	}
	v.row = v.row[1:]
	return next
}

func (v *values) instant() time.Time {
	if v.row[0] == nil {
		v.row = v.row[1:]
		return time.Time{}
	}
	return domain.Instant(take[time.Time](v))
}

func (v *values) roles() []domain.Role {
	text := take[[]byte](v)
	if v.err != nil || string(text) == "{}" { // most have none
		return nil
	}
	var names pq.StringArray
	if v.err = names.Scan(text); v.err != nil {
		return nil
	}
	return named[domain.Role](names)
}
