package postgres

import (
	"context"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

// keyRow is a row of signing_keys.
type keyRow struct {
	ID         string  `db:"id"`
	Purpose    string  `db:"purpose"`
	Algorithm  string  `db:"algorithm"`
	PrivateKey []byte  `db:"private_key"`
	CreatedAt  instant `db:"created_at"`
	ActiveFrom instant `db:"active_from"`
	RetiredAt  instant `db:"retired_at"`
}

const (
	keyColumns = `id, purpose, algorithm, private_key, created_at, active_from, retired_at`

	allKeys = `SELECT ` + keyColumns + ` FROM signing_keys ORDER BY created_at NULLS FIRST, id`

	// lockKeys makes those who write wait for each other; those who read go on. It is a statement of its own: what is
	// read after it shows what the one who waited for has written.
	lockKeys = `LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE`

	addKey = `INSERT INTO signing_keys (` + keyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`

	saveKey = `UPDATE signing_keys SET purpose = $2, algorithm = $3, private_key = $4, created_at = $5, active_from = $6,
		retired_at = $7 WHERE id = $1`
)

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var keys []domain.Key
	err := s.again(func() (err error) {
		keys, err = everyKey(ctx, s.db)
		return err
	})
	return keys, translate(err)
}

func everyKey(ctx context.Context, q sqlx.QueryerContext) ([]domain.Key, error) {
	var rows []keyRow
	if err := sqlx.SelectContext(ctx, q, &rows, allKeys); err != nil {
		return nil, err
	}
	keys := make([]domain.Key, len(rows))
	for i, r := range rows {
		keys[i] = domain.Key{
			ID: r.ID, Purpose: domain.Kind(r.Purpose), Algorithm: r.Algorithm, Private: r.PrivateKey,
			CreatedAt: r.CreatedAt.Time, ActiveFrom: r.ActiveFrom.Time, RetiredAt: r.RetiredAt.Time,
		}
	}
	return keys, nil
}

// ChangeKeys is documented at application.KeyStore.
func (s *Store) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	var own error // f's, of the last run
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		own = nil
		if _, err := tx.ExecContext(ctx, lockKeys); err != nil {
			return err
		}
		keys, err := everyKey(ctx, tx)
		if err != nil {
			return err
		}
		ring := domain.NewRing(keys...)
		if own = f(ring); own != nil {
			return own
		}
		return saveKeys(ctx, tx, ring.Changes())
	})
	if own != nil {
		return own
	}
	return translate(err)
}

func saveKeys(ctx context.Context, tx *sqlx.Tx, c domain.RingChanges) error {
	for _, key := range c.Changed {
		if err := one(tx.ExecContext(ctx, saveKey, keyValues(key)...)); err != nil {
			return err
		}
	}
	for _, key := range c.Added {
		if err := one(tx.ExecContext(ctx, addKey, keyValues(key)...)); err != nil {
			return err
		}
	}
	return nil
}

func keyValues(k domain.Key) []any {
	return []any{
		k.ID, string(k.Purpose), k.Algorithm, k.Private, instant{k.CreatedAt}, instant{k.ActiveFrom}, instant{k.RetiredAt},
	}
}
