package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// T085, T087: one path, one decision.
func TestRoutes(t *testing.T) {
	for _, target := range []string{
		"/", "//login", "/login/", "/%6cogin", "/login%2f", "/a/../login", "/./login", "/LOGIN", "/login;x=1", "/auth/login", "/admin",
		"/sessions/", "/sessions/a/b", "/{id}", "/sessions//a",
	} {
		a := newAPI(t)
		problem(t, a.ask("POST", target, ""), 404, "not_found")
	}
	for path, allow := range map[string]string{
		"/login": "POST", "/refresh": "POST", "/logout": "POST", "/register": "POST", "/protected": "GET, HEAD", "/me": "DELETE, GET, HEAD",
		"/me/email": "POST", "/password": "POST", "/sessions": "GET, HEAD", "/sessions/018f0000-0000-7000-8000-000000000002": "DELETE",
		"/healthz": "GET, HEAD", "/readyz": "GET, HEAD",
	} {
		for _, method := range []string{"PUT", "TRACE", "DELETE", "OPTIONS", "X", "login"} {
			if strings.Contains(allow, method) {
				continue
			}
			a := newAPI(t)
			w := a.ask(method, path, "", "Authorization: Bearer T")
			problem(t, w, 405, "method_not_allowed")
			if w.Header().Get("Allow") != allow || a.asked != nil {
				t.Errorf("%s %s: Allow %q, asked %q", method, path, w.Header().Get("Allow"), a.asked)
			}
		}
	}
	a := newAPI(t, func(c *httpapi.Config) { c.BasePath = "/auth/" })
	if w := a.ask("GET", "/auth/healthz", ""); w.Code != 200 {
		t.Errorf("with a base path: %d", w.Code)
	}
	problem(t, a.ask("GET", "/healthz", ""), 404, "not_found")
	for _, host := range []string{"EXAMPLE.com", "evil.example", "example.com:443"} { // no decision is taken on it
		r := httptest.NewRequest("GET", "/auth/me", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if a.ServeHTTP(w, r); w.Code != 401 {
			t.Errorf("with the host %s: %d", host, w.Code)
		}
	}
}
