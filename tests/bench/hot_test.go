package bench_test

import (
	"bytes"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/coalesce"
	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/logs"
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
	core, h := whole(b, measured, hasher(b), slog.DiscardHandler)
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

// BenchmarkRefused is what a login costs that finds no place with the passwords, from the handler to the log.
func BenchmarkRefused(b *testing.B) {
	b.Run("plain", func(b *testing.B) { refused(b, false) })
	b.Run("measured", func(b *testing.B) { refused(b, true) })
}

func refused(b *testing.B, measured bool) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	full := hasher(b)
	for err == nil { // takes every place
		_, _, err = full.Place(b.Context())
	}
	_, h := whole(b, measured, full, slog.NewTextHandler(null, nil))
	body := bytes.NewReader(nil)
	r, err := http.NewRequest("POST", "/login", io.NopCloser(body))
	if err != nil {
		b.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:1234"
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Mozilla/5.0", "Accept-Language": "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7",
	} {
		r.Header.Set(name, value)
	}
	sent := []byte(`{"email":"` + email(0) + `","password":"` + password + `"}`)
	w := nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		body.Reset(sent)
		h.ServeHTTP(w, r)
	}
	if w.h.Get("Retry-After") != "1" {
		b.Fatal("it was not refused")
	}
}

func hasher(b *testing.B) *passwords.Hasher {
	h, err := passwords.New(passwords.Config{})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// whole is the service in this process, on a store in memory, and what it logs goes to the handler.
func whole(b *testing.B, measured bool, hasher *passwords.Hasher, log slog.Handler) (*application.Core, http.Handler) {
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
	m, err := metrics.New(metrics.Config{
		Version: "bench", Clock: time.Now, Busy: hasher.Busy, Keys: codec.Seen,
		Pools: func() map[string]sql.DBStats { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	d := application.Deps{Store: store, Tokens: codec, Passwords: hasher, Clock: time.Now, Events: logs.New(log), Registration: true}
	standings := application.Standings(store)
	if measured {
		standings, d.Passwords, d.Attempts = m.Standings(store), m.Passwords(hasher), m.Attempts(store)
	}
	if d.Standing, err = coalesce.New(standings, coalesce.Config{}); err != nil {
		b.Fatal(err)
	}
	core, err := application.New(d)
	if err != nil {
		b.Fatal(err)
	}
	gate := application.Gate(core)
	if measured {
		gate = m.Gate(core)
	}
	h, err := httpapi.New(httpapi.Config{Gate: gate, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(log)})
	if err != nil {
		b.Fatal(err)
	}
	return core, h
}
