// Package inprocess lends a test a whole service inside the test's process: the core with real tokens and passwords over
// a store in memory, and the HTTP handler in front of it. It opens no port.
package inprocess

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

// Core returns a core with an empty store and registration open. change, where it is not nil, is shown what the core is
// made of before it is.
func Core(t testing.TB, change func(*application.Deps)) *application.Core {
	t.Helper()
	core, err := New(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// New is Core for an Example, which has no testing.TB.
func New(ctx context.Context, change func(*application.Deps)) (*application.Core, error) {
	store := memory.New()
	ring, err := application.NewKeyRing(application.KeyRingDeps{Store: store, Maker: tokens.Maker{}, Clock: time.Now})
	if err != nil {
		return nil, err
	}
	if _, err := ring.Begin(ctx); err != nil {
		return nil, err
	}
	keys, err := store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	codec, err := tokens.New(keys, tokens.Config{})
	if err != nil {
		return nil, err
	}
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		return nil, err
	}
	d := application.Deps{Store: store, Tokens: codec, Passwords: hasher, Clock: time.Now, Registration: true}
	if change != nil {
		change(&d)
	}
	return application.New(d)
}

// Handler returns the HTTP handler over a core. change, where it is not nil, is shown the settings before it is made.
func Handler(t testing.TB, core *application.Core, change func(*httpapi.Config)) http.Handler {
	t.Helper()
	c := httpapi.Config{
		Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	h, err := httpapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
