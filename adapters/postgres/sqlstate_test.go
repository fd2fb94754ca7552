package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

// arrange makes the first n changes of a user fail in the server, at once or at COMMIT, and leaves a warning with
// COMMIT when the level is WARNING. A sequence counts, because no rollback undoes it.
func arrange(code, level string, n int, atCommit bool) []string {
	trigger := "CREATE TRIGGER arranged BEFORE UPDATE ON users FOR EACH ROW"
	if atCommit {
		trigger = "CREATE CONSTRAINT TRIGGER arranged AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
	}
	return []string{
		"CREATE SEQUENCE tries",
		fmt.Sprintf(`CREATE FUNCTION arranged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('tries') <= %d THEN RAISE %s 'arranged' USING ERRCODE = '%s', DETAIL = NEW.password; END IF;
			RETURN NEW; END $$`, n, level, code),
		trigger + " EXECUTE FUNCTION arranged()",
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	inFull(t)
	for _, c := range []struct {
		name     string
		code     string
		level    string
		times    int
		atCommit bool
		runs     int // of f
		fails    bool
		evicts   bool
	}{
		{"a serialization failure runs f again", "40001", "EXCEPTION", 2, false, 3, false, false},
		{"a deadlock runs f again", "40P01", "EXCEPTION", 3, false, 4, false, false},
		{"f runs again a bounded number of times", "40001", "EXCEPTION", 1000, false, 8, true, false},
		{"a serialization failure at COMMIT is unknown, not repeated", "40001", "EXCEPTION", 1, true, 1, true, false},
		{"a server that is read-only loses the connection", "25006", "EXCEPTION", 1, false, 1, true, true},
		{"a prepared statement that is stale is made anew", "0A000", "EXCEPTION", 1, false, 2, false, false},
		{"a full disk is a failure", "53100", "EXCEPTION", 1, false, 1, true, false},
		{"a lock that does not come is a failure", "55P03", "EXCEPTION", 1, false, 1, true, false},
		{"a broken constraint at COMMIT is a failure", "23514", "EXCEPTION", 1, true, 1, true, false},
		{"a warning with COMMIT is unknown", "01000", "WARNING", 1, true, 1, true, true},
		{"a notice with COMMIT is none of our business", "00000", "NOTICE", 1, true, 1, false, false},
		{"a warning before COMMIT is none of our business", "01000", "WARNING", 1, false, 1, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			direct := postgrestest.URL(t)
			p, url := through(t, direct)
			s := open(t, postgres.Config{URL: url, Pool: 1})
			people(t, s, 1)
			exec(t, admin(t, direct), arrange(c.code, c.level, c.times, c.atCommit)...)
			before, _ := p.connections()
			runs := 0
			err := s.Change(t.Context(), userID(0), func(a *domain.Account) error { runs++; return logOut(a) })
			if c.fails {
				failed(t, "Change", err)
			} else if err != nil {
				t.Errorf("Change: %v", err)
			}
			if runs != c.runs {
				t.Errorf("f ran %d times instead of %d", runs, c.runs)
			}
			if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "\n") || strings.Contains(text, "hash") {
				t.Errorf("more than one line, or what the row holds: %q", text)
			}
			if stood := stands(t, s, 0); !c.fails && stood {
				t.Error("the logout is not to be seen")
			}
			if after, _ := p.connections(); (after > before) != c.evicts {
				t.Errorf("%d new connections", after-before)
			}
		})
	}
}
