package flask_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/flask"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

const table = `create table users (id integer not null primary key, email varchar(256) not null unique, password varchar(256) not null,
	login_time %[1]s, logout_time %[1]s)`

// database is an app's, of either kind.
func database(t *testing.T, driver, dsn string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

func open(t *testing.T, c flask.Config) *flask.Users {
	t.Helper()
	u, err := flask.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Close() })
	return u
}

// all reads page by page.
func all(t *testing.T, u *flask.Users) (users []application.Former) {
	t.Helper()
	for after := int64(-1 << 63); ; after = users[len(users)-1].ID {
		page, err := u.Page(t.Context(), after, 2)
		if err != nil || len(page) > 2 {
			t.Fatalf("%d users, %v", len(page), err)
		}
		if len(page) == 0 {
			return users
		}
		users = append(users, page...)
	}
}

// print is every byte of a folder, by name.
func print(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %x\n", e.Name(), len(content), sha256.Sum256(content))
	}
	return b.String()
}

// TestAFileIsReadAndNotTouched also where the app keeps a write-ahead log that holds its newest users.
func TestAFileIsReadAndNotTouched(t *testing.T) {
	for name, beside := range map[string]bool{"delete": false, "wal": true, "wal, closed": false} {
		mode, _, _ := strings.Cut(name, ",")
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app.db")
			db := database(t, "sqlite", path, "pragma journal_mode="+mode, fmt.Sprintf(table, "datetime"))
			db.SetMaxOpenConns(1)
			for i := range 5 {
				if _, err := db.ExecContext(t.Context(), fmt.Sprintf("insert into users values (%d, 'u%d@example.com', 'hash', '2026-11-20 12:00:00.250000', null)", 3*i-3, i)); err != nil {
					t.Fatal(err)
				}
			}
			if !beside {
				db.Close()
			}
			before := print(t, dir)
			u := open(t, flask.Config{URL: "sqlite:" + path})
			users := all(t, u)
			want := application.Former{ID: -3, Email: "u0@example.com", Hash: "hash", LoginTime: time.Date(2026, 11, 20, 12, 0, 0, 250_000_000, time.UTC)}
			if len(users) != 5 || !users[0].LoginTime.Equal(want.LoginTime) || users[0].Email != want.Email || users[0].Hash != want.Hash || users[0].ID != -3 || !users[0].LogoutTime.IsZero() {
				t.Errorf("it shows %+v", users)
			}
			if err := u.Close(); err != nil {
				t.Error(err)
			}
			if after := print(t, dir); !beside && after != before {
				t.Errorf("before\n%safter\n%s", before, after)
			} else if beside && strings.Split(after, "\n")[0] != strings.Split(before, "\n")[0] {
				t.Errorf("before\n%safter\n%s", before, after)
			}
		})
	}
}

// TestAServerIsReadAndNotTouched: a user who may only read is enough, and every transaction is one that cannot write.
func TestAServerIsReadAndNotTouched(t *testing.T) {
	private := postgrestest.Private(t)
	db := database(t, "postgres", private.URL(), fmt.Sprintf(table, "timestamp"),
		"insert into users values (1, 'ana@example.com', 'hash', '2026-11-20 12:00:00.25', '2026-11-20 13:00:00.000001'), (2, 'bea@example.com', 'hash', 'infinity', null)",
		"create role reader login password 'reader'", "grant select on users to reader")
	before := written(t, db)
	u := open(t, flask.Config{URL: as(t, private.URL(), "reader")})
	users := all(t, u)
	if len(users) != 2 || !users[0].LogoutTime.Equal(time.Date(2026, 11, 20, 13, 0, 0, 1000, time.UTC)) || users[1].Unreadable == "" {
		t.Errorf("it shows %+v", users)
	}
	if now, err := u.Now(t.Context()); err != nil || time.Since(now).Abs() > time.Minute {
		t.Errorf("its clock shows %v, %v", now, err)
	}
	if after := written(t, db); after != before {
		t.Errorf("transactions that wrote: %d before, %d after", before, after)
	}
}

// as is the URL with another user, whose password is the name.
func as(t *testing.T, address, user string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, user)
	return u.String()
}

// written is the next transaction's number: only one that writes takes any.
func written(t *testing.T, db *sql.DB) (next int64) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "select txid_snapshot_xmax(txid_current_snapshot())").Scan(&next); err != nil {
		t.Fatal(err)
	}
	return next
}

