package guard_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// gate answers as it is told, and keeps what it was asked.
type gate struct {
	application.Gate
	id    application.Identity
	err   error
	asked [][]string
	wait  bool
}

func (g *gate) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	words := []string{access}
	for _, r := range anyOf {
		words = append(words, string(r))
	}
	g.asked = append(g.asked, words)
	if end, bounded := ctx.Deadline(); g.wait && bounded && time.Until(end) < 10*time.Second { // else nothing would end it
		<-ctx.Done()
		return application.Identity{}, domain.Unavailable
	}
	return g.id, g.err
}

func ana() application.Identity {
	return application.Identity{
		User: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com", Roles: []domain.Role{"admin"},
		Session: "018f0000-0000-7000-8000-000000000002", LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC),
	}
}

// door is a guarded handler, the gate behind the guard and what was let in.
type door struct {
	http.Handler
	*gate
	log bytes.Buffer
	in  []*http.Request
}

func newDoor(t *testing.T, change ...func(*guard.Config)) *door {
	t.Helper()
	d := &door{gate: &gate{id: ana()}}
	g := newGuard(t, append([]func(*guard.Config){func(c *guard.Config) {
		c.Gate, c.Logger = d.gate, slog.New(slog.NewTextHandler(&d.log, nil))
	}}, change...)...)
	d.Handler = g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.in = append(d.in, r)
		w.Write([]byte("inside"))
	}))
	return d
}

func newGuard(t *testing.T, change ...func(*guard.Config)) *guard.Guard {
	t.Helper()
	c := guard.Config{Gate: &gate{id: ana()}, Logger: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&c)
	}
	g, err := guard.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ask sends a request whose headers are "Name: value".
func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
