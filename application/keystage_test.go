package application_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// maker makes keys that sign nothing, and publishes their IDs.
type maker struct {
	mu     sync.Mutex
	made   int
	broken error
}

func (m *maker) Make(purpose domain.Kind, algorithm string) (domain.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.broken != nil:
		return domain.Key{}, m.broken
	case algorithm == "none":
		return domain.Key{}, domain.RequestInvalid
	case algorithm == "":
		algorithm = map[domain.Kind]string{domain.Access: "EdDSA", domain.Refresh: "HS256"}[purpose]
	}
	m.made++
	return domain.Key{ID: fmt.Sprintf("%s-%02d", purpose, m.made), Purpose: purpose, Algorithm: algorithm, Private: []byte("secret")}, nil
}

func (m *maker) Publish(keys []domain.Key) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, k := range keys {
		if k.Purpose == domain.Access {
			ids = append(ids, k.ID)
		}
	}
	return []byte(strings.Join(ids, " ")), m.broken
}

// keysOf fails when it is told to.
type keysOf struct {
	application.KeyStore
	broken error
	reads  int
}

func (s *keysOf) Keys(ctx context.Context) ([]domain.Key, error) {
	if s.reads++; s.broken != nil {
		return nil, s.broken
	}
	return s.KeyStore.Keys(ctx)
}

func (s *keysOf) ChangeKeys(ctx context.Context, f func(*domain.Ring) error) error {
	if s.broken != nil {
		return s.broken
	}
	return s.KeyStore.ChangeKeys(ctx, f)
}

// keyStage is a ring over a store of its own, with a clock that the test moves.
type keyStage struct {
	*application.KeyRing
	t     *testing.T
	store *keysOf
	maker *maker
	now   time.Time
}

func newKeyStage(t *testing.T, d application.KeyRingDeps) *keyStage {
	s := &keyStage{t: t, store: &keysOf{KeyStore: memory.New()}, maker: &maker{}, now: noon}
	s.KeyRing = s.another(d)
	return s
}

// another is a ring of another node.
func (s *keyStage) another(d application.KeyRingDeps) *application.KeyRing {
	s.t.Helper()
	d.Store, d.Maker, d.Clock = s.store, s.maker, func() time.Time { return s.now }
	r, err := application.NewKeyRing(d)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// state is every key of a purpose with its state.
func (s *keyStage) state(purpose domain.Kind) string {
	s.t.Helper()
	keys, err := s.List(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, k := range keys {
		if k.Private != nil {
			s.t.Errorf("List shows the secret of %s", k.ID)
		}
		if k.Purpose == purpose {
			all = append(all, fmt.Sprintf("%s %s %s", k.ID, k.Algorithm, domain.StateOf(k, keys, s.now)))
		}
	}
	return strings.Join(all, ", ")
}

func (s *keyStage) is(what string, purpose domain.Kind, want string) {
	s.t.Helper()
	if got := s.state(purpose); got != want {
		s.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (s *keyStage) publishes(what, want string) {
	s.t.Helper()
	if got, err := s.Public(s.t.Context()); err != nil || string(got.JWKS) != want {
		s.t.Errorf("%s: published is %q, %v, want %q", what, got.JWKS, err, want)
	}
}

func (s *keyStage) begin() {
	s.t.Helper()
	if _, err := s.Begin(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// tend lets time go by and has the node look after the keys.
func (s *keyStage) tend(after time.Duration) []domain.Key {
	s.t.Helper()
	s.now = s.now.Add(after)
	made, err := s.Tend(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}
