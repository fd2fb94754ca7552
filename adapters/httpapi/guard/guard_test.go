package guard_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestWhoPassedIsInTheContext(t *testing.T) {
	d := newDoor(t)
	w := ask(d, "POST", "/orders?page=2", "Authorization: Bearer A.B.C")
	if w.Code != 200 || w.Body.String() != "inside" || len(d.in) != 1 {
		t.Fatalf("%d %s, let in %d times", w.Code, w.Body, len(d.in))
	}
	ctx := d.in[0].Context()
	if id, ok := application.IdentityOf(ctx); !ok || cmp.Diff(ana(), id) != "" {
		t.Errorf("the handler sees %+v, %v", id, ok)
	}
	if _, bounded := ctx.Deadline(); bounded || ctx.Err() != nil {
		t.Error("the time for asking bounds the handler")
	}
	if want := [][]string{{"A.B.C"}}; cmp.Diff(want, d.asked) != "" {
		t.Errorf("the gate was asked %q", d.asked)
	}
	if len(w.Header()) != 1 { // the recorder's Content-Type
		t.Errorf("the guard adds to the handler's answer: %v", w.Header())
	}
}

func TestWithoutAGuardThereIsNoIdentity(t *testing.T) {
	if id, ok := application.IdentityOf(t.Context()); ok || id.User != "" {
		t.Errorf("%+v, %v", id, ok)
	}
}

func TestRequire(t *testing.T) {
	d := newDoor(t)
	everybody := newGuard(t, func(c *guard.Config) { c.Gate = d.gate })
	admins, err := everybody.Require("admin", "billing:write")
	if err != nil {
		t.Fatal(err)
	}
	readers, err := admins.Require("reader")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*guard.Guard{admins, readers, everybody} {
		ask(g.Protect(d), "GET", "/", "Authorization: Bearer T")
		d.asked = d.asked[:len(d.asked)-1] // that of the inner door
	}
	if want := [][]string{{"T", "admin", "billing:write"}, {"T", "reader"}, {"T"}}; cmp.Diff(want, d.asked) != "" {
		t.Errorf("asked for %q", d.asked)
	}
	for want, roles := range map[string][]domain.Role{"no role is required": {}, `"Admin" is no role`: {"reader", "Admin"}, `"" is no role`: {""}} {
		if g, err := everybody.Require(roles...); g != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Require(%q): %v, want %s", roles, err, want)
		}
	}
}

func TestTheAskingIsBounded(t *testing.T) {
	d := newDoor(t, func(c *guard.Config) { c.Timeout = time.Millisecond })
	d.wait = true
	w := ask(d, "GET", "/", "Authorization: Bearer T")
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" || len(d.in) != 0 {
		t.Errorf("%d %v, let in %d times", w.Code, w.Header(), len(d.in))
	}
}

func TestAYesToNobodyIsNone(t *testing.T) {
	d := newDoor(t)
	d.id = application.Identity{}
	if w := ask(d, "GET", "/", "Authorization: Bearer T"); w.Code != 503 || len(d.in) != 0 {
		t.Errorf("%d %s, let in %d times", w.Code, w.Body, len(d.in))
	}
	if log := d.log.String(); strings.Count(log, "yes to nobody") != 1 {
		t.Errorf("the log is %q", log)
	}
}

// The handler streams both ways: what it flushes is on its way, and it reads a body that is still being written.
func TestStreaming(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := c.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		line := make([]byte, 4)
		for range 2 {
			if _, err := io.ReadFull(r.Body, line); err != nil {
				t.Error(err)
			}
			w.Write(line)
			if err := c.Flush(); err != nil {
				t.Error(err)
			}
		}
	})
	server := httptest.NewServer(newGuard(t).Protect(handler))
	defer server.Close()
	read, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, read)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer T")
	go write.Write([]byte("one\n"))
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	line := make([]byte, 4)
	for _, want := range []string{"one\n", "two\n"} {
		if _, err := io.ReadFull(response.Body, line); err != nil || string(line) != want {
			t.Fatalf("%q, %v, want %q", line, err, want)
		}
		go func() { // only once the first line came back
			write.Write([]byte("two\n"))
			write.Close()
		}()
	}
}

// What the handler gets is the server's own ResponseWriter, whatever else that can do.
func TestTheResponseWriterIsNotWrapped(t *testing.T) {
	var got http.ResponseWriter
	h := newGuard(t).Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { got = w }))
	if w := ask(h, "GET", "/", "Authorization: Bearer T"); got != http.ResponseWriter(w) {
		t.Errorf("the handler writes to a %T", got)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for want, c := range map[string]guard.Config{
		"a Gate is needed":                  {Logger: log},
		"a Logger is needed":                {Gate: &gate{}},
		"a timeout of -1s":                  {Gate: &gate{}, Logger: log, Timeout: -time.Second},
		"trusted origins without cookies":   {Gate: &gate{}, Logger: log, TrustedOrigins: []string{"https://app.example.com"}},
		"the trusted origin \"*\" has":      {Gate: &gate{}, Logger: log, Cookies: guard.Cookies{On: true}, TrustedOrigins: []string{"*"}},
		"a cookie domain (example.com)":     {Gate: &gate{}, Logger: log, Cookies: guard.Cookies{Domain: "example.com"}},
		"insecure cookies without cookies:": {Gate: &gate{}, Logger: log, Cookies: guard.Cookies{Insecure: true}},
	} {
		if g, err := guard.New(c); g != nil || err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "guard: ") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
