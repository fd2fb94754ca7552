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

	// lockKeys makes those who add wait for each other; those who read go on.
	lockKeys = `LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE`

	addKey = `INSERT INTO signing_keys (` + keyColumns + `)
		SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT ($8 AND EXISTS (SELECT FROM signing_keys WHERE purpose = $2))
		ON CONFLICT (id) DO NOTHING`
)

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var rows []keyRow
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, allKeys)
	})
	if err != nil {
		return nil, translate(err)
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

// AddKey is documented at application.KeyStore.
func (s *Store) AddKey(ctx context.Context, key domain.Key, first bool) error {
	return translate(s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, lockKeys); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, addKey, key.ID, string(key.Purpose), key.Algorithm, key.Private,
			instant{key.CreatedAt}, instant{key.ActiveFrom}, instant{key.RetiredAt}, first)
		return err
	}))
}
