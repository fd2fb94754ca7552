package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/domain"
)

const password = "a password for the bench"

func userID(n int) string    { return fmt.Sprintf("0196a0b0-0000-7000-8000-%012x", n) }
func sessionID(n int) string { return fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n) }
func email(n int) string     { return fmt.Sprintf("user%06d@example.com", n) }

// ringOf reads the ring of a database that porteiro has begun: the key of access tokens, then the others.
func ringOf(url string) ([]domain.Key, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := postgres.Open(ctx, postgres.Config{URL: url, Pool: 1})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	ring, err := s.Keys(ctx)
	slices.SortFunc(ring, func(a, b domain.Key) int { return strings.Compare(string(a.Purpose), string(b.Purpose)) })
	return ring, err
}

// codecOf issues what that porteiro reads.
func codecOf(url string) (*tokens.Codec, error) {
	ring, err := ringOf(url)
	if err != nil {
		return nil, err
	}
	return tokens.New(ring, tokens.Config{})
}

// seed fills the tables with so many sessions, of users who have so many each, and says what they take.
func seed(t *testing.T, url string, sessions, each int) {
	t.Helper()
	connector, err := pq.NewConnector(url)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`TRUNCATE users CASCADE`,
		`INSERT INTO users SELECT ('0196a0b0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user' || lpad(n::text, 6, '0') || '@example.com',
			` + pq.QuoteLiteral(hash) + `, now(), NULL, '', '{}', now(), NULL, NULL FROM generate_series(0, ` + strconv.Itoa((sessions-1)/each) + `) n`,
		`INSERT INTO sessions SELECT ('0196a0c0-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
			('0196a0b0-0000-7000-8000-' || lpad(to_hex(n / ` + strconv.Itoa(each) + `), 12, '0'))::uuid, now(), now(), NULL, '',
			now() + interval '7 days', now() + interval '30 days', 0, now(), '{password}', 'wrk', '127.0.0.1'
			FROM generate_series(0, ` + strconv.Itoa(sessions-1) + `) n`,
		`VACUUM ANALYZE`,
		`CHECKPOINT`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
	}
}

// issue makes access tokens for n sessions, spread over all of them.
func issue(t *testing.T, codec *tokens.Codec, n, sessions, each int) []string {
	t.Helper()
	out := make([]string, n)
	now := time.Now()
	for i := range out {
		s := i * (sessions / n)
		token, err := codec.Issue(domain.Claims{
			Kind: domain.Access, Subject: domain.UserID(userID(s / each)), Session: domain.SessionID(sessionID(s)),
			ID: fmt.Sprintf("jti-%d", i), IssuedAt: now, Expires: now.Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		out[i] = token
	}
	return out
}

// backends are the processes of the server behind the database, so far as they can be seen here.
func backends(t *testing.T, url string) []int {
	t.Helper()
	if url == "" {
		return nil
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var pids []int
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// logins sends logins of n users.
func logins(n int) load {
	l := load{method: "POST", path: "/login"}
	for i := range n {
		l.headers = append(l.headers, []string{"Content-Type", "application/json"})
		l.bodies = append(l.bodies, `{"email":"`+email(i)+`","password":"`+strings.ReplaceAll(password, `"`, `\"`)+`"}`)
	}
	return l
}
