package tokens_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

var errBroken = errors.New("the cable is out")

func live(t testing.TB, s *keyStore, c tokens.LiveConfig) *tokens.Live {
	t.Helper()
	l, err := tokens.NewLive(t.Context(), s, c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLiveContract(t *testing.T) {
	contract.Tokens(t, func(t *testing.T) application.Tokens { return live(t, &keyStore{keys: ring(t)}, tokens.LiveConfig{}) })
}

// stage is a store, and a live codec over it that polls until the bubble's test ends.
func stage(t *testing.T, c tokens.LiveConfig) (*keyStore, *tokens.Live) {
	s := &keyStore{keys: ring(t)}
	return s, running(t, s, c)
}

func running(t *testing.T, s *keyStore, c tokens.LiveConfig) *tokens.Live {
	l := live(t, s, c)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return l
}

// after lets time go by in the bubble, and what is due then be done.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLiveFollowsTheRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := stage(t, tokens.LiveConfig{})
		old := issue(t, codec(t, ring(t), tokens.Config{}), accessClaims())
		next := made(t, domain.Access, "ES256")
		foreign := issue(t, codec(t, []domain.Key{next, refreshKey("r1", 101)}, tokens.Config{}), accessClaims())
		read := func(token string) error { _, err := l.Read(domain.Access, token); return err }
		if read(old) != nil || !errors.Is(read(foreign), domain.TokenInvalid) {
			t.Errorf("before: %v, %v", read(old), read(foreign))
		}
		if err := s.ChangeKeys(t.Context(), func(r *domain.Ring) error { r.Put(next); return nil }); err != nil {
			t.Fatal(err)
		}
		after(10*time.Second - 1)
		if read(foreign) == nil {
			t.Error("it looked before the poll")
		}
		after(1)
		if read(old) != nil || read(foreign) != nil {
			t.Errorf("after a poll: %v, %v", read(old), read(foreign))
		}
		// T027: a key that was retired is refused with the next poll.
		err := s.ChangeKeys(t.Context(), func(r *domain.Ring) error { return r.Retire(time.Now(), "a1", true, 0) })
		if err != nil {
			t.Fatal(err)
		}
		after(10 * time.Second)
		if !errors.Is(read(old), domain.TokenInvalid) || read(foreign) != nil {
			t.Errorf("after the retirement: %v, %v", read(old), read(foreign))
		}
	})
}

// A token of a key that this node could not learn of is never refused for good because the database was away.
func TestLiveKnowsWhenItCannotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, l := stage(t, tokens.LiveConfig{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		good := issue(t, l, accessClaims())
		s.fail(errBroken)
		for _, c := range []struct {
			wait time.Duration
			want domain.Refusal
		}{{0, domain.TokenInvalid}, {20 * time.Second, domain.TokenInvalid}, {1, domain.Unavailable}, {time.Hour, domain.Unavailable}} {
			after(c.wait)
			for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
				if claims, err := l.Read(kind, "x"); !errors.Is(err, c.want) || claims != (domain.Claims{}) {
					t.Errorf("%v later: %v, want %v", c.wait, err, c.want)
				}
			}
			if _, err := l.Read(domain.Access, good); err != nil {
				t.Errorf("a token that holds: %v", err)
			}
			if _, err := l.Issue(refreshClaims()); err != nil {
				t.Errorf("Issue: %v", err)
			}
		}
		s.fail(nil)
		after(10 * time.Second)
		if _, err := l.Read(domain.Access, "x"); !errors.Is(err, domain.TokenInvalid) {
			t.Errorf("with the database back: %v", err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "WARN") || !strings.Contains(lines[0], errBroken.Error()) || !strings.Contains(lines[1], "again") {
			t.Errorf("it logged %q", lines)
		}
	})
}

func TestLiveKeepsWhatItHasWhenTheRingCannotBeUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, l := stage(t, tokens.LiveConfig{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		good := issue(t, l, accessClaims())
		odd := domain.Key{ID: "odd", Purpose: domain.Access, Algorithm: "RS1", Private: []byte("hush"), CreatedAt: start}
		if err := s.ChangeKeys(t.Context(), func(r *domain.Ring) error { r.Put(odd); return nil }); err != nil {
			t.Fatal(err)
		}
		after(time.Minute)
		if _, err := l.Read(domain.Access, good); err != nil {
			t.Errorf("a token that holds: %v", err)
		}
		if _, err := l.Read(domain.Access, "x"); !errors.Is(err, domain.Unavailable) {
			t.Errorf("a token that may be of the odd key: %v", err)
		}
		if s := log.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "key odd") || strings.Contains(s, "hush") {
			t.Errorf("it logged %q", s)
		}
	})
}

func TestLiveTendsBeforeItLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Bool
		next, s := made(t, domain.Access, ""), &keyStore{keys: ring(t)}
		l := running(t, s, tokens.LiveConfig{Tend: func(ctx context.Context) error {
			if failing.Load() {
				return errBroken
			}
			return s.ChangeKeys(ctx, func(r *domain.Ring) error { r.Put(next); return nil })
		}})
		foreign := issue(t, codec(t, []domain.Key{next, refreshKey("r1", 101)}, tokens.Config{}), accessClaims())
		after(10 * time.Second)
		if _, err := l.Read(domain.Access, foreign); err != nil {
			t.Errorf("after one poll: %v", err)
		}
		failing.Store(true) // it looks all the same
		after(time.Hour)
		if _, err := l.Read(domain.Access, "x"); !errors.Is(err, domain.TokenInvalid) {
			t.Errorf("while nothing can be tended: %v", err)
		}
	})
}

func TestNewLiveRefuses(t *testing.T) {
	broken := &keyStore{}
	broken.fail(errBroken)
	if l, err := tokens.NewLive(t.Context(), broken, tokens.LiveConfig{}); !errors.Is(err, errBroken) || l != nil {
		t.Errorf("a store that fails: %v", err)
	}
	if l, err := tokens.NewLive(t.Context(), &keyStore{}, tokens.LiveConfig{}); err == nil || l != nil {
		t.Error("an empty ring will do")
	}
	if l, err := tokens.NewLive(t.Context(), &keyStore{keys: ring(t)}, tokens.LiveConfig{Poll: -1}); err == nil || l != nil {
		t.Error("a negative poll will do")
	}
}
