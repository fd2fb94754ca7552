package postgres

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Attempts = (*Store)(nil)

const (
	// lockBuckets locks names rather than rows: a bucket that nobody has tried has no row, and most have none. The
	// order is everybody's, so that nobody waits in a circle; two names of one number are locked together, no more.
	lockBuckets = `SELECT pg_advisory_xact_lock(n) FROM
		(SELECT DISTINCT hashtextextended(b COLLATE "C", 0) AS n FROM unnest($1::text[]) b ORDER BY n) numbers`

	// readBuckets is a statement of its own: that of the locks would show what was there before they waited.
	readBuckets = `SELECT bucket, empty_at FROM attempts WHERE bucket = ANY($1)`

	// saveBuckets removes and sets, neither of them the other's, in one exchange.
	saveBuckets = `WITH emptied AS (DELETE FROM attempts WHERE bucket = ANY($1))
		INSERT INTO attempts (bucket, empty_at) SELECT * FROM unnest($2::text[], $3::timestamptz[])
		ON CONFLICT (bucket) DO UPDATE SET empty_at = excluded.empty_at`

	// forgetBuckets leaves alone what somebody is writing, and takes no number that would hold up Count: what Count
	// finds forgotten it writes anew. The thousand is for the planner, which for any number reads the whole table.
	forgetBuckets = `WITH drained AS MATERIALIZED (SELECT bucket FROM
			(SELECT bucket FROM attempts WHERE empty_at < $1 ORDER BY empty_at LIMIT 1000 FOR UPDATE SKIP LOCKED) first LIMIT $2)
		DELETE FROM attempts USING drained WHERE attempts.bucket = drained.bucket AND empty_at < $1`
)

// Count is documented at application.Attempts.
func (s *Store) Count(ctx context.Context, buckets []string, f func(empty []time.Time) []time.Time) error {
	return translate(s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		names := pq.StringArray(buckets)
		if _, err := tx.ExecContext(ctx, lockBuckets, names); err != nil {
			return err
		}
		var rows []struct {
			Bucket  string  `db:"bucket"`
			EmptyAt instant `db:"empty_at"`
		}
		if err := tx.SelectContext(ctx, &rows, readBuckets, names); err != nil {
			return err
		}
		was := make(map[string]time.Time, len(rows))
		for _, r := range rows {
			was[r.Bucket] = r.EmptyAt.Time
		}
		empty := make([]time.Time, len(buckets))
		for i, name := range buckets {
			empty[i] = was[name]
		}
		kept := f(empty)
		if kept == nil {
			return nil
		}
		return saveAttempts(ctx, tx, buckets, was, kept)
	}))
}

// saveAttempts writes what differs.
func saveAttempts(ctx context.Context, tx *sqlx.Tx, buckets []string, was map[string]time.Time, kept []time.Time) error {
	var emptied, set, times pq.StringArray
	for i, name := range buckets {
		switch t := domain.Instant(kept[i]); {
		case t.Equal(was[name]):
		case t.IsZero():
			emptied = append(emptied, name)
		default:
			set, times = append(set, name), append(times, string(pq.FormatTimestamp(t)))
		}
	}
	if len(emptied)+len(set) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, saveBuckets, texts(emptied), texts(set), texts(times))
	return err
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
