package logfile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.org/outside/logfile"
	"github.com/porteiro/porteiro/domain"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func ana() domain.User {
	return domain.User{ID: "0196a0c0-0000-7000-8000-000000000001", Email: "ana@example.com", PasswordHash: "hash", CreatedAt: noon}
}

func session(n int) domain.SessionID {
	return domain.SessionID(fmt.Sprintf("0196a0c0-0000-7000-9000-%012x", n))
}

// login opens a session for Ana.
func login(ctx context.Context, s *logfile.Store, n int) error {
	return s.Change(ctx, ana().ID, func(a *domain.Account) error {
		_, err := a.Open(noon, domain.Opening{ID: session(n), Verified: "hash", Lifetime: domain.Lifetime{Absolute: time.Hour, Idle: time.Hour}})
		return err
	})
}

// logins returns a file of Ana and three logins, and how long it was when each of the four was acknowledged.
func logins(t *testing.T) (content []byte, acknowledged []int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "porteiro.log")
	s := open(t, path)
	for n := range 4 {
		var err error
		if n == 0 {
			err = s.Add(t.Context(), ana())
		} else {
			err = login(t.Context(), s, n)
		}
		if err != nil {
			t.Fatal(err)
		}
		if content, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		acknowledged = append(acknowledged, len(content))
	}
	return content, acknowledged
}

// Wherever a crash cuts the file, what was acknowledged by then is there, and the store goes on.
func TestACutAnywhereLosesNothingAcknowledged(t *testing.T) {
	content, acknowledged := logins(t)
	path := filepath.Join(t.TempDir(), "porteiro.log")
	for cut := acknowledged[0]; cut <= len(content); cut++ {
		nearEnd := slices.ContainsFunc(acknowledged, func(end int) bool { return cut-end <= 1 && end-cut <= 1 })
		if cut%7 != 0 && !nearEnd { // opening waits for the disk
			continue
		}
		if err := os.WriteFile(path, content[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := logfile.Open(path)
		if err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(content), err)
		}
		found, err := s.Standings(t.Context(), session(1), session(2), session(3))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for want < 3 && acknowledged[want+1] <= cut {
			want++
		}
		if len(found) != want {
			t.Errorf("cut at %d of %d: %d sessions are there, want %d", cut, len(content), len(found), want)
		}
		if !nearEnd {
			s.Close()
			continue
		}
		if err := errors.Join(login(t.Context(), s, 9), s.Close()); err != nil {
			t.Errorf("cut at %d: %v", cut, err)
		}
		s = open(t, path)
		if found, _ := s.Standings(t.Context(), session(9)); len(found) != 1 {
			t.Errorf("cut at %d: what was written afterwards is gone", cut)
		}
		s.Close()
	}
}

func TestDamageIsAnErrorAndStays(t *testing.T) {
	content, acknowledged := logins(t)
	path := filepath.Join(t.TempDir(), "porteiro.log")
	for at := range acknowledged[2] { // all but the last line, of which an end that is damaged cannot be told from a cut
		damaged := bytes.Clone(content)
		damaged[at] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := logfile.Open(path); err == nil {
			s.Close()
			t.Fatalf("a file was opened in which byte %d is damaged", at)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, damaged) {
			t.Fatalf("opening changed a file in which byte %d is damaged: %v", at, err)
		}
	}
}

func TestASecondStoreIsKeptOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.log")
	first := open(t, path)
	if _, err := logfile.Open(path); err == nil {
		t.Fatal("two stores are at work on one file")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestOpeningMakesTheFileShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.log")
	s := open(t, path)
	if err := s.Add(t.Context(), ana()); err != nil {
		t.Fatal(err)
	}
	var long, short int
	for n := range 50 {
		if err := login(t.Context(), s, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, removed, err := s.Purge(t.Context(), noon.Add(2*time.Hour), "", 100); err != nil || removed != 50 {
		t.Fatalf("Purge removed %d, %v", removed, err)
	}
	for _, size := range []*int{&long, &short} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		*size = len(content)
		s.Close()
		s = open(t, path)
	}
	if short > long/10 {
		t.Errorf("%d bytes became %d", long, short)
	}
}

func TestADiskThatFailsIsNotAskedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.log")
	s, err := logfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Add(t.Context(), ana()), login(t.Context(), s, 1)); err != nil {
		t.Fatal(err)
	}
	s.Break()
	for n := range 2 {
		err := login(t.Context(), s, 2)
		if refusal := domain.Unavailable; err == nil || errors.As(err, &refusal) {
			t.Errorf("write %d: got %v, want a failure that is no refusal", n, err)
		}
	}
	if found, err := s.Standings(t.Context(), session(1), session(2)); err != nil || len(found) != 1 {
		t.Errorf("%d sessions are seen, %v; one was acknowledged", len(found), err)
	}
	s.Close() // its error is that of the file
	s = open(t, path)
	if err := login(t.Context(), s, 2); err != nil {
		t.Errorf("opened again: %v", err)
	}
}
