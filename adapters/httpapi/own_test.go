package httpapi_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/porteiro/porteiro/domain"
)

const aSession = "018f0000-0000-7000-8000-000000000002"

// own is every route for what is one's own: how it is asked, what the port is asked then, and what is answered.
func own() map[string]struct {
	method, path, body string
	asked              []string
	status             int
	answer             string
} {
	type route = struct {
		method, path, body string
		asked              []string
		status             int
		answer             string
	}
	const tokens = `{"access_token":"A","refresh_token":"R","token_type":"Bearer","expires_in":900,"refresh_expires_in":604800}` + "\n"
	return map[string]route{
		"password": {"POST", "/password", `{"current_password":" a","new_password":"b\u0000"}`, []string{"T", " a", "b\x00"}, 200, tokens},
		"email": {"POST", "/me/email", `{"email":"bea@example.com","password":"a"}`, []string{"T", "a", "bea@example.com"}, 200,
			`{"id":"018f0000-0000-7000-8000-000000000001","email":"bea@example.com"}` + "\n"},
		"delete": {"DELETE", "/me", `{"password":"a","why":"ignored"}`, []string{"T", "a"}, 204, ""},
		"sessions": {"GET", "/sessions", "", []string{"T"}, 200, `{"sessions":[{"id":"` + aSession + `","current":true,` +
			`"login_time":"2030-01-02T03:04:05.678901Z","refreshed_at":"2030-01-02T03:04:05Z","user_agent":"curl/8.9.1","ip":"192.0.2.7"}]}` + "\n"},
		"end": {"DELETE", "/sessions/" + aSession, "", []string{"T", aSession}, 204, ""},
	}
}

func TestOwn(t *testing.T) {
	for name, r := range own() {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			w := a.ask(r.method, r.path, r.body, "Authorization: Bearer T", "Content-Type: application/json")
			if w.Code != r.status || w.Body.String() != r.answer || !slices.Equal(a.asked, r.asked) {
				t.Errorf("%d %s, the port was asked %q", w.Code, w.Body, a.asked)
			}
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q", w.Header().Get("Cache-Control"))
			}
			problem(t, a.ask(r.method, r.path, r.body, "Content-Type: application/json"), 401, "token_missing")
			a.err = &domain.Denied{Refusal: domain.TooManyAttempts, RetryAfter: 5500e6}
			w = a.ask(r.method, r.path, r.body, "Authorization: Bearer T", "Content-Type: application/json")
			problem(t, w, 429, "too_many_attempts")
			if w.Header().Get("Retry-After") != "6" {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
			a.err = errors.New("inside")
			problem(t, a.ask(r.method, r.path, r.body, "Authorization: Bearer T", "Content-Type: application/json"), 500, "internal")
		})
	}
}

func TestOwnBodies(t *testing.T) {
	for name, c := range map[string]struct{ method, path, body, field string }{
		"no current password":   {"POST", "/password", `{"new_password":"b"}`, "current_password"},
		"no new password":       {"POST", "/password", `{"current_password":"b"}`, "new_password"},
		"a number as password":  {"POST", "/password", `{"current_password":1,"new_password":"b"}`, "current_password"},
		"an object as password": {"POST", "/password", `{"current_password":"a","new_password":{}}`, "new_password"},
		"no email":              {"POST", "/me/email", `{"password":"b"}`, "email"},
		"no password":           {"POST", "/me/email", `{"email":"b@example.com"}`, "password"},
		"nothing":               {"DELETE", "/me", `{}`, "password"},
		"null":                  {"DELETE", "/me", `{"password":null}`, "password"},
	} {
		a := newAPI(t)
		p := problem(t, a.ask(c.method, c.path, c.body, "Authorization: Bearer T", "Content-Type: application/json"), 400, "request_invalid")
		if a.asked != nil || p["field"] != c.field {
			t.Errorf("%s: the port was asked %q, field %v", name, a.asked, p["field"])
		}
	}
	for _, r := range own() {
		if r.body == "" {
			continue
		}
		a := newAPI(t)
		problem(t, a.ask(r.method, r.path, r.body, "Authorization: Bearer T", "Content-Type: text/plain"), 415, "media_type")
		problem(t, a.ask(r.method, r.path, `[`, "Authorization: Bearer T", "Content-Type: application/json"), 400, "request_invalid")
		if a.asked != nil {
			t.Errorf("%s %s: the port was asked %q", r.method, r.path, a.asked)
		}
	}
}
