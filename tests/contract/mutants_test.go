package contract

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// These tests are inside the package because they need the rows one by one. They prove that the suites can fail: each
// row has to name what breaks its promise.

// mutant is an implementation with one thing wrong, and the rows that must say so.
type mutant[S any] struct {
	wrong string
	rows  []string
	open  func(t testing.TB) S
	hangs bool // it never comes back, and the row has to
}

// suite is rows, a right implementation that all of them take, and the wrong ones.
type suite[S any] struct {
	name    string
	rows    []row[S]
	right   func(t testing.TB) S
	mutants []mutant[S]
}

// hunt runs every mutant into the rows that it names. A mutant that one of them takes has survived; a row that no
// mutant names proves nothing.
func (s suite[S]) hunt(t *testing.T) {
	named := map[string]bool{}
	for _, r := range s.rows {
		if _, again := named[r.name]; again {
			t.Errorf("%s has two rows called %q", s.name, r.name)
		}
		named[r.name] = false
		if err := r.within(t.Context(), s.right(t), patience, grace); err != nil {
			t.Errorf("%s: the row %q refuses what is right: %v", s.name, r.name, err)
		}
	}
	killed := 0
	for _, m := range s.mutants {
		caught := t.Run(m.wrong, func(t *testing.T) {
			for _, name := range m.rows {
				i := slices.IndexFunc(s.rows, func(r row[S]) bool { return r.name == name })
				if i < 0 {
					t.Errorf("no row is called %q", name)
					continue
				}
				named[name] = true
				m.mustFail(t, s.rows[i])
			}
			if len(m.rows) == 0 {
				t.Error("it names no row")
			}
		})
		if caught {
			killed++
		}
	}
	rows := 0
	for _, r := range s.rows {
		if named[r.name] {
			rows++
		} else {
			t.Errorf("%s: nothing breaks the row %q, so that nobody knows whether it can fail", s.name, r.name)
		}
	}
	t.Logf("%s: %d of %d broken implementations are caught, each by the rows that it names; %d of %d rows catch one", s.name, killed, len(s.mutants), rows, len(s.rows))
}

// surely is how often a row may take what is broken before it has survived: what many callers at once do to it is left to
// the scheduler.
const surely = 10

func (m mutant[S]) mustFail(t *testing.T, r row[S]) {
	t.Helper()
	long, longer := patience, grace
	if m.hangs {
		long, longer = 500*time.Millisecond, time.Second
	}
	err := r.within(t.Context(), m.open(t), long, longer)
	for tries := 1; err == nil && tries < surely; tries++ {
		err = r.within(t.Context(), m.open(t), long, longer)
	}
	switch {
	case err == nil:
		t.Errorf("SURVIVED: the row %q takes it: %s", r.name, r.why)
	case errors.Is(err, errHangs) && !m.hangs:
		t.Errorf("SURVIVED: the row %q did not come back, which names nothing", r.name)
	default:
		t.Logf("%s\nbut: %v", r.why, err)
	}
}

// TestEveryRowCanFail is the proof. With -v it prints what each row says of each broken implementation.
func TestEveryRowCanFail(t *testing.T) {
	t.Run("Stores", storeSuite().hunt)
	t.Run("SharedStores", sharedSuite().hunt)
	t.Run("Durable", durableSuite().hunt)
	t.Run("Keys", keySuite().hunt)
	t.Run("Attempts", attemptSuite().hunt)
	t.Run("Imports", importSuite().hunt)
	t.Run("Clients", clientSuite().hunt)
	t.Run("Everybody", everybodySuite().hunt)
	t.Run("Transports", transportSuite().hunt)
	t.Run("Services", serviceSuite().hunt)
	t.Run("Introspections", introspectionSuite().hunt)
	t.Run("Tokens", tokenSuite().hunt)
	t.Run("Strangers", strangerSuite().hunt)
	t.Run("Passwords", passwordSuite().hunt)
	t.Run("Standing", deskSuite().hunt)
	t.Run("HTTP", httpSuite().hunt)
}
