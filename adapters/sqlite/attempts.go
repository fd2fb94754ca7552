package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Attempts = (*Store)(nil)

// Count is documented at application.Attempts. The lock is the file's one write lock; f runs once.
func (s *Store) Count(ctx context.Context, buckets []string, f func(empty []time.Time) []time.Time) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		empty := make([]time.Time, len(buckets))
		for i, name := range buckets {
			err := tx.GetContext(ctx, (*instant)(&empty[i]), `select empty_at from attempts where bucket = ?`, name)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("sqlite: count: %w", translate(err))
			}
		}
		was := slices.Clone(empty) // f may do with its own what it likes
		kept := f(empty)
		if kept == nil {
			return nil
		}
		for i, name := range buckets {
			if err := saveAttempts(ctx, tx, name, was[i], domain.Instant(kept[i])); err != nil {
				return fmt.Errorf("sqlite: count: %w", translate(err))
			}
		}
		return nil
	})
}

// saveAttempts writes what differs: a commit of nothing need not wait for the disk.
func saveAttempts(ctx context.Context, tx *sqlx.Tx, bucket string, was, kept time.Time) (err error) {
	switch {
	case kept.Equal(was):
	case kept.IsZero():
		_, err = tx.ExecContext(ctx, `delete from attempts where bucket = ?`, bucket)
	default:
		_, err = tx.ExecContext(ctx, `insert into attempts (bucket, empty_at) values (?, ?)
			on conflict (bucket) do update set empty_at = excluded.empty_at`, bucket, instant(kept))
	}
	return err
}

// Forget is documented at application.Attempts.
func (s *Store) Forget(ctx context.Context, before time.Time, n int) (removed int, _ error) {
	err := s.write(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `delete from attempts where bucket in
			(select bucket from attempts where empty_at < ? order by empty_at limit ?)`, instant(before), max(n, 0))
		if err != nil {
			return fmt.Errorf("sqlite: forget: %w", translate(err))
		}
		rows, err := result.RowsAffected()
		removed = int(rows)
		return err
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}
