package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/domain"
)

type importedRow struct {
	Key      string        `db:"key"`
	User     domain.UserID `db:"user_id"`
	Subject  string        `db:"subject"`
	Address  string        `db:"address"`
	Password string        `db:"password"`
	Refused  instant       `db:"refused"`
}

func rowOfImported(i domain.Imported) importedRow {
	return importedRow{i.Key, i.User, i.Subject, i.Address, i.Password, instant(i.Refused)}
}

func (r importedRow) imported() domain.Imported {
	return domain.Imported{
		Key: r.Key, User: r.User, Subject: r.Subject, Address: r.Address, Password: r.Password, Refused: time.Time(r.Refused),
	}
}

const (
	importedColumns = `key, user_id, subject, address, password, refused`

	// addImported leaves a key that is known already alone, and a user whose email is taken without one.
	addImported = `insert into imported (` + importedColumns + `) select :key, :user_id, :subject, :address, :password, :refused
		where not exists (select 1 from imported where key = :key)
		and not exists (select 1 from users where email = :email or id = :user_id)`

	// arrivals is each of those that are asked for beside their user, of whom everything is empty when there is none.
	arrivals = `select i.key as "i.key", i.user_id as "i.user_id", i.subject as "i.subject", i.address as "i.address",
		i.password as "i.password", i.refused as "i.refused", coalesce(u.id, '') as id, coalesce(u.email, '') as email,
		coalesce(u.password, '') as password, u.login_time, u.logout_time, coalesce(u.logout_reason, '') as logout_reason,
		coalesce(u.roles, '') as roles, u.created_at, u.verified_at, u.disabled_at
		from imported as i left join users as u on u.id = i.user_id `
)

type arrivalRow struct {
	userRow
	Imported importedRow `db:"i"`
}

func (r arrivalRow) arrival() domain.Arrival {
	return domain.Arrival{Imported: r.Imported.imported(), User: r.user()}
}

// AddImported is documented at application.Imports.
func (s *Store) AddImported(ctx context.Context, arrivals ...domain.Arrival) (added []bool, _ error) {
	err := s.write(ctx, func(tx *sqlx.Tx) error {
		added = make([]bool, len(arrivals))
		for n, a := range arrivals {
			result, err := tx.NamedExecContext(ctx, addImported, struct {
				importedRow
				Email domain.Email `db:"email"`
			}{rowOfImported(a.Imported), a.User.Email})
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := tx.NamedExecContext(ctx, addUser, rowOfUser(a.User)); err != nil {
				return err
			}
			added[n] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: add imported: %w", translate(err))
	}
	return added, nil
}

// Imported is documented at application.Imports.
func (s *Store) Imported(ctx context.Context, keys ...string) (map[string]domain.Arrival, error) {
	asked, err := json.Marshal(append([]string{}, keys...)) // none is [], not null
	if err != nil {
		return nil, fmt.Errorf("sqlite: imported: %w", err)
	}
	var rows []arrivalRow
	if err := s.reader.SelectContext(ctx, &rows, arrivals+`where i.key in (select value from json_each(?))`, string(asked)); err != nil {
		return nil, fmt.Errorf("sqlite: imported: %w", translate(err))
	}
	found := make(map[string]domain.Arrival, len(rows))
	for _, r := range rows {
		found[r.Imported.Key] = r.arrival()
	}
	return found, nil
}

// ImportedAs is documented at application.Imports.
func (s *Store) ImportedAs(ctx context.Context, subject string) (domain.Arrival, error) {
	var rows []arrivalRow
	err := s.reader.SelectContext(ctx, &rows, arrivals+`where i.subject = ? limit 2`, subject)
	if err == nil && len(rows) != 1 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return domain.Arrival{}, fmt.Errorf("sqlite: imported as: %w", translate(err))
	}
	return rows[0].arrival(), nil
}

// SaveImported is documented at application.Imports.
func (s *Store) SaveImported(ctx context.Context, imported ...domain.Imported) error {
	err := s.write(ctx, func(tx *sqlx.Tx) error {
		for _, i := range imported {
			_, err := tx.NamedExecContext(ctx, `update imported set subject = :subject, address = :address,
				password = :password, refused = :refused where key = :key`, rowOfImported(i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlite: save imported: %w", translate(err))
	}
	return nil
}
