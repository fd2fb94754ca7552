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

// Keys is documented at application.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]domain.Key, error) {
	var rows []keyRow
	err := s.reader.SelectContext(ctx, &rows, `select id, purpose, algorithm, private_key, created_at, active_from, retired_at
		from signing_keys order by created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("sqlite: keys: %w", translate(err))
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

// AddKey is documented at application.KeyStore.
func (s *Store) AddKey(ctx context.Context, key domain.Key, first bool) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		var there bool
		err := tx.GetContext(ctx, &there, `select exists (select 1 from signing_keys where id = ? or ? and purpose = ?)`,
			key.ID, first, key.Purpose)
		if err != nil {
			return fmt.Errorf("sqlite: add key: %w", translate(err))
		}
		if there {
			return nil
		}
		_, err = tx.NamedExecContext(ctx, `insert into signing_keys
			(id, purpose, algorithm, private_key, created_at, active_from, retired_at)
			values (:id, :purpose, :algorithm, :private_key, :created_at, :active_from, :retired_at)`, keyRow{
			ID: key.ID, Purpose: key.Purpose, Algorithm: key.Algorithm, Private: key.Private,
			CreatedAt: instant(key.CreatedAt), ActiveFrom: instant(key.ActiveFrom), RetiredAt: instant(key.RetiredAt),
		})
		if err != nil {
			return fmt.Errorf("sqlite: add key: %w", translate(err))
		}
		return nil
	})
}
