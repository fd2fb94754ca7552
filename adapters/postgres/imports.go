package postgres

import (
	"context"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/porteiro/porteiro/domain"
)

type importedRow struct {
	Key      string  `db:"key"`
	User     string  `db:"user_id"`
	Subject  string  `db:"subject"`
	Address  string  `db:"address"`
	Password string  `db:"password"`
	Refused  instant `db:"refused"`
}

func importedValues(i domain.Imported) []any {
	return []any{i.Key, string(i.User), i.Subject, i.Address, i.Password, instant{i.Refused}}
}

func (r importedRow) imported() domain.Imported {
	return domain.Imported{
		Key: r.Key, User: domain.UserID(r.User), Subject: r.Subject, Address: r.Address, Password: r.Password, Refused: r.Refused.Time,
	}
}

const (
	addImported = `INSERT INTO imported (key, user_id, subject, address, password, refused) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (key) DO NOTHING`

	addUnlessTaken = `INSERT INTO users (` + userColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`

	forgetImported = `DELETE FROM imported WHERE key = $1`

	// arrivals is each of those that are asked for beside their user, of whom everything is empty when there is none.
	arrivals = `SELECT i.key AS "i.key", i.user_id AS "i.user_id", i.subject AS "i.subject", i.address AS "i.address",
			i.password AS "i.password", i.refused AS "i.refused", coalesce(u.id::text, '') AS id, coalesce(u.email, '') AS email,
			coalesce(u.password, '') AS password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') AS logout_reason,
			u.roles, u.created_at, u.verified_at, u.disabled_at
		FROM imported i LEFT JOIN users u ON u.id = i.user_id`

	arrivalsByKey = arrivals + ` WHERE i.key = ANY($1)`

	arrivalsBySubject = arrivals + ` WHERE i.subject = $1 LIMIT 2`

	saveImported = `UPDATE imported SET subject = $2, address = $3, password = $4, refused = $5 WHERE key = $1`
)

type arrivalRow struct {
	userRow
	Imported importedRow `db:"i"`
}

func (r arrivalRow) arrival() domain.Arrival {
	return domain.Arrival{Imported: r.Imported.imported(), User: r.user()}
}

// AddImported is documented at application.Imports. Two imports at once add in the same order, and one of them waits.
func (s *Store) AddImported(ctx context.Context, arrivals ...domain.Arrival) (added []bool, _ error) {
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		added = make([]bool, len(arrivals))
		for n, a := range arrivals {
			var err error
			if added[n], err = addArrival(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, translate(err)
	}
	return added, nil
}

func addArrival(ctx context.Context, tx *sqlx.Tx, a domain.Arrival) (bool, error) {
	if !storable(string(a.User.Email)) {
		return false, nil
	}
	result, err := tx.ExecContext(ctx, addImported, importedValues(a.Imported)...)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if result, err = tx.ExecContext(ctx, addUnlessTaken, userValues(a.User)...); err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err == nil, err
	}
	return false, one(tx.ExecContext(ctx, forgetImported, a.Imported.Key))
}

// Imported is documented at application.Imports.
func (s *Store) Imported(ctx context.Context, keys ...string) (map[string]domain.Arrival, error) {
	askable := make(pq.StringArray, 0, len(keys))
	for _, key := range keys {
		if storable(key) {
			askable = append(askable, key)
		}
	}
	rows, err := s.arrivals(ctx, arrivalsByKey, askable)
	if err != nil {
		return nil, err
	}
	found := make(map[string]domain.Arrival, len(rows))
	for _, r := range rows {
		found[r.Imported.Key] = r.arrival()
	}
	return found, nil
}

// ImportedAs is documented at application.Imports.
func (s *Store) ImportedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	if !storable(subject) {
		return domain.Arrival{}, domain.NotFound
	}
	rows, err := s.arrivals(ctx, arrivalsBySubject, subject)
	switch {
	case err != nil:
		return domain.Arrival{}, err
	case len(rows) != 1:
		return domain.Arrival{}, domain.NotFound
	}
	return rows[0].arrival(), nil
}

func (s *Store) arrivals(ctx context.Context, query string, about any) (rows []arrivalRow, _ error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, query, about)
	})
	return rows, translate(err)
}

// SaveImported is documented at application.Imports.
func (s *Store) SaveImported(ctx context.Context, imported ...domain.Imported) error {
	return translate(s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		for _, i := range imported {
			_, err := tx.ExecContext(ctx, saveImported, i.Key, i.Subject, i.Address, i.Password, instant{i.Refused})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}
