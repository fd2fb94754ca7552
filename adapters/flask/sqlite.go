package flask

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // and the driver "sqlite"

	"github.com/porteiro/porteiro/application"
)

// file is an SQLite file.
type file struct {
	path string
	in   *time.Location
	log  string // of the app, which nobody has open: it must not come to be while the file is read; "" when it may
}

func (f *file) open(_ context.Context, c Config) (*sql.DB, error) {
	var err error
	if f.in, err = time.LoadLocation(c.TimeZone); err != nil {
		return nil, ConfigError{fmt.Errorf("there is no time zone %q: name one of the tz database, such as America/Sao_Paulo", c.TimeZone)}
	}
	f.path = strings.TrimPrefix(strings.TrimPrefix(c.URL, "sqlite:"), "//")
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", f.path)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", f.path)
	}
	abs, err := filepath.Abs(f.path)
	if err != nil {
		return nil, err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/x
	}
	how := url.Values{"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"10000"}, "_error_rc": {"1"}}
	if rests, err := f.atRest(); err != nil {
		return nil, err
	} else if rests {
		f.log = f.path + "-wal"
		how.Set("immutable", "1")
	}
	source := url.URL{Scheme: "file", Path: abs, RawQuery: how.Encode()}
	return sql.Open("sqlite", source.String())
}

// atRest reports a file that is kept with a write-ahead log and that nobody has open. To read it, SQLite would make the
// log and its index beside it, and leave them there, as this process's user (https://www.sqlite.org/wal.html section 5),
// unless it is told that nobody writes.
func (f *file) atRest() (bool, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	var header [20]byte // bytes 18 and 19 are 2 for such a file (https://www.sqlite.org/fileformat.html section 1.3)
	if _, err := io.ReadFull(in, header[:]); err != nil {
		return false, nil // SQLite says better what is wrong with it
	}
	_, err = os.Stat(f.path + "-wal")
	return header[18] == 2 && header[19] == 2 && errors.Is(err, fs.ErrNotExist), nil
}

// undisturbed is an error when the app has begun to write to a file that was at rest: what was read may be no snapshot.
func (f *file) undisturbed() error {
	if f.log == "" {
		return nil
	}
	if _, err := os.Stat(f.log); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the app has begun to write to %s while it was read: import again", f.path)
	}
	return nil
}

// now is this machine's clock, by which an app on the same file goes.
func (*file) now(context.Context, *sql.DB) (time.Time, error) { return time.Now(), nil }

func (f *file) zone(context.Context, *sql.DB) (string, error) { return f.in.String(), nil }

func (f *file) check(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `select lower(name) from pragma_table_info('users')`)
	if err != nil {
		return err
	}
	columns := map[string]bool{}
	err = each(rows, func() error {
		var name string
		err := rows.Scan(&name)
		columns[name] = true
		return err
	})
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		return fmt.Errorf("%s holds no users table", f.path)
	}
	for _, name := range []string{"id", "email", "password", "login_time", "logout_time"} {
		if !columns[name] {
			return fmt.Errorf("the users table of %s has no column %s", f.path, name)
		}
	}
	var others int
	err = db.QueryRowContext(ctx, `select count(*) from users where typeof(id) <> 'integer'`).Scan(&others)
	if err == nil && others > 0 {
		return fmt.Errorf("the users of %s have ids that are no integers: it is not the Flask app's", f.path)
	}
	return err
}

// page casts the times, which the driver would otherwise read by the type that their columns were declared with.
func (f *file) page(ctx context.Context, db *sql.DB, after int64, n int) (users []application.Former, _ error) {
	rows, err := db.QueryContext(ctx, `select id, cast(coalesce(email, '') as text), cast(coalesce(password, '') as text),
		cast(login_time as text), cast(logout_time as text) from users where id > ? order by id limit ?`, after, n)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		var u application.Former
		var login, logout sql.NullString
		if err := rows.Scan(&u.ID, &u.Email, &u.Hash, &login, &logout); err != nil {
			return err
		}
		var okIn, okOut bool
		u.LoginTime, okIn = f.time(login)
		u.LogoutTime, okOut = f.time(logout)
		if !okIn || !okOut {
			u.Unreadable = "a login_time or logout_time that is no date and time as SQLAlchemy writes them"
		}
		users = append(users, u)
		return nil
	})
	return users, errors.Join(err, f.undisturbed())
}

// time reads what SQLAlchemy writes, with a zone or without.
func (f *file) time(s sql.NullString) (time.Time, bool) {
	if !s.Valid {
		return time.Time{}, true
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.ParseInLocation(layout, s.String, f.in); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (f *file) explain(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s cannot be read: %w", f.path, err)
	}
	return err
}
