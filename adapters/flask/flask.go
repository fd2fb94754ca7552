// Package flask reads the users of a Flask app, in the table that Flask-SQLAlchemy makes of them: id, email, password,
// login_time, logout_time. It writes nothing: PostgreSQL is asked in read-only transactions, and an SQLite file is opened
// for reading.
package flask

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
)

// Users is the table. It is safe for concurrent use.
type Users struct {
	db   *sql.DB
	in   dialect
	zone string
}

var _ application.Roster = (*Users)(nil)

// Config says where the table is.
type Config struct {
	URL string // postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH

	// TimeZone is what times without one were written in, as the tz database names it. Default: in SQLite UTC, in
	// PostgreSQL what the server gives the user of the URL, because that is what psycopg wrote them in.
	TimeZone string
}

// ConfigError is of a Config that cannot be, whatever is at the source.
type ConfigError struct{ error }

// Unwrap returns what is wrong with it.
func (e ConfigError) Unwrap() error { return e.error }

// dialect is what both kinds of database do in their own way.
type dialect interface {
	open(ctx context.Context, c Config) (*sql.DB, error)
	now(ctx context.Context, db *sql.DB) (time.Time, error)
	zone(ctx context.Context, db *sql.DB) (string, error)
	// check says in a line what keeps the table from being the Flask app's.
	check(ctx context.Context, db *sql.DB) error
	page(ctx context.Context, db *sql.DB, after int64, n int) ([]application.Former, error)
	explain(err error) error
}

// Open finds the table. Its errors are a line that says what to do, without a password; [ConfigError] is among them.
func Open(ctx context.Context, c Config) (*Users, error) {
	var in dialect
	switch scheme, _, _ := strings.Cut(c.URL, ":"); scheme {
	case "sqlite":
		in = &file{}
	case "postgres", "postgresql":
		in = server{}
	default:
		return nil, ConfigError{errors.New("flask: the source is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME: those two are possible")}
	}
	db, err := in.open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("flask: %w", err)
	}
	u := &Users{db: db, in: in}
	if err = in.check(ctx, db); err == nil {
		u.zone, err = in.zone(ctx, db)
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("flask: %w", in.explain(err))
	}
	return u, nil
}

// Close ends the connections.
func (u *Users) Close() error { return u.db.Close() }

// TimeZone is what times without a zone are taken to be in.
func (u *Users) TimeZone() string { return u.zone }

// Now is documented at application.Roster.
func (u *Users) Now(ctx context.Context) (time.Time, error) {
	t, err := u.in.now(ctx, u.db)
	if err != nil {
		return time.Time{}, fmt.Errorf("flask: %w", u.in.explain(err))
	}
	return t, nil
}

// Page is documented at application.Roster.
func (u *Users) Page(ctx context.Context, after int64, n int) ([]application.Former, error) {
	users, err := u.in.page(ctx, u.db, after, n)
	if err != nil {
		return nil, fmt.Errorf("flask: %w", u.in.explain(err))
	}
	return users, nil
}

// each reads rows one after the other.
func each(rows *sql.Rows, read func() error) error {
	for rows.Next() {
		if err := read(); err != nil {
			_ = rows.Close()
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
