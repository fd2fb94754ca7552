package passwords_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/application"
	"golang.org/x/crypto/argon2"
)

// cheap are parameters for tests that are not about the price.
var cheap = passwords.Params{Memory: 16, Time: 2, Threads: 1}

// meter is an argon2id that notes what was asked of it.
type meter struct {
	key  passwords.Key
	mu   sync.Mutex
	work []passwords.Params
}

func (m *meter) Key(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
	m.mu.Lock()
	m.work = append(m.work, passwords.Params{Memory: memory, Time: time, Threads: threads})
	m.mu.Unlock()
	return m.key(password, salt, time, memory, threads, size)
}

// take returns what was done since it was last called.
func (m *meter) take() (work []passwords.Params) {
	m.mu.Lock()
	defer m.mu.Unlock()
	work, m.work = m.work, nil
	return work
}

// free is an argon2id that costs nothing and takes every parameter.
func free(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %d", password, salt, time, memory, threads))
	return []byte(strings.Repeat(string(sum[:]), 3))[:size]
}

// verify is Verify of a Hasher that must not be busy.
func verify(t testing.TB, h *passwords.Hasher, password, hash string) (ok, stale bool) {
	t.Helper()
	ok, stale, err := h.Verify(context.Background(), password, hash)
	if err != nil {
		t.Fatalf("Verify(%q, %q): %v", password, hash, err)
	}
	return ok, stale
}

func hash(t testing.TB, h *passwords.Hasher, password string) string {
	t.Helper()
	s, err := h.Hash(context.Background(), password)
	if err != nil {
		t.Fatalf("Hash(%q): %v", password, err)
	}
	return s
}

func recommended(t testing.TB) *passwords.Hasher {
	t.Helper()
	h, err := passwords.New(passwords.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// gated is a Hasher whose argon2id waits at a gate; each one that reached it has left a mark in begun.
func gated(slots, queue int) (h *passwords.Hasher, begun, gate chan struct{}) {
	begun, gate = make(chan struct{}, 1000), make(chan struct{})
	return passwords.NewCheap(passwords.Config{Slots: slots, Queue: queue}, func(password, salt []byte, t, m uint32, p uint8, n uint32) []byte {
		begun <- struct{}{}
		<-gate
		return free(password, salt, t, m, p, n)
	}), begun, gate
}

// login verifies in the background and leaves the error in the channel.
func login(ctx context.Context, p application.Passwords) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, _, err := p.Verify(ctx, "password", "")
		done <- err
	}()
	return done
}

// argon2id writes the hash that p asks for, the salt and the tag of any size.
func argon2id(password, salt string, p passwords.Params, size uint32) string {
	tag := argon2.IDKey([]byte(password), []byte(salt), p.Time, p.Memory, p.Threads, size)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", p.Memory, p.Time, p.Threads,
		b64.EncodeToString([]byte(salt)), b64.EncodeToString(tag))
}

// allocated is the bytes that f allocates. No parallel test runs while one that is not parallel does.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

type fixture struct{ Email, Hash, Password string }

func fixtures(t testing.TB) (rows []fixture) {
	t.Helper()
	b, err := os.ReadFile("testdata/werkzeug.json")
	if err == nil {
		err = json.Unmarshal(b, &rows)
	}
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	return rows
}
