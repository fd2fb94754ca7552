package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

type keyRow struct {
	ID         string      `db:"id"`
	Purpose    domain.Kind `db:"purpose"`
	Algorithm  string      `db:"algorithm"`
	Private    []byte      `db:"private_key"`
	CreatedAt  instant     `db:"created_at"`
	ActiveFrom instant     `db:"active_from"`
	RetiredAt  instant     `db:"retired_at"`
}

const keyColumns = `id, purpose, algorithm, private_key, created_at, active_from, retired_at`

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	keys, err := everyKey(ctx, s.reader)
	if err != nil {
		return nil, fmt.Errorf("sqlite: keys: %w", translate(err))
	}
	return keys, nil
}

func everyKey(ctx context.Context, q sqlx.QueryerContext) ([]domain.Key, error) {
	var rows []keyRow
	err := sqlx.SelectContext(ctx, q, &rows, `select `+keyColumns+` from signing_keys order by created_at, id`)
	if err != nil {
		return nil, err
	}
	keys := make([]domain.Key, len(rows))
	for i, r := range rows {
		keys[i] = domain.Key{
			ID: r.ID, Purpose: r.Purpose, Algorithm: r.Algorithm, Private: r.Private, CreatedAt: time.Time(r.CreatedAt),
			ActiveFrom: time.Time(r.ActiveFrom), RetiredAt: time.Time(r.RetiredAt),
		}
	}
	return keys, nil
}

// ChangeKeys is documented at application.KeyStore. The lock is the file's one write lock; f runs once.
func (s *Store) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		keys, err := everyKey(ctx, tx)
		if err != nil {
			return fmt.Errorf("sqlite: change keys: %w", translate(err))
		}
		ring := domain.NewRing(keys...)
		if err := f(ring); err != nil {
			return err
		}
		if err := saveKeys(ctx, tx, ring.Changes()); err != nil {
			return fmt.Errorf("sqlite: change keys: %w", translate(err))
		}
		return nil
	})
}

func saveKeys(ctx context.Context, tx *sqlx.Tx, c domain.RingChanges) error {
	for _, key := range c.Changed {
		_, err := tx.NamedExecContext(ctx, `update signing_keys set purpose = :purpose, algorithm = :algorithm,
			private_key = :private_key, created_at = :created_at, active_from = :active_from, retired_at = :retired_at
			where id = :id`, rowOf(key))
		if err != nil {
			return err
		}
	}
	for _, key := range c.Added {
		_, err := tx.NamedExecContext(ctx, `insert into signing_keys (`+keyColumns+`)
			values (:id, :purpose, :algorithm, :private_key, :created_at, :active_from, :retired_at)`, rowOf(key))
		if err != nil {
			return err
		}
	}
	return nil
}

func rowOf(key domain.Key) keyRow {
	return keyRow{
		ID: key.ID, Purpose: key.Purpose, Algorithm: key.Algorithm, Private: key.Private,
		CreatedAt: instant(key.CreatedAt), ActiveFrom: instant(key.ActiveFrom), RetiredAt: instant(key.RetiredAt),
	}
}
