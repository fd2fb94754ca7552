package postgres_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// TestPurgeSkipsWhatIsHeld waits for nobody who writes a session, or removes it, or has its user's lock.
func TestPurgeSkipsWhatIsHeld(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url, Timeout: endless})
	people(t, s, 4)
	tx, err := admin(t, url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for statement, id := range map[string]string{
		prolong:                           string(sessionID(0)),
		"DELETE FROM users WHERE id = $1": string(userID(1)),
		"SELECT FROM users WHERE id = $1 FOR UPDATE": string(userID(2)),
	} {
		if _, err := tx.ExecContext(t.Context(), statement, id); err != nil {
			t.Fatal(err)
		}
	}
	purge := func() (removed int) {
		err := ends(t, "Purge", func() (err error) {
			_, removed, err = s.Purge(t.Context(), noon.Add(24*time.Hour), "", 10)
			return err
		})
		if err != nil {
			t.Errorf("Purge: %v", err)
		}
		return removed
	}
	if n := purge(); n != 2 {
		t.Errorf("Purge removed %d of the two that nobody is at work on", n)
	}
	if !stands(t, s, 0) || !stands(t, s, 1) {
		t.Error("Purge removed what somebody is at work on")
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := purge(); n != 0 || !stands(t, s, 0) {
		t.Errorf("Purge removed %d of what stands by now", n)
	}
}

const prolong = "UPDATE sessions SET idle_until = idle_until + interval '2 days', until = until + interval '2 days' WHERE id = $1"

// TestPurgeLooksTwice lets a session be written between the look, which takes no lock, and the removal.
func TestPurgeLooksTwice(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 2)
	db := admin(t, direct)
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url})
	written := false
	p.on(func(sent []byte) fate {
		if !written && bytes.Contains(sent, []byte("FOR UPDATE SKIP LOCKED")) {
			written = true
			exec(t, db, strings.Replace(prolong, "$1", "'"+string(sessionID(0))+"'", 1))
		}
		return forward
	})
	_, removed, err := s.Purge(t.Context(), noon.Add(24*time.Hour), "", 10)
	if err != nil || removed != 1 || !written {
		t.Errorf("Purge removed %d, %v", removed, err)
	}
	p.on(nil)
	if !stands(t, s, 0) || stands(t, s, 1) {
		t.Error("Purge removed what it had not looked at under its lock")
	}
}

// TestPurgeWithinAChange removes, on a clock that is a day ahead, a session that a change has read and is about to
// write: the change runs again, and sees that the session is gone.
func TestPurgeWithinAChange(t *testing.T) {
	t.Parallel()
	s := open(t, postgres.Config{URL: postgrestest.URL(t), Timeout: endless})
	people(t, s, 1)
	runs := 0
	err := ends(t, "Change", func() error {
		return s.Change(t.Context(), userID(0), func(a *domain.Account) error {
			if runs++; runs == 1 {
				if _, removed, err := s.Purge(t.Context(), noon.Add(24*time.Hour), "", 10); err != nil || removed != 1 {
					t.Errorf("Purge removed %d, %v", removed, err)
				}
			}
			_, _, err := a.Refresh(noon, sessionID(0), 0, domain.Refreshing{Idle: time.Hour})
			return err
		}, sessionID(0))
	})
	if !errors.Is(err, domain.TokenRevoked) || runs != 2 {
		t.Errorf("after %d runs the refresh of a session that was purged answered %v", runs, err)
	}
}

// TestPurgeOnlyLooks when there is nothing to remove, of the log neither: it begins no transaction.
func TestPurgeOnlyLooks(t *testing.T) {
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct}), 1)
	exec(t, admin(t, direct), "UPDATE users SET roles = '{admin}'")
	p, url := through(t, direct)
	s := connect(t, postgres.Config{URL: url})
	transactions := p.count(regexp.MustCompile("BEGIN"))
	if _, removed, err := s.Purge(t.Context(), noon, "", 10); err != nil || removed != 0 {
		t.Errorf("Purge removed %d, %v", removed, err)
	}
	if n := transactions(); n != 0 {
		t.Errorf("it began %d transactions", n)
	}
}

// TestPurgeTakesStepsOfItsOwn looks at a thousand sessions at most, whatever it is asked for, and loses none.
func TestPurgeTakesStepsOfItsOwn(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, postgres.Config{URL: url})
	people(t, s, 1)
	exec(t, admin(t, url), `INSERT INTO sessions SELECT gen_random_uuid(), user_id, login_time, created_at, NULL, '', idle_until, until, 0,
		refreshed_at, methods, user_agent, ip FROM sessions, generate_series(1, 2499)`)
	after, sum := domain.SessionID(""), 0
	for _, want := range []int{1000, 1000, 500} {
		last, removed, err := s.Purge(t.Context(), noon.Add(24*time.Hour), after, 1<<40)
		if err != nil || removed != want || (last == "") != (want == 500) {
			t.Fatalf("Purge removed %d instead of %d and goes on after %q, %v", removed, want, last, err)
		}
		after, sum = last, sum+removed
	}
	if stands(t, s, 0) || sum != 2500 {
		t.Errorf("%d of 2500 are gone", sum)
	}
}
