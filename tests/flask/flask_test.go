// Package flask_test holds porteiro to what the Flask app before it answered: its clients read msg, and compare it.
package flask_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/tests/inprocess"
)

// request is one of the transcript, as porteiro is sent it, and the status that porteiro answers.
type request struct {
	status               int
	method, path, bearer string // bearer is the whole header; "" is none
	body                 string
	msg                  string // where it is not the app's: that was a fault
}

// TestTranscript sends what the Flask app was sent, in the same order, and wants every msg of it back, byte for byte and
// in whatever language. Statuses are porteiro's own: 400 and 401 where the app said 422.
func TestTranscript(t *testing.T) {
	s := story{t, inprocess.Handler(t, inprocess.Core(t, nil), nil)}
	const credentials = `{"email":"ana@example.com","password":"correct horse battery"}`
	s.must(201, request{method: "POST", path: "/register", body: credentials})
	login := func() (access, refresh string) {
		pair := s.must(200, request{method: "POST", path: "/login", body: credentials})
		return pair["access_token"].(string), pair["refresh_token"].(string)
	}
	a, refresh := login()
	b, _ := login()
	var c string
	protected := func(status int, bearer string) request {
		return request{status: status, method: "GET", path: "/protected", bearer: bearer}
	}
	logIn := func(status int, body string) request {
		return request{status: status, method: "POST", path: "/login", body: body}
	}
	logOut := request{status: 200, method: "POST", path: "/logout", bearer: "Bearer " + a}
	const none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbmFAZXhhbXBsZS5jb20ifQ."
	const revoked = "Token has been revoked"
	for name, said := range transcript(t) {
		r, known := map[string]request{
			"wrong pw":                 logIn(401, `{"email":"ana@example.com","password":"wrong"}`),
			"unknown":                  logIn(401, `{"email":"nobody@example.com","password":"wrong"}`),
			"missing fields":           logIn(400, `{}`),
			"null email":               logIn(400, `{"email":null,"password":"x"}`),
			"protected ok":             protected(200, "Bearer "+a),
			"no header":                protected(401, ""),
			"Basic":                    protected(401, "Basic YTpi"),
			"Bearer alone":             protected(400, "Bearer"),
			"garbage":                  protected(401, "Bearer garbage"),
			"a.b.c":                    protected(401, "Bearer a.b.c"),
			"refresh as access":        protected(401, "Bearer "+refresh),
			"tampered":                 protected(401, "Bearer "+tampered(a)),
			"alg none":                 protected(401, "Bearer "+none),
			"logout (session A)":       logOut,
			"protected A after logout": protected(401, "Bearer "+a),
			"protected B (other session) after logout of A": protected(401, "Bearer "+b),
			"logout again":                {status: 200, method: "POST", path: "/logout", bearer: "Bearer " + a, msg: "Logout bem-sucedido"},
			"protected C new login":       protected(200, "Bearer "+c),
			"OLD token A after new login": {status: 401, method: "GET", path: "/protected", bearer: "Bearer " + a, msg: revoked},
			"OLD token B after new login": {status: 401, method: "GET", path: "/protected", bearer: "Bearer " + b, msg: revoked},
		}[name]
		if !known {
			t.Errorf("the transcript has %q, which nothing is sent for", name)
			continue
		}
		if r.msg != "" {
			said = r.msg
		}
		if got := s.must(r.status, r)["msg"]; got != said {
			t.Errorf("%s: msg %q, the app said %q", name, got, said)
		}
		if name == "logout again" { // the next one is about a new login
			c, _ = login()
		}
	}
}

// transcript yields the requests that the app answered with a msg, in their order.
func transcript(t *testing.T) func(yield func(name, msg string) bool) {
	t.Helper()
	b, err := os.ReadFile("testdata/transcript.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 20 {
		t.Fatalf("the transcript has %d lines", len(lines))
	}
	return func(yield func(name, msg string) bool) {
		for _, line := range lines {
			name, body := strings.TrimSpace(line[:51]), line[strings.IndexByte(line, '\'')+1:len(line)-1]
			var answer struct{ Msg string }
			if err := json.Unmarshal([]byte(literal(body)), &answer); err != nil || answer.Msg == "" {
				t.Fatalf("%s: %v", line, err)
			}
			if !yield(name, answer.Msg) {
				return
			}
		}
	}
}

// literal is what a Python string literal stands for.
func literal(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\n`, "\n").Replace(s)
}

// tampered changes the signature of a token.
func tampered(token string) string {
	i := len(token) - 10
	other := "A"
	if token[i:i+1] == other {
		other = "B"
	}
	return token[:i] + other + token[i+1:]
}

type story struct {
	t *testing.T
	http.Handler
}

// must sends a request and returns the members of the answer, which has to have the status.
func (s story) must(status int, r request) map[string]any {
	s.t.Helper()
	asked := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	asked.Header.Set("Content-Type", "application/json")
	asked.Header.Set("Accept-Language", "pt-BR")
	if r.bearer != "" {
		asked.Header.Set("Authorization", r.bearer)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, asked)
	var members map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &members); err != nil || w.Code != status {
		s.t.Errorf("%s %s: %d %s, want %d", r.method, r.path, w.Code, w.Body, status)
	}
	return members
}
