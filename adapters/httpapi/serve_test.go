package httpapi_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// T115: of what bounds a slow client nothing is left to net/http's default, which is for ever.
func TestServerBoundsWhatIsSlow(t *testing.T) {
	s := httpapi.NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for name, bound := range map[string]int64{
		"ReadHeaderTimeout": int64(s.ReadHeaderTimeout), "ReadTimeout": int64(s.ReadTimeout), "WriteTimeout": int64(s.WriteTimeout),
		"IdleTimeout": int64(s.IdleTimeout), "MaxHeaderBytes": int64(s.MaxHeaderBytes),
	} {
		if bound <= 0 {
			t.Errorf("%s is %d", name, bound)
		}
	}
}

// T115: a header that never ends is refused, and its connection closed.
func TestServerBoundsHeaders(t *testing.T) {
	a := newAPI(t)
	response := raw(t, a, "GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer T\r\nX-Long: "+strings.Repeat("x", 64<<10))
	if response.StatusCode != 431 || !response.Close || a.asked != nil {
		t.Errorf("%d, close %v, asked %q", response.StatusCode, response.Close, a.asked)
	}
}

// T088: net/http makes one line of a folded header (RFC 9112 section 5.2), in which no other header hides.
func TestFoldedHeadersHideNothing(t *testing.T) {
	a := newAPI(t)
	if response := raw(t, a, "GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n\t T\r\n\r\n"); response.StatusCode != 200 || a.asked[0] != "T" {
		t.Errorf("a folded Authorization: %d, asked %q", response.StatusCode, a.asked)
	}
	a = newAPI(t)
	if response := raw(t, a, "GET /me HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Authorization: Bearer T\r\n\r\n"); response.StatusCode != 401 || a.asked != nil {
		t.Errorf("Authorization in the fold of another header: %d, asked %q", response.StatusCode, a.asked)
	}
}

// T086: depth is bounded, and within the bound what nobody knows is passed over like any other member.
func TestDeepBodies(t *testing.T) {
	for _, c := range []struct {
		name, x string
		status  int
		code    string
	}{
		{"opened 10001 times", strings.Repeat("[", 10_001), 400, "request_invalid"},
		{"opened 10001 times as objects and too long", strings.Repeat(`{"a":`, 10_001), 413, "body_too_large"},
		{"10001 deep", strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), 400, "request_invalid"},
		{"as deep as may be", strings.Repeat("[", 8000) + strings.Repeat("]", 8000), 200, ""},
	} {
		for _, path := range []string{"/login", "/register"} {
			a := newAPI(t)
			w := a.post(path, `{"email":"a","password":"b","x":`+c.x+"}")
			if c.status == 200 {
				if w.Code/100 != 2 || a.asked[0] != "a" || a.asked[1] != "b" {
					t.Errorf("%s: %s: %d %s, asked %q", path, c.name, w.Code, w.Body, a.asked)
				}
				continue
			}
			if problem(t, w, c.status, c.code); a.asked != nil {
				t.Errorf("%s: %s: the gate was asked %q", path, c.name, a.asked)
			}
		}
	}
}

// T078: whatever has no route of its own is answered by the handler, and not by net/http.
func TestOptionsOfTheServer(t *testing.T) {
	response := raw(t, newAPI(t), "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	if response.StatusCode != 404 || response.Header.Get("X-Request-Id") == "" || response.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}
