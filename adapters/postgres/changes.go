package postgres

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

const (
	// server is where a snapshot means something: this run of this server (see migration 00006), this table of this
	// database. The table's file is another one after the database was replaced, by a copy too, and after somebody emptied
	// the log.
	server = `pg_postmaster_start_time()::text || ' ' || pg_relation_filepath('changes') || ' ' || k.run`

	// triggers are those that write the log. One that was dropped or switched off is not among them, and one that was off
	// for a moment has a newer row.
	triggers = `(SELECT ' ' || count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) FROM pg_trigger
		WHERE tgrelid IN ('users'::regclass, 'sessions'::regclass) AND tgfoid = 'porteiro_changed'::regproc AND tgenabled = 'A')`

	// beginning is the first look at the log. It shows nothing when a trigger is missing or off: then the log is not whole.
	beginning = `SELECT pg_current_snapshot()::text, ` + server + `, t FROM changes_kept k, ` + triggers + ` triggers (t) WHERE k.one AND t LIKE ' 6 %'`

	// changed shows whether the log goes back to a snapshot, and whom the transactions changed that were not seen in it and
	// are now: those that were at work then, however long ago they began, and have ended, and those that came after. A
	// server that is behind the snapshot was set back. A standby's snapshot does not say who was at work.
	changed = `SELECT pg_current_snapshot()::text, ` + server + since
	// guarded shows the triggers too.
	guarded = `SELECT pg_current_snapshot()::text, ` + server + ` || ` + triggers + since
	since   = `,
			k.since <= pg_snapshot_xmin($1::pg_snapshot) AND pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
				AND (pg_snapshot_xmin($1::pg_snapshot) = pg_snapshot_xmax($1::pg_snapshot) OR EXISTS (SELECT pg_snapshot_xip($1::pg_snapshot))),
			c.xid IS NOT NULL, c.user_id
		FROM changes_kept k LEFT JOIN LATERAL (
			SELECT xid, user_id FROM changes WHERE xid >= pg_snapshot_xmax($1::pg_snapshot)
			UNION ALL SELECT xid, user_id FROM changes WHERE xid = ANY (ARRAY(
				SELECT x FROM pg_snapshot_xip($1::pg_snapshot) x WHERE pg_visible_in_snapshot(x, pg_current_snapshot())))
			LIMIT 10000) c ON true
		WHERE k.one`

	// glance is how long the triggers are not looked at, which would take a sixth of each question: for so long a change is
	// not heard of that somebody makes while a trigger is off.
	glance = time.Second
	// crowd is the number in changed: whoever hears of so many has not heard of all.
	crowd = 10000

	// rest is for how long there is no memory when the log is of no use: whoever asks for it may wait as long as a lock can.
	rest = 30 * time.Second

	// due shows whether keepMore has something to do, and trim.
	due = `SELECT NOT EXISTS (SELECT FROM changes_kept WHERE decided_at >= clock_timestamp() - interval '10 minutes'),
		coalesce((SELECT xid FROM changes ORDER BY xid LIMIT 1) < (SELECT since FROM changes_kept WHERE one), false)`

	// keepMore moves the beginning of the log to where it was decided to be ten minutes ago at least, and decides anew. After
	// a crash it begins another run.
	keepMore = `INSERT INTO changes_kept AS k (since, next, decided_at) SELECT x, x, clock_timestamp() FROM pg_snapshot_xmin(pg_current_snapshot()) x
		ON CONFLICT (one) DO UPDATE SET since = k.next, next = excluded.next, decided_at = excluded.decided_at
		WHERE k.decided_at < clock_timestamp() - interval '10 minutes'`

	// trim removes what lies before the beginning, a piece at a time.
	trim = `DELETE FROM changes WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM changes WHERE xid < (SELECT since FROM changes_kept WHERE one) ORDER BY xid LIMIT 10000))`
	// piece is the number in trim, and pieces how many of them one call removes.
	piece, pieces = 10000, 10
)

