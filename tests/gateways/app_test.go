//go:build unix

package gateways_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// got is what reached the application.
type got struct {
	Application bool // it is the application that says this
	Method      string
	URI         string
	Headers     http.Header
	Body        string
}

// app is an application that answers whatever it gets with what it got.
type app struct {
	address string
	reached atomic.Int64
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.reached.Add(1)
		b, _ := io.ReadAll(r.Body) // what of it came is in the answer
		json.NewEncoder(w).Encode(got{true, r.Method, r.RequestURI, r.Header, string(b)})
	}))
	t.Cleanup(s.Close)
	a.address = strings.TrimPrefix(s.URL, "http://")
	return a
}

// untouched fails the test if anything reached the application since the last time.
func (a *app) untouched(t *testing.T, what string) {
	t.Helper()
	if n := a.reached.Swap(0); n > 0 {
		t.Errorf("%s: %d requests reached the application", what, n)
	}
}

// identity finds every header of the request that an application might read as one of porteiro's: servers that hand
// headers on as variables, as CGI does, do not tell - from _.
func (g got) identity() map[string][]string {
	all := map[string][]string{}
	for name, values := range g.Headers {
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		if strings.HasPrefix(name, "x-auth-") {
			all[name] = append(all[name], values...)
		}
	}
	return all
}
