package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestSentOnce breaks the connection when the server has read a write, and counts how often it arrives: database/sql
// would send an autocommit statement three times.
func TestSentOnce(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	for _, c := range []struct {
		statement string
		write     func(*postgres.Store) error
	}{
		{"INSERT INTO users", func(s *postgres.Store) error { return s.Add(t.Context(), person(7)) }},
		{"UPDATE users", func(s *postgres.Store) error { return s.Change(t.Context(), userID(0), logOut) }},
		{"INSERT INTO sessions", func(s *postgres.Store) error { return s.Change(t.Context(), userID(0), signIn(7)) }},
		{"DELETE FROM users", func(s *postgres.Store) error {
			return s.Change(t.Context(), userID(0), func(a *domain.Account) error { a.Delete(); return nil })
		}},
		{"INSERT INTO signing_keys", func(s *postgres.Store) error { return s.ChangeKeys(t.Context(), adds("k")) }},
		{"DELETE FROM attempts USING", func(s *postgres.Store) error { _, err := s.Forget(t.Context(), noon, 10); return err }},
		{"DELETE FROM sessions", func(s *postgres.Store) error {
			_, _, err := s.Purge(t.Context(), noon.Add(24*time.Hour), "", 10)
			return err
		}},
	} {
		p, url := through(t, direct)
		s := connect(t, postgres.Config{URL: url})
		arrived := p.onFirst(c.statement, cutNext)
		failed(t, c.statement, ends(t, c.statement, func() error { return c.write(s) }))
		if n := arrived(); n != 1 {
			t.Errorf("%s arrived %d times", c.statement, n)
		}
		p.on(nil)
		if !stands(t, s, 0) {
			t.Errorf("%s happened without its commit", c.statement)
		}
		if _, err := s.ByEmail(t.Context(), person(7).Email); !errors.Is(err, domain.NotFound) {
			t.Errorf("%s happened without its commit: %v", c.statement, err)
		}
	}
}

// TestCommitWithoutAnswer breaks the connection at COMMIT, before and after the server has seen it.
func TestCommitWithoutAnswer(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 2)
	for user, c := range []struct {
		fate fate
		want bool // whether the session stands afterwards
	}{{cut, true}, {cutNext, false}} {
		t.Run(fmt.Sprint(c.fate), func(t *testing.T) {
			p, url := through(t, direct)
			s := connect(t, postgres.Config{URL: url})
			commits := p.onFirst("COMMIT\x00", c.fate)
			runs := 0
			err := ends(t, "Change", func() error {
				return s.Change(t.Context(), userID(user), func(a *domain.Account) error { runs++; return logOut(a) })
			})
			failed(t, "Change", err)
			if n := commits(); n != 1 || runs != 1 {
				t.Errorf("%d commits were sent, f ran %d times", n, runs)
			}
			if stands(t, s, user) != c.want {
				t.Error("what is there is not what the server was told")
			}
		})
	}
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url})
	// The same addition is sent again by the caller, who cannot know.
	p.onFirst("COMMIT\x00", cutNext)
	failed(t, "Add", s.Add(t.Context(), person(8)))
	if err := s.Add(t.Context(), person(8)); err != nil {
		t.Errorf("the same user again: %v", err)
	}
}

// TestCountWithoutAnswer breaks the connection at the one statement of a Count. What the server has not seen is told it
// again, and nobody notices; a try whose count nobody can know is counted once.
func TestCountWithoutAnswer(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	open(t, postgres.Config{URL: direct})
	for _, c := range []struct {
		bucket string
		fate   fate
		sent   int
		fails  bool
	}{{"account:a", cut, 2, false}, {"account:b", resets, 2, false}, {"account:c", cutNext, 1, true}} {
		p, url := through(t, direct)
		s := connect(t, postgres.Config{URL: with(t, url, "binary_parameters", "yes")}) // each statement is sent whole each time
		arrived := p.onFirst("porteiro_count", c.fate)
		switch err := ends(t, "Count", func() error { return s.Count(t.Context(), []string{c.bucket}, tryIt) }); {
		case c.fails:
			failed(t, "Count", err)
		case err != nil:
			t.Errorf("Count: %v", err)
		}
		if n := arrived(); n != c.sent {
			t.Errorf("it was sent %d times instead of %d", n, c.sent)
		}
		if got := emptyAt(t, s, c.bucket); !got.Equal(noon.Add(time.Hour)) {
			t.Errorf("one try was counted as %v", got)
		}
	}
}

// TestCountAfterARest finds the connections gone that have rested, when what it believes is not so either: nobody is to
// notice.
func TestCountAfterARest(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	other := open(t, postgres.Config{URL: direct})
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url})
	for i := range 5 {
		put(t, s, "account:a", noon)
		put(t, other, "account:a", noon.Add(time.Duration(i)*time.Hour))
		p.hangUp()
		s.Later(200 * time.Millisecond) // longer than what counts as a rest
		if err := s.Count(t.Context(), []string{"account:a"}, tryIt); err != nil {
			t.Errorf("Count: %v", err)
		}
		if got := emptyAt(t, other, "account:a"); !got.Equal(noon.Add(time.Duration(i+1) * time.Hour)) {
			t.Errorf("one try more was counted as %v", got)
		}
	}
}
