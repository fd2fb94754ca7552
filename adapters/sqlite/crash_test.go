package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/domain"
)

var day = time.Unix(1700000000, 0).UTC()

const cycles = 40

// cycle logs Ana out and in again, each time at the same instant: the hybrid clock goes on by a tick each time, and by
// fewer when one write hides another.
func cycle(ctx context.Context, s *sqlite.Store) error {
	for range cycles {
		err := s.Change(ctx, ana.ID, func(a *domain.Account) error {
			a.LogOutEverywhere(day)
			a.User.LogIn(day)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesThatWriteAtOnceLoseNothing(t *testing.T) {
	inFull(t)
	path := filepath.Join(t.TempDir(), "porteiro.db")
	s := ready(t, path)
	addAna(t, s)
	others := []*process{start(t, "cycle", path), start(t, "cycle", path)}
	for _, p := range others {
		p.expect("ready")
	}
	for _, p := range others {
		p.goOn()
	}
	if err := cycle(t.Context(), s); err != nil {
		t.Errorf("this process: %v", err)
	}
	for _, p := range others {
		p.ended()
	}
	user, err := s.ByEmail(t.Context(), ana.Email)
	if err != nil {
		t.Fatal(err)
	}
	if want := day.Add(3 * cycles * domain.Tick); !user.LoginTime.Equal(want) {
		t.Errorf("%d of %d changes are there", user.LoginTime.Sub(day)/domain.Tick, 3*cycles)
	}
}

func sessionID(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n))
}

func opening(n int) domain.Opening {
	return domain.Opening{
		ID: sessionID(n), Verified: ana.PasswordHash, Methods: []domain.Method{domain.PasswordMethod}, UserAgent: "curl/8",
		IP: "192.0.2.7", Lifetime: domain.Lifetime{Absolute: 24 * time.Hour, Idle: time.Hour},
	}
}

// acknowledge opens sessions until it is killed, each after those that are there, and says so after each.
func acknowledge(ctx context.Context, s *sqlite.Store, done func(n int)) error {
	first := 0
	for {
		found, err := s.Standings(ctx, sessionID(first))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		first++
	}
	for n := first; ; n++ {
		err := s.Change(ctx, ana.ID, func(a *domain.Account) error {
			_, err := a.Open(day, opening(n))
			return err
		})
		if err != nil {
			return err
		}
		done(n)
	}
}

func TestAProcessThatIsKilledLosesNothingAcknowledged(t *testing.T) {
	inFull(t)
	path := filepath.Join(t.TempDir(), "porteiro.db")
	addAna(t, ready(t, path))
	last := -1
	for round := range 4 {
		p := start(t, "acknowledge", path)
		for range 5 + 7*round {
			last++
			p.expect(strconv.Itoa(last))
		}
		p.kill()
		for range p.rest() { // acknowledged before the signal came
			last++
		}
		if err := p.wait(); err == nil {
			t.Fatal("the process was not killed")
		}
		s := ready(t, path)
		var ids []domain.SessionID
		for n := range last + 1 {
			ids = append(ids, sessionID(n))
		}
		found, err := s.Standings(t.Context(), ids...)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != len(ids) {
			t.Fatalf("round %d: %d of %d acknowledged sessions are there", round, len(found), len(ids))
		}
		// One may have been written and not acknowledged; the next process begins after it.
		if found, err = s.Standings(t.Context(), sessionID(last+1)); err != nil {
			t.Fatal(err)
		}
		last += len(found)
	}
}
