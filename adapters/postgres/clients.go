package postgres

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

var _ application.Clients = (*Store)(nil)

// clientRow is a row of clients.
type clientRow struct {
	ID        string  `db:"id"`
	Digest    []byte  `db:"digest"`
	CreatedAt instant `db:"created_at"`
}

func (r clientRow) client() domain.Client {
	c := domain.Client{ID: domain.ClientID(r.ID), CreatedAt: r.CreatedAt.Time}
	copy(c.Digest[:], r.Digest) // of 32 bytes, the schema sees to it
	return c
}

const (
	addClient    = `INSERT INTO clients (id, digest, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`
	clientByID   = `SELECT id, digest, created_at FROM clients WHERE id = $1`
	allClients   = `SELECT id, digest, created_at FROM clients ORDER BY id`
	removeClient = `DELETE FROM clients WHERE id = $1`
)

// AddClient is documented at application.Clients.
func (s *Store) AddClient(ctx context.Context, c domain.Client) (added bool, _ error) {
	err := s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, addClient, string(c.ID), c.Digest[:], instant{c.CreatedAt})
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		added = n > 0
		return err
	})
	return added && err == nil, translate(err)
}

// Client is documented at application.Clients.
func (s *Store) Client(ctx context.Context, id domain.ClientID) (domain.Client, error) {
	if _, err := domain.ParseClientID(string(id)); err != nil { // nobody has it, and not every text can be asked for
		return domain.Client{}, domain.NotFound
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var row clientRow
	err := s.again(func() error { return s.db.GetContext(ctx, &row, clientByID, string(id)) })
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Client{}, domain.NotFound
	}
	if err != nil {
		return domain.Client{}, translate(err)
	}
	return row.client(), nil
}

// Clients is documented at application.Clients.
func (s *Store) Clients(ctx context.Context) ([]domain.Client, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var rows []clientRow
	err := s.again(func() error {
		rows = nil
		return s.db.SelectContext(ctx, &rows, allClients)
	})
	if err != nil {
		return nil, translate(err)
	}
	clients := make([]domain.Client, len(rows))
	for i, r := range rows {
		clients[i] = r.client()
	}
	return clients, nil
}

// RemoveClient is documented at application.Clients.
func (s *Store) RemoveClient(ctx context.Context, id domain.ClientID) error {
	if _, err := domain.ParseClientID(string(id)); err != nil {
		return domain.NotFound
	}
	return translate(s.write(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, removeClient, string(id))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err == nil && n == 0 {
			return domain.NotFound
		}
		return err
	}))
}
