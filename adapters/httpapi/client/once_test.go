package client_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
)

// dropping answers the first request, and after it drops the connection of every one that it has read, until it has
// dropped some; it counts those that came after the first.
type dropping struct {
	mu    sync.Mutex
	drops int
	asked []string
	warm  bool
}

func (d *dropping) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.warm {
		d.warm = true
		io.WriteString(w, passed)
		return
	}
	d.asked = append(d.asked, r.Method+" "+r.URL.Path)
	if len(d.asked) <= d.drops {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
		return
	}
	io.WriteString(w, passed)
}

// read returns what was asked so far.
func (d *dropping) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.asked)
}

// A write whose connection breaks once it was read is not sent again: it may have happened. The connection was in use
// before, which is where net/http sends a request again that it takes for harmless.
func TestWritesAreSentOnce(t *testing.T) {
	for route, call := range writes() {
		d := &dropping{drops: 1}
		far := dial(t, client.Config{URL: serve(t, d.ServeHTTP).URL})
		if _, err := far.Authorize(t.Context(), "A"); err != nil {
			t.Fatal(err)
		}
		unavailable(t, route, call(t.Context(), far))
		if asked := d.read(); len(asked) != 1 || asked[0] != route {
			t.Errorf("%s: the server read %q", route, asked)
		}
	}
}

// A read may be sent again, on another connection and once: a server closes connections that were idle.
func TestReadsAreSentAgainAfterAnIdleConnectionBroke(t *testing.T) {
	for drops, asks := range map[int]int{1: 2, 5: 2} {
		d := &dropping{drops: drops}
		far := dial(t, client.Config{URL: serve(t, d.ServeHTTP).URL})
		if _, err := far.Authorize(t.Context(), "A"); err != nil {
			t.Fatal(err)
		}
		_, err := far.Authorize(t.Context(), "A")
		if asked := d.read(); len(asked) != asks || (err == nil) != (drops < asks) {
			t.Errorf("%d connections dropped: %v, and the server read %q", drops, err, asked)
		}
	}
}

// A redirect would take tokens and passwords elsewhere.
func TestNoRedirectIsFollowed(t *testing.T) {
	elsewhere := make(chan string, 100)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { elsewhere <- r.Method + " " + r.URL.Path })
	for _, status := range []int{301, 302, 303, 307, 308} {
		here := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		far := dial(t, client.Config{URL: here.URL})
		for _, calls := range []map[string]func(context.Context, *client.Client) error{writes(), reads()} {
			for route, call := range calls {
				unavailable(t, route, call(t.Context(), far))
			}
		}
	}
	if n := len(elsewhere); n > 0 {
		t.Errorf("%d requests went elsewhere, the first one is %s", n, <-elsewhere)
	}
}
