package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/flask"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// fixtures is what the real libraries made: see testdata/flask. Every token lives for ten years unless its note says so.
type fixtures struct {
	Secret    string
	Passwords map[string]string
	Tokens    []struct{ Sub, Kind, Note, Token string }
}

func flaskFixtures(t *testing.T) fixtures {
	t.Helper()
	b, err := os.ReadFile("testdata/flask/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixtures
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f fixtures) token(t *testing.T, sub, kind, note string) string {
	t.Helper()
	for _, k := range f.Tokens {
		if k.Sub == sub && k.Kind == kind && k.Note == note {
			return k.Token
		}
	}
	t.Fatalf("there is no %s token of %s", kind, sub)
	return ""
}

// minted is a token as flask-jwt-extended makes them, with other claims.
func (f fixtures) minted(sub, kind string, iat time.Time, more string) string {
	payload := fmt.Sprintf(`{"fresh":false,"iat":%d,"jti":"%s","type":"%s","sub":"%s","nbf":%d,"csrf":"x"%s}`,
		iat.Unix(), fmt.Sprintf("%x", sha256.Sum256([]byte(sub+kind+iat.String()+more)))[:32], kind, sub, iat.Unix(), more)
	input := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	h := hmac.New(sha256.New, []byte(f.Secret))
	h.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (f fixtures) secretFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(f.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// app is the database of a Flask app, and a way to write to it.
type app struct {
	url string
	*sql.DB
}

func (a app) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := a.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func connect(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func sqliteApp(t *testing.T) app {
	t.Helper()
	b, err := os.ReadFile("testdata/flask/users.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app.db")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return app{"sqlite:" + path, connect(t, "sqlite", path)}
}

// postgresApp is the same users in the table that Flask-SQLAlchemy makes on PostgreSQL.
func postgresApp(t *testing.T) app {
	t.Helper()
	url := postgrestest.URL(t)
	a := app{url, connect(t, "postgres", url)}
	a.exec(t, `CREATE TABLE users (id SERIAL NOT NULL, email VARCHAR(256) NOT NULL, password VARCHAR(256) NOT NULL,
		login_time TIMESTAMP WITHOUT TIME ZONE, logout_time TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id), UNIQUE (email))`)
	from, err := flask.Open(t.Context(), flask.Config{URL: sqliteApp(t).url})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	users, err := from.Page(t.Context(), 0, 100)
	if err != nil || len(users) != 10 {
		t.Fatalf("%d users, %v", len(users), err)
	}
	orNull := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at.UTC().Format("2006-01-02 15:04:05.999999")
	}
	for _, u := range users {
		_, err := a.ExecContext(t.Context(), `INSERT INTO users (email, password, login_time, logout_time) VALUES ($1, $2, $3, $4)`,
			u.Email, u.Hash, orNull(u.LoginTime), orNull(u.LogoutTime))
		if err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// kinds runs a test from each kind of app into a kind of database of ours, and tells it how to look into that.
func appKinds(t *testing.T, f func(t *testing.T, from app, to string, ours *sql.DB)) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "porteiro.db")
		f(t, sqliteApp(t), "sqlite:"+path, connect(t, "sqlite", path))
	})
	t.Run("postgres", func(t *testing.T) {
		from, to := postgresApp(t), postgrestest.URL(t)
		f(t, from, to, connect(t, "postgres", to))
	})
}
