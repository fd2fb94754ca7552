package bench_test

import (
	"database/sql"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/coalesce"
	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/metrics"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

// nowhere is an answer that nobody reads.
type nowhere struct{ h http.Header }

func (n nowhere) Header() http.Header         { return n.h }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkAuthorize is the path of a request from the handler to the store and back, without network and database; and
// what metrics add to it.
func BenchmarkAuthorize(b *testing.B) {
	b.Run("plain", func(b *testing.B) { hot(b, false) })
	b.Run("measured", func(b *testing.B) { hot(b, true) })
}

func hot(b *testing.B, measured bool) {
	store := memory.New()
	ring, err := application.NewKeyRing(application.KeyRingDeps{Store: store, Maker: tokens.Maker{}, Clock: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := ring.Begin(b.Context()); err != nil {
		b.Fatal(err)
	}
	codec, err := tokens.NewLive(b.Context(), store, tokens.LiveConfig{})
	if err != nil {
		b.Fatal(err)
	}
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		b.Fatal(err)
	}
	m, err := metrics.New(metrics.Config{
		Version: "bench", Clock: time.Now, Busy: hasher.Busy, Keys: codec.Seen,
		Pools: func() map[string]sql.DBStats { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	standings := application.Standings(store)
	if measured {
		standings = m.Standings(store)
	}
	standing, err := coalesce.New(standings, coalesce.Config{})
	if err != nil {
		b.Fatal(err)
	}
	core, err := application.New(application.Deps{Store: store, Tokens: codec, Passwords: hasher, Standing: standing, Registration: true})
	if err != nil {
		b.Fatal(err)
	}
	gate := application.Gate(core)
	if measured {
		gate = m.Gate(core)
	}
	h, err := httpapi.New(httpapi.Config{Gate: gate, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := core.Register(b.Context(), email(0), password); err != nil {
		b.Fatal(err)
	}
	grant, err := core.Login(b.Context(), email(0), password)
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequest("GET", "/authorize", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:1234"
	r.Header.Set("Authorization", "Bearer "+grant.AccessToken)
	w := nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
	if w.h.Get("X-Auth-Email") != email(0) {
		b.Fatal("it did not pass")
	}
}