// TestTimesWithoutAZone: psycopg writes them in the zone that the server gives the app's user, and they are read in it.
func TestTimesWithoutAZone(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	url := postgrestest.URL(t)
	database(t, "postgres", url, fmt.Sprintf(table, "timestamp"), "set timezone = 'America/Sao_Paulo'; insert into users values (1, 'ana@example.com', 'hash', '2026-11-20 12:00:00+00'::timestamptz, null)")
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	path := filepath.Join(t.TempDir(), "app.db")
	database(t, "sqlite", path, fmt.Sprintf(table, "datetime"),
		"insert into users values (1, 'ana@example.com', 'hash', '2026-11-20 09:00:00', null)").Close()
	for name, c := range map[string]flask.Config{
		"as the server says": {URL: url + separator + "TimeZone=America/Sao_Paulo"},
		"as it is said":      {URL: url, TimeZone: "America/Sao_Paulo"},
		"of a file":          {URL: "sqlite:" + path, TimeZone: "America/Sao_Paulo"},
	} {
		t.Run(name, func(t *testing.T) {
			u := open(t, c)
			users, err := u.Page(t.Context(), 0, 1)
			if err != nil || len(users) != 1 || !users[0].LoginTime.Equal(noon) || u.TimeZone() != "America/Sao_Paulo" {
				t.Errorf("in %s it shows %v, %v", u.TimeZone(), users, err)
			}
		})
	}
}

func TestAnythingElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, statements ...string) flask.Config {
		path := filepath.Join(dir, name)
		database(t, "sqlite", path, statements...).Close()
		return flask.Config{URL: "sqlite:" + path}
	}
	server := func(statements ...string) flask.Config {
		address := postgrestest.URL(t)
		database(t, "postgres", address, statements...)
		return flask.Config{URL: address}
	}
	for want, c := range map[string]flask.Config{
		"holds no users table":          file("empty", "create table others (id integer)"),
		"has no column logout_time":     file("less", "create table users (id integer, email text, password text, login_time text)"),
		"ids that are no integers":      file("uuids", "create table users (id text, email text, password text, login_time text, logout_time text)", "insert into users (id) values ('a')"),
		"holds no users table that":     server(),
		"ids of the type uuid":          server("create table users (id uuid, email text)"),
		"is no file":                    {URL: "sqlite:" + dir},
		"the URL of the source":         {URL: "postgres://u:p/w@h/d"},
		"neither sqlite:PATH nor":       {URL: "mysql://x"},
		`"logout_time" does not exist`:  server("create table users (id integer, email text, password text, login_time timestamp)"),
		"there is no file nowhere.db":   {URL: "sqlite:nowhere.db"},
		"there is no time zone \"Nowhe": {URL: "sqlite:" + dir, TimeZone: "Nowhere"},
	} {
		u, err := flask.Open(t.Context(), c)
		if err == nil {
			_, err = u.Page(context.Background(), 0, 1)
			u.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "p/w") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestATimeThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	database(t, "sqlite", path, fmt.Sprintf(table, "datetime"), "insert into users values (1, 'a@example.com', 'hash', 'yesterday', null)",
		"insert into users values (2, 'b@example.com', 'hash', '2026-11-20T12:00:00+02:00', '2026-11-20 12:00:00.5')").Close()
	users := all(t, open(t, flask.Config{URL: "sqlite:" + path}))
	if len(users) != 2 || users[0].Unreadable == "" || users[1].Unreadable != "" || users[1].LoginTime.UTC().Hour() != 10 {
		t.Errorf("it shows %+v", users)
	}
}

// TestAnAppThatStartsMeanwhile: a file that was at rest is not read on when it is none any more.
func TestAnAppThatStartsMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	database(t, "sqlite", path, "pragma journal_mode=wal", fmt.Sprintf(table, "datetime"), "insert into users values (1, 'a@example.com', 'h', null, null)").Close()
	u := open(t, flask.Config{URL: "sqlite:" + path})
	all(t, u)
	database(t, "sqlite", path, "insert into users values (2, 'b@example.com', 'h', null, null)")
	if _, err := u.Page(t.Context(), 0, 1); err == nil || !strings.Contains(err.Error(), "import again") {
		t.Errorf("it answers %v", err)
	}
}
