package guard_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/adapters/httpapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// A service that runs beside porteiro asks it over HTTP.
func Example() {
	gate, err := client.New(client.Config{URL: porteiro()}) // such as https://auth.example.com
	if err != nil {
		panic(err)
	}
	door, err := guard.New(guard.Config{Gate: gate, Logger: slog.Default()})
	if err != nil {
		panic(err)
	}
	admins, err := door.Require("admin")
	if err != nil {
		panic(err)
	}
	orders := func(w http.ResponseWriter, r *http.Request) {
		id, _ := application.IdentityOf(r.Context())
		fmt.Fprintf(w, "the orders of %s", id.Email)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders", door.Protect(http.HandlerFunc(orders)))
	mux.Handle("GET /orders/all", admins.Protect(http.HandlerFunc(orders)))

	token := signIn(gate)
	show(mux, "/orders", token)
	show(mux, "/orders/all", token)
	show(mux, "/orders", "")
	gate.Logout(context.Background(), token, "")
	show(mux, "/orders", token)
	// Output:
	// 200 the orders of ana@example.com
	// 403 insufficient_role
	// 401 token_missing
	// 401 token_revoked
}

// A service that has porteiro's core in its own process asks that; nothing else changes.
func ExampleGuard_Protect_near() {
	core, err := inprocess.New(context.Background(), nil) // application.New of a store, tokens and passwords
	if err != nil {
		panic(err)
	}
	door, err := guard.New(guard.Config{Gate: core, Logger: slog.Default()})
	if err != nil {
		panic(err)
	}
	h := door.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := application.IdentityOf(r.Context())
		fmt.Fprintf(w, "Hello, %s!", id.Email)
	}))

	show(h, "/", signIn(core))
	show(h, "/", "eyJhbGciOiJub25lIn0.e30.")
	// Output:
	// 200 Hello, ana@example.com!
	// 401 token_invalid
}

// porteiro starts the service for an example, and returns where it is.
func porteiro() string {
	core, err := inprocess.New(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	h, err := httpapi.New(httpapi.Config{Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.Default()})
	if err != nil {
		panic(err)
	}
	return httptest.NewServer(h).URL
}

// people is what an example needs to sign Ana in.
type people interface {
	application.Gate
	application.Accounts
}

func signIn(p people) (access string) {
	if _, err := p.Register(context.Background(), "ana@example.com", "correct horse battery"); err != nil {
		panic(err)
	}
	g, err := p.Login(context.Background(), "ana@example.com", "correct horse battery")
	if err != nil {
		panic(err)
	}
	return g.AccessToken
}

// show prints what a request with a token is answered: the body, or the code of a refusal.
func show(h http.Handler, path, token string) {
	r := httptest.NewRequest("GET", path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := w.Body.String()
	if _, rest, refused := strings.Cut(body, `"code":"`); refused {
		body, _, _ = strings.Cut(rest, `"`)
	}
	fmt.Println(w.Code, body)
}
