package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Clients = (*Store)(nil)

type clientRow struct {
	ID        domain.ClientID `db:"id"`
	Digest    []byte          `db:"digest"`
	CreatedAt instant         `db:"created_at"`
}

func (r clientRow) client() domain.Client {
	c := domain.Client{ID: r.ID, CreatedAt: time.Time(r.CreatedAt)}
	copy(c.Digest[:], r.Digest) // of 32 bytes, the schema sees to it
	return c
}

// AddClient is documented at application.Clients.
func (s *Store) AddClient(ctx context.Context, c domain.Client) (added bool, _ error) {
	err := s.write(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `insert into clients (id, digest, created_at) values (?, ?, ?) on conflict (id) do nothing`,
			c.ID, c.Digest[:], instant(c.CreatedAt))
		if err != nil {
			return fmt.Errorf("sqlite: add client: %w", translate(err))
		}
		n, err := result.RowsAffected()
		added = n > 0
		return err
	})
	return added && err == nil, err
}

// Client is documented at application.Clients.
func (s *Store) Client(ctx context.Context, id domain.ClientID) (domain.Client, error) {
	var row clientRow
	err := s.reader.GetContext(ctx, &row, `select id, digest, created_at from clients where id = ?`, id)
	if err != nil {
		return domain.Client{}, fmt.Errorf("sqlite: client: %w", translate(err))
	}
	return row.client(), nil
}

// Clients is documented at application.Clients.
func (s *Store) Clients(ctx context.Context) ([]domain.Client, error) {
	var rows []clientRow
	err := s.reader.SelectContext(ctx, &rows, `select id, digest, created_at from clients order by id`)
	if err != nil {
		return nil, fmt.Errorf("sqlite: clients: %w", translate(err))
	}
	clients := make([]domain.Client, len(rows))
	for i, r := range rows {
		clients[i] = r.client()
	}
	return clients, nil
}

// RemoveClient is documented at application.Clients.
func (s *Store) RemoveClient(ctx context.Context, id domain.ClientID) error {
	return s.write(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `delete from clients where id = ?`, id)
		if err != nil {
			return fmt.Errorf("sqlite: remove client: %w", translate(err))
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, error(domain.NotFound))
		}
		return nil
	})
}
