package postgres_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestConnectionsAskFor reads what the server was asked for from a function that the store's own statement calls.
func TestConnectionsAskFor(t *testing.T) {
	inFull(t)
	const names = "application_name, TimeZone, plan_cache_mode, enable_seqscan, enable_hashjoin, enable_mergejoin, jit, statement_timeout, lock_timeout, idle_in_transaction_session_timeout, synchronous_commit"
	for _, c := range []struct {
		add  [][2]string
		want []string
	}{
		{nil, []string{"porteiro", "UTC", "force_generic_plan", "off", "off", "off", "off", "1800ms", "1500ms", "10s", "on"}},
		{[][2]string{{"application_name", "mine"}, {"statement_timeout", "7s"}, {"synchronous_commit", "local"}, {"timezone", "Asia/Tokyo"}},
			[]string{"mine", "Asia/Tokyo", "force_generic_plan", "off", "off", "off", "off", "7s", "1500ms", "10s", "local"}},
		{[][2]string{{"options", "-c lock_timeout=9s"}}, []string{"porteiro", "UTC", "force_generic_plan", "off", "off", "off", "off", "1800ms", "9s", "10s", "on"}},
	} {
		url := postgrestest.URL(t)
		db := admin(t, url)
		open(t, postgres.Config{URL: url})
		exec(t, db, "ALTER DATABASE "+databaseOf(t, db)+" SET synchronous_commit = off",
			"CREATE TABLE asked (name text, value text)",
			`CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				INSERT INTO asked SELECT n, current_setting(n) FROM unnest(string_to_array('`+names+`', ', ')) n; RETURN NEW; END $$`,
			"CREATE TRIGGER ask AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION ask()")
		for _, p := range c.add {
			url = with(t, url, p[0], p[1])
		}
		s := open(t, postgres.Config{URL: url})
		people(t, s, 1)
		if !stands(t, s, 0) {
			t.Error("the session is gone")
		}
		var got []string
		rows, err := db.QueryContext(t.Context(), "SELECT value FROM asked")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var v string
			if err := rows.Scan(&v); err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if err := rows.Err(); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("with %v the connection asks for %q instead of %q, %v", c.add, got, c.want, err)
		}
	}
}

// TestTextThatPostgreSQLCannotKeep never becomes an error of the database.
func TestTextThatPostgreSQLCannotKeep(t *testing.T) {
	s := open(t, postgres.Config{URL: postgrestest.URL(t)})
	people(t, s, 2)
	for i, c := range []struct{ said, kept string }{
		{"curl/8\x00.9", "curl/8\uFFFD.9"}, {"\xff\xfecurl", "\uFFFDcurl"}, {"caf\xc3", "caf\uFFFD"}, {"\uFFFD kept", "\uFFFD kept"},
	} {
		id := sessionID(10 + i)
		err := s.Change(t.Context(), userID(0), func(a *domain.Account) error {
			_, err := a.Open(noon, domain.Opening{ID: id, Verified: "hash", UserAgent: c.said, IP: c.said})
			return err
		})
		if err != nil {
			t.Errorf("a user agent %q: %v", c.said, err)
		}
		err = s.Change(t.Context(), userID(0), func(a *domain.Account) error {
			if session, _ := a.Session(id); session.UserAgent != c.kept || session.IP != c.kept {
				t.Errorf("of %q is kept %q, %q", c.said, session.UserAgent, session.IP)
			}
			return nil
		}, id)
		if err != nil {
			t.Error(err)
		}
	}
	for _, email := range []domain.Email{"a\x00", "\xff@example.com"} {
		if _, err := s.ByEmail(t.Context(), email); !errors.Is(err, domain.NotFound) {
			t.Errorf("ByEmail of %q: %v", email, err)
		}
		user := person(9)
		user.Email = email
		if err := s.Add(t.Context(), user); !errors.Is(err, domain.EmailInvalid) {
			t.Errorf("Add of %q: %v", email, err)
		}
	}
	for after, n := range map[domain.Email]int{
		"person-\x00": 2, "person-0@example.com\x00": 1, "person-\xff": 0, "\xff": 0, "\x00": 2, "person-0\xc3\x28": 1, "\uFFFD": 0, "person-0\uFFFD\xff": 1,
	} {
		if page, err := s.Page(t.Context(), after, 10); err != nil || len(page) != n {
			t.Errorf("Page after %q shows %d users instead of %d, %v", after, len(page), n, err)
		}
	}
}
