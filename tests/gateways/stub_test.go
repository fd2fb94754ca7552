//go:build unix

package gateways_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// good is what the stub lets in.
const good = "Authorization: Bearer good"

// stub stands where porteiro would, and can do what porteiro does not: be late, be broken.
type stub struct {
	address string
	mu      sync.Mutex
	asked   question
	opened  int // connections
}

// question is what it was asked last.
type question struct {
	method, query string
	forwarded     []string // X-Forwarded-Method
	body          int      // bytes
}

// newStub answers as the token says that it should.
func newStub(t *testing.T) *stub {
	t.Helper()
	s := &stub{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.answer))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.opened++
			s.mu.Unlock()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // before it: a late answer would hold it up
	s.address = strings.TrimPrefix(server.URL, "http://")
	return s
}

func (s *stub) answer(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked = question{r.Method, r.URL.RawQuery, r.Header.Values("X-Forwarded-Method"), len(b)}
	s.mu.Unlock()
	_, how, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch how {
	case "good":
		for _, name := range []string{"User", "Email", "Roles", "Session"} {
			w.Header().Set("X-Auth-"+name, "")
		}
	case "late":
		select {
		case <-r.Context().Done():
		case <-time.After(patience):
		}
	case "cut":
		panic(http.ErrAbortHandler)
	case "500", "502", "503", "504", "404", "302", "101":
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(map[string]int{"500": 500, "502": 502, "503": 503, "504": 504, "404": 404, "302": 302, "101": 101}[how])
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (s *stub) last() question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *stub) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}