// standings answers from the memory if it has all that is asked for and the database says, in a snapshot that begins now,
// that none of it has changed; else it is one read of all, so that the answers are of one snapshot in either case. A
// connection may be to another server than the one before it was: it says so itself, in the same answer, so that the memory
// outlives those that are renewed.
func (m *memory) standings(ctx context.Context, c *connection, ids pq.StringArray) (map[domain.SessionID]domain.Standing, error) {
	all := m.snapshot != ""
	for _, id := range ids {
		all = all && m.has(domain.SessionID(id))
	}
	if m.snapshot == "" && m.now().Before(m.rest) {
		return c.standings(ctx, ids)
	}
	if all || m.snapshot == "" || c.server != m.server {
		if err := m.follow(ctx, c); err != nil {
			return nil, err
		}
	}
	if all {
		if found := m.recall(ids); found != nil {
			return found, nil
		}
	}
	found, err := c.standings(ctx, ids)
	if err != nil || m.snapshot == "" {
		return found, err
	}
	for _, st := range found {
		m.keep(st)
	}
	return found, nil
}

// recall returns what is remembered of all, or nil when something has been forgotten.
func (m *memory) recall(ids pq.StringArray) map[domain.SessionID]domain.Standing {
	found := make(map[domain.SessionID]domain.Standing, len(ids))
	for _, id := range ids {
		st, there := m.standing(domain.SessionID(id))
		if !there {
			return nil
		}
		found[st.Session] = st
	}
	return found
}

// follow brings the memory to a snapshot that begins now: it forgets whom the log names, and everything when the log does
// not go back to its own snapshot, has too much to say, or is another server's. Without a log there is no memory. Nor is
// there after an error: what the server had no time for would take it longer each time.
func (m *memory) follow(ctx context.Context, c *connection) error {
	if m.snapshot == "" {
		return m.start(ctx, c)
	}
	question, same := changed, m.server
	if now := m.now(); !now.Before(m.glanced.Add(glance)) {
		question, same, m.glanced = guarded, m.server+m.triggers, now
	}
	var snapshot string
	whole, rows := false, 0
	err := c.each(ctx, question, []driver.NamedValue{{Ordinal: 1, Value: m.snapshot}}, 5, func(v *values) {
		rows++
		snapshot = take[string](v)
		here := take[string](v) == same
		whole = take[bool](v) && here && rows < crowd
		if !take[bool](v) {
			return // nothing has changed
		}
		if v.row[0] == nil {
			m.forget() // everybody
			return
		}
		m.forgetUser(domain.UserID(take[[]byte](v)))
	})
	if err != nil {
		return m.without(err)
	}
	if !whole || m.snapshot == "" {
		return m.start(ctx, c)
	}
	m.snapshot, c.server = snapshot, m.server
	return nil
}

// start begins with an empty memory.
func (m *memory) start(ctx context.Context, c *connection) error {
	m.forget()
	c.server = ""
	err := c.each(ctx, beginning, nil, 3, func(v *values) {
		m.begin(take[string](v), take[string](v), take[string](v))
		m.glanced, c.server = m.now(), m.server
	})
	if err != nil || m.snapshot == "" {
		return m.without(err)
	}
	return nil
}

// without goes on without a memory, and asks the log no more for a while: there is none, or somebody has it to themselves.
// An error that the server tells is not the sessions', which are read then; any other one is the connection's.
func (m *memory) without(err error) error {
	m.forget()
	if err != nil && pq.As(err) == nil {
		return err
	}
	m.rest = m.now().Add(rest)
	return nil
}

// shorten removes what is old of the log. Mostly there is nothing, so it looks first.
func (s *Store) shorten(ctx context.Context) error {
	var more, old bool
	err := s.again(func() error { return s.db.QueryRowContext(ctx, due).Scan(&more, &old) })
	if err == nil && more {
		old = true // by then
		err = s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
			_, err := tx.ExecContext(ctx, keepMore)
			return err
		})
	}
	if !old {
		return err
	}
	for n, removed := 0, int64(piece); err == nil && n < pieces && removed == piece; n++ {
		err = s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
			result, err := tx.ExecContext(ctx, trim)
			if err != nil {
				return err
			}
			removed, err = result.RowsAffected()
			return err
		})
	}
	return err
}
