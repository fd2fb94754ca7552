//go:build unix

package gateways_test

import (
	"encoding/json"
	"fmt"
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
		said, _ := json.Marshal(got{true, r.Method, r.RequestURI, r.Header, string(b)})
		if protocol := r.Header.Get("Upgrade"); protocol != "" {
			echo(w, protocol, said)
			return
		}
		w.Write(said)
	}))
	t.Cleanup(s.Close)
	a.address = strings.TrimPrefix(s.URL, "http://")
	return a
}

// key and accept are those of RFC 6455 section 1.3.
const (
	key    = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
	accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// echo takes the connection over for whatever protocol it is, as a careless application does, and sends back what comes.
func echo(w http.ResponseWriter, protocol string, said []byte) {
	c, b, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(b, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n%s\r\nSaid: %s\r\n\r\n", protocol, accept, said)
	b.Flush()
	io.Copy(c, b)
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
