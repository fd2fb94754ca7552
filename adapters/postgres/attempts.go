package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/application"
)

var _ application.Attempts = (*Store)(nil)

const (
	// countBuckets is a function, so that it has one snapshot for its locks and a later one for its read: see the migration.
	countBuckets = `SELECT porteiro_count($1, $2, $3, $4, $5)`

	// lockBuckets locks names rather than rows: a bucket that nobody has tried has no row, and most have none. The
	// order is everybody's, so that nobody waits in a circle; two names of one number are locked together, no more.
	lockBuckets = `SELECT pg_advisory_xact_lock(n) FROM
		(SELECT DISTINCT hashtextextended(b COLLATE "C", 0) AS n FROM unnest($1::text[]) b ORDER BY n) numbers`

	// readBuckets is a statement of its own: that of the locks would show what was there before they waited.
	readBuckets = `SELECT bucket, empty_at FROM attempts WHERE bucket = ANY($1)`

	// forgetBuckets leaves alone what somebody is writing, and takes no number that would hold up Count: what Count
	// finds forgotten it writes anew. The thousand is for the planner, which for any number reads the whole table.
	forgetBuckets = `WITH drained AS MATERIALIZED (SELECT bucket FROM
			(SELECT bucket FROM attempts WHERE empty_at < $1 ORDER BY empty_at LIMIT 1000 FOR UPDATE SKIP LOCKED) first LIMIT $2)
		DELETE FROM attempts USING drained WHERE attempts.bucket = drained.bucket AND empty_at < $1`
)

// errForgotten says that a bucket is gone since it was read under the locks: forgetting takes none of them.
var errForgotten = errors.New("postgres: a bucket was forgotten meanwhile")

// races is how often a Count asks f without the locks.
const races = 3

// Count is documented at application.Attempts. What f is shown first is what this store last knew, and most often it is so
// still: then one exchange compares and keeps. Nothing is decided by what was not so: what is kept was compared under the
// locks, and where nothing is to be kept f has seen what was read.
//
// Its commit alone waits neither for the disk nor for a standby. A crash of the server may forget the tries of its last
// second (three times its wal_writer_delay), and a failover those that the standby had not heard of.
func (s *Store) Count(ctx context.Context, buckets []string, f func(empty []time.Time) []time.Time) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	leave, err := s.lanes.enter(ctx, buckets)
	if err != nil {
		return translate(err)
	}
	defer leave() // also when f panics
	was, seen := s.guesses.of(buckets), false
	for range races {
		d := differ(buckets, was, f(slices.Clone(was)))
		switch {
		case d == nil && seen:
			return nil
		case d == nil:
			was, err = s.look(ctx, buckets)
		default:
			var there instants
			if there, err = s.compare(ctx, d); err == nil && there == nil {
				s.guesses.learn(buckets, d.kept)
				return nil
			}
			if lost(err) || gone(err) || err == nil && len(there) != len(buckets) {
				return s.countLocked(ctx, d, gone(err), f)
			}
			was = there
		}
		if err != nil {
			return translate(err)
		}
		seen = true
		s.guesses.learn(buckets, was)
	}
	return s.countLocked(ctx, &difference{buckets: buckets}, false, f)
}

// look reads what is there, in its turn: refusals too must leave connections to those who ask about standings.
func (s *Store) look(ctx context.Context, buckets []string) (was []time.Time, _ error) {
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	err = s.again(func() (err error) {
		was, err = readAttempts(ctx, s.db, buckets)
		return err
	})
	return was, err
}

// compare keeps a difference, and answers nil, or what is there instead of what it was made of. It is sent once: on a
// connection of its own database/sql repeats nothing.
func (s *Store) compare(ctx context.Context, d *difference) (there instants, _ error) {
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := s.db.Connx(context.WithValue(ctx, sentOnce{}, true))
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	err = c.GetContext(ctx, &there, countBuckets, d.arguments()...)
	if err != nil && !gone(err) && pq.As(err) == nil {
		err = fmt.Errorf("%w: %w", errUnknown, err)
	}
	return there, err
}

// countLocked takes the locks before it asks f: a crowd on one bucket gets through. In doubt, when nobody can say whether
// the difference was kept, it goes on only if what the difference was made of is there still: whatever is under way
// compares with that too, and finds it no more, unless all of it was taken back before: then a try counts once more.
func (s *Store) countLocked(ctx context.Context, d *difference, doubt bool, f func(empty []time.Time) []time.Time) error {
	var kept []time.Time
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, lockBuckets, pq.StringArray(d.buckets)); err != nil {
			return err
		}
		there, err := readAttempts(ctx, tx, d.buckets)
		if err != nil {
			return err
		}
		if doubt && !slices.EqualFunc(there, d.was, time.Time.Equal) {
			return errUnknown
		}
		kept = there
		found := differ(d.buckets, there, f(slices.Clone(there)))
		if found == nil {
			return nil
		}
		kept = found.kept
		var other instants
		if err := tx.GetContext(ctx, &other, countBuckets, found.arguments()...); err != nil {
			return err
		}
		if other != nil {
			return errForgotten
		}
		return nil
	})
	if err == nil {
		s.guesses.learn(d.buckets, kept)
	}
	return translate(err)
}

// readAttempts reads when the buckets are empty, in their order.
func readAttempts(ctx context.Context, db sqlx.QueryerContext, buckets []string) ([]time.Time, error) {
	var rows []struct {
		Bucket  string  `db:"bucket"`
		EmptyAt instant `db:"empty_at"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, readBuckets, pq.StringArray(buckets)); err != nil {
		return nil, err
	}
	found := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		found[r.Bucket] = r.EmptyAt.Time
	}
	empty := make([]time.Time, len(buckets))
	for i, name := range buckets {
		empty[i] = found[name]
	}
	return empty, nil
}

// Forget is documented at application.Attempts. It removes a thousand at most.
func (s *Store) Forget(ctx context.Context, before time.Time, n int) (int, error) {
	var removed int64
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, forgetBuckets, instant{before}, max(n, 0))
		if err != nil {
			return err
		}
		removed, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, translate(err)
	}
	return int(removed), nil
}
