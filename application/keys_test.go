package application_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestKeyRingBegins(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{Every: 720 * time.Hour})
	made, err := s.Begin(t.Context())
	if err != nil || len(made) != 2 || made[0].Private != nil || made[1].Private != nil {
		t.Errorf("Begin made %v, %v", made, err)
	}
	s.is("the first", domain.Access, "access-01 EdDSA signing")
	s.is("the first", domain.Refresh, "refresh-02 HS256 signing")
	s.publishes("at once", "access-01")
	if made, err := s.another(application.KeyRingDeps{Algorithm: "EdDSA"}).Begin(t.Context()); err != nil || len(made) != 0 {
		t.Errorf("a second node made %v, %v", made, err)
	}
}

func TestKeyRingsThatBeginAtOnceAgree(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{})
	store := memory.New()
	rings := make([]*application.KeyRing, 16)
	for i := range rings {
		r, err := application.NewKeyRing(application.KeyRingDeps{Store: store, Maker: s.maker, Clock: func() time.Time { return noon.Add(time.Duration(i) * time.Second) }})
		if err != nil {
			t.Fatal(err)
		}
		rings[i] = r
	}
	var all sync.WaitGroup
	for _, r := range rings {
		all.Go(func() {
			if _, err := r.Begin(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if keys, err := store.Keys(t.Context()); err != nil || len(keys) != 2 {
		t.Errorf("%d keys are there, %v", len(keys), err)
	}
}

// T027: a new key is published before it signs, and the old one verifies until its last token has expired.
func TestT027KeyRingRotatesOnSchedule(t *testing.T) {
	const notice = 5*time.Minute + 50*time.Second // the public keys' age, two polls, and the clocks' difference
	s := newKeyStage(t, application.KeyRingDeps{Every: 720 * time.Hour})
	s.begin()
	s.tend(720*time.Hour - notice - 1)
	s.is("just before", domain.Access, "access-01 EdDSA signing")
	made := s.tend(1)
	if len(made) != 1 || made[0].Private != nil || !made[0].ActiveFrom.Equal(noon.Add(720*time.Hour)) {
		t.Errorf("Tend made %v", made)
	}
	s.is("published", domain.Access, "access-01 EdDSA signing, access-03 EdDSA next")
	s.publishes("published", "access-01 access-03")
	s.tend(notice - 1)
	s.is("until the interval is over", domain.Access, "access-01 EdDSA signing, access-03 EdDSA next")
	s.tend(1)
	s.is("then", domain.Access, "access-01 EdDSA verifying, access-03 EdDSA signing")
	s.tend(50 * time.Second)
	s.is("nobody keeps a copy of refresh keys", domain.Refresh, "refresh-02 HS256 verifying, refresh-04 HS256 signing")
	s.tend(24*time.Hour + 30*time.Second - 1) // the ceiling of access tokens, two polls, the clocks' difference twice
	s.is("a day later", domain.Access, "access-01 EdDSA verifying, access-03 EdDSA signing")
	s.tend(1)
	s.is("when the last token has expired", domain.Access, "access-01 EdDSA retired, access-03 EdDSA signing")
	s.publishes("when the last token has expired", "access-03")
	s.is("a session lives on", domain.Refresh, "refresh-02 HS256 verifying, refresh-04 HS256 signing")
	for range 40 {
		s.tend(10 * time.Second)
	}
	s.is("no more than that", domain.Access, "access-01 EdDSA retired, access-03 EdDSA signing")
}

func TestKeyRingNeverRotatesWithoutAnInterval(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{})
	s.begin()
	s.tend(100000 * time.Hour)
	s.is("years later", domain.Access, "access-01 EdDSA signing")
}

func TestKeyRingChangesTheAlgorithmAtAStart(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{Every: 720 * time.Hour, Algorithm: "EdDSA"})
	s.begin()
	other := s.another(application.KeyRingDeps{Every: 720 * time.Hour, Algorithm: "ES256"})
	for range 2 {
		if _, err := other.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const want = "access-01 EdDSA signing, access-03 ES256 next"
	s.is("after a start with another algorithm", domain.Access, want)
	s.tend(10 * time.Second) // by a node that still has the old setting: they do not take turns
	s.is("after a poll of the node before", domain.Access, want)
	s.is("the refresh keys", domain.Refresh, "refresh-02 HS256 signing")
	s.now = s.now.Add(time.Hour)
	s.is("later", domain.Access, "access-01 EdDSA verifying, access-03 ES256 signing")
}

func TestKeyRingKeepsAsLongAsTokensLiveHere(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{SessionTTL: 1000 * time.Hour})
	s.begin()
	if _, err := s.another(application.KeyRingDeps{}).Rotate(t.Context(), domain.Refresh, ""); err != nil { // somebody left the setting out
		t.Fatal(err)
	}
	s.tend(time.Hour)
	s.now = noon.Add(1000 * time.Hour)
	s.is("a session of a thousand hours", domain.Refresh, "refresh-02 HS256 verifying, refresh-03 HS256 signing")
}

func TestKeyRingRotatesByHand(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{Algorithm: "EdDSA"})
	s.begin()
	s.now = s.now.Add(time.Second)
	key, err := s.Rotate(t.Context(), domain.Access, "RS256")
	if err != nil || key.Private != nil || key.Algorithm != "RS256" || !key.ActiveFrom.After(s.now.Add(5*time.Minute)) {
		t.Errorf("Rotate: %v, %v", key, err)
	}
	s.now = s.now.Add(time.Second)
	if key, err = s.Rotate(t.Context(), domain.Access, ""); err != nil || key.Algorithm != "RS256" {
		t.Errorf("Rotate without an algorithm: %v, %v", key, err)
	}
	if _, err := s.Rotate(t.Context(), domain.Access, "none"); !errors.Is(err, domain.RequestInvalid) {
		t.Errorf("an algorithm of nobody: %v", err)
	}
}

