package flask

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/porteiro/porteiro/application"
)

// server is PostgreSQL.
type server struct{}

const connecting = 10 * time.Second

func (server) open(_ context.Context, c Config) (*sql.DB, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Opaque != "" || u.Fragment != "" || u.User == nil && strings.Contains(c.URL, "@") {
		return nil, ConfigError{errors.New("the URL of the source cannot be read: write postgres://USER:PASSWORD@HOST:PORT/NAME, " +
			"and %40 %2F %3A %3F %23 %25 for @ / : ? # % within a name or password")}
	}
	cfg, err := pq.NewConfig(c.URL)
	if err != nil {
		return nil, ConfigError{fmt.Errorf("the URL of the source: %s", strings.TrimPrefix(err.Error(), "pq: "))}
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connecting
	}
	cfg = cfg.Clone()
	cfg.ApplicationName = "porteiro import"
	cfg.Runtime["default_transaction_read_only"] = "on"
	cfg.Runtime["statement_timeout"] = "60000"
	if c.TimeZone != "" {
		cfg.Runtime["TimeZone"] = c.TimeZone
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

func (server) now(ctx context.Context, db *sql.DB) (t time.Time, err error) {
	err = db.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&t)
	return t, err
}

func (server) zone(ctx context.Context, db *sql.DB) (name string, err error) {
	err = db.QueryRowContext(ctx, `SELECT current_setting('TimeZone')`).Scan(&name)
	return name, err
}

func (server) check(ctx context.Context, db *sql.DB) error {
	var kind string
	err := db.QueryRowContext(ctx, `SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
		WHERE a.attrelid = 'users'::regclass AND a.attname = 'id' AND NOT a.attisdropped`).Scan(&kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errors.New("the users table has no column id")
	case err != nil:
		return err
	case kind != "integer" && kind != "bigint" && kind != "smallint":
		return fmt.Errorf("the users table has ids of the type %s and not integers: it is not the Flask app's", kind)
	}
	return nil
}

// page has the server give times without a zone the one of the connection: psycopg wrote them so.
func (server) page(ctx context.Context, db *sql.DB, after int64, n int) (users []application.Former, _ error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := tx.QueryContext(ctx, `SELECT id::bigint, coalesce(email, ''), coalesce(password, ''),
		CASE WHEN isfinite(login_time) THEN login_time::timestamptz END, CASE WHEN isfinite(logout_time) THEN logout_time::timestamptz END,
		coalesce(NOT isfinite(login_time), false) OR coalesce(NOT isfinite(logout_time), false)
		FROM users WHERE id > $1::bigint ORDER BY id LIMIT $2`, after, n)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		var u application.Former
		var login, logout sql.NullTime
		var infinite bool
		if err := rows.Scan(&u.ID, &u.Email, &u.Hash, &login, &logout, &infinite); err != nil {
			return err
		}
		u.LoginTime, u.LogoutTime = login.Time, logout.Time
		if infinite {
			u.Unreadable = "a login_time or logout_time that is infinite"
		}
		users = append(users, u)
		return nil
	})
	return users, err
}

// explain keeps what the server adds to an error out of it: it may hold a row.
func (server) explain(err error) error {
	e := pq.As(err)
	switch {
	case e == nil:
		return err
	case e.Code == pqerror.UndefinedTable:
		return errors.New("the database of the source holds no users table that its user can see")
	case e.Code == pqerror.InvalidParameterValue: // of a connection: the zone, or what the URL sets
		return ConfigError{fmt.Errorf("the source takes no such setting: %s (%s)", e.Message, e.Code)}
	case e.Code == pqerror.InsufficientPrivilege:
		return errors.New("the user of the source may not read its users table: GRANT SELECT ON users to it")
	}
	return fmt.Errorf("the source says: %s (%s)", e.Message, e.Code)
}