func TestKeyRingRetires(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{})
	s.begin()
	refused := func(what, id string, inUse bool, want ...error) {
		t.Helper()
		err := s.Retire(t.Context(), id, inUse)
		if slices.ContainsFunc(want, func(w error) bool { return !errors.Is(err, w) }) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	refused("the last key", "access-01", true, domain.RequestInvalid, domain.ErrLastKey)
	refused("no key", "x", true, domain.NotFound)
	s.now = s.now.Add(time.Second)
	if _, err := s.Rotate(t.Context(), domain.Access, ""); err != nil {
		t.Fatal(err)
	}
	refused("the one that signs", "access-01", false, domain.RequestInvalid, domain.ErrKeyInUse)
	if err := s.Retire(t.Context(), "access-01", true); err != nil {
		t.Errorf("the one that signs, wanted: %v", err)
	}
	s.is("afterwards", domain.Access, "access-01 EdDSA retired, access-03 EdDSA signing")
	s.tend(0)
	s.publishes("afterwards", "access-03")
}

func TestKeyRingPublishesWithoutAskingTheStoreEachTime(t *testing.T) {
	s := newKeyStage(t, application.KeyRingDeps{MaxAge: time.Minute, Poll: time.Second})
	s.begin()
	reads := s.store.reads
	for range 100 {
		if p, err := s.Public(t.Context()); err != nil || p.MaxAge != time.Minute {
			t.Fatalf("Public: %v, %v", p, err)
		}
	}
	if s.store.reads != reads {
		t.Errorf("100 answers were %d reads", s.store.reads-reads)
	}
	s.store.broken = errBroken
	s.now = s.now.Add(2 * time.Second)
	s.publishes("two polls without the store", "access-01")
	s.now = s.now.Add(1)
	if p, err := s.Public(t.Context()); !errors.Is(err, domain.Unavailable) || p.JWKS != nil {
		t.Errorf("later: %v, %v", p, err)
	}
	s.store.broken = nil
	s.publishes("with the store back, and nobody who tends", "access-01")
}

func TestKeyRingFailuresAreUnavailable(t *testing.T) {
	calls := map[string]func(*keyStage) error{
		"Begin":  func(s *keyStage) error { _, err := s.Begin(t.Context()); return err },
		"Tend":   func(s *keyStage) error { _, err := s.Tend(t.Context()); return err },
		"List":   func(s *keyStage) error { _, err := s.List(t.Context()); return err },
		"Public": func(s *keyStage) error { _, err := s.Public(t.Context()); return err },
		"Rotate": func(s *keyStage) error { _, err := s.Rotate(t.Context(), domain.Access, ""); return err },
		"Retire": func(s *keyStage) error { return s.Retire(t.Context(), "x", true) },
	}
	for name, call := range calls {
		s := newKeyStage(t, application.KeyRingDeps{})
		s.store.broken = errBroken
		if err := call(s); !errors.Is(err, domain.Unavailable) || !errors.Is(err, errBroken) {
			t.Errorf("%s with a store that fails: %v", name, err)
		}
		s = newKeyStage(t, application.KeyRingDeps{})
		s.maker.broken = errBroken
		if err := call(s); name != "List" && name != "Retire" && !errors.Is(err, domain.Unavailable) {
			t.Errorf("%s with a maker that fails: %v", name, err)
		}
	}
}

func TestNewKeyRingRefuses(t *testing.T) {
	good := application.KeyRingDeps{Store: memory.New(), Maker: &maker{}, Clock: func() time.Time { return noon }}
	var said []string
	for _, spoil := range []func(*application.KeyRingDeps){
		func(d *application.KeyRingDeps) { d.Store = nil }, func(d *application.KeyRingDeps) { d.Maker = nil },
		func(d *application.KeyRingDeps) { d.Clock = nil }, func(d *application.KeyRingDeps) { d.Poll = -1 },
	} {
		d := good
		spoil(&d)
		r, err := application.NewKeyRing(d)
		if err == nil || r != nil {
			t.Fatal("it was made")
		}
		said = append(said, err.Error())
	}
	want := []string{"application: a KeyStore is needed", "application: a KeyMaker is needed", "application: a Clock is needed", "application: keys cannot be looked at every -1ns"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}
