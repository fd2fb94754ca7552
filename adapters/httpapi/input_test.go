package httpapi_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/porteiro/porteiro/domain"
)

func newAPILogger() *slog.Logger { return slog.New(slog.DiscardHandler) }

// T086, T051: what a body may be.
func TestBodies(t *testing.T) {
	deep := strings.Repeat("[", 5000)
	for _, c := range []struct {
		name, body string
		status     int
		code       string
		field      any
	}{
		{"empty", "", 400, "request_invalid", nil},
		{"null", "null", 400, "request_invalid", "email"},
		{"array", `["a","b"]`, 400, "request_invalid", nil},
		{"number", "1", 400, "request_invalid", nil},
		{"string", `"a"`, 400, "request_invalid", nil},
		{"half", `{"email":"a`, 400, "request_invalid", nil},
		{"trailing data", `{"email":"a","password":"b"} x`, 400, "request_invalid", nil},
		{"two objects", `{"email":"a","password":"b"}{}`, 400, "request_invalid", nil},
		{"duplicate", `{"email":"a","email":"c","password":"b"}`, 400, "request_invalid", nil},
		{"duplicate of an unknown member", `{"email":"a","password":"b","x":1,"x":1}`, 400, "request_invalid", nil},
		{"email is null", `{"email":null,"password":"b"}`, 400, "request_invalid", "email"},
		{"email is missing", `{"password":"b"}`, 400, "request_invalid", "email"},
		{"password is missing", `{"email":"a"}`, 400, "request_invalid", "password"},
		{"email is a number", `{"email":1,"password":"b"}`, 400, "request_invalid", "email"},
		{"email is an object", `{"email":{"$ne":""},"password":"b"}`, 400, "request_invalid", "email"},
		{"password is an array", `{"email":"a","password":["b"]}`, 400, "request_invalid", "password"},
		{"password is a boolean", `{"email":"a","password":true}`, 400, "request_invalid", "password"},
		{"not UTF-8", "{\"email\":\"a\",\"password\":\"\xff\"}", 400, "request_invalid", nil},
		{"half a surrogate pair", `{"email":"a","password":"\ud800"}`, 400, "request_invalid", nil},
		{"deep", `{"email":"a","password":"b","x":` + deep, 400, "request_invalid", nil},
		{"a byte order mark", "\ufeff" + `{"email":"a","password":"b"}`, 400, "request_invalid", nil},
		{"over 16 KiB", `{"email":"a","password":"` + strings.Repeat("x", 16<<10) + `"}`, 413, "body_too_large", nil},
		{"1 MiB", strings.Repeat(" ", 1<<20), 413, "body_too_large", nil},
		{"T030 a password of 1 MiB", `{"email":"ana@example.com","password":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large", nil},
		{"T030 a password of 10 MiB", `{"email":"nobody@example.com","password":"` + strings.Repeat("x", 10<<20) + `"}`, 413, "body_too_large", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, path := range []string{"/login", "/register"} {
				a := newAPI(t)
				w := a.post(path, c.body)
				p := problem(t, w, c.status, c.code)
				if p["field"] != c.field || w.Header().Get("WWW-Authenticate") != "" {
					t.Errorf("%s: field %v, want %v; %v", path, p["field"], c.field, w.Header())
				}
				if former := p["msg"] == "Credenciais inválidas"; former != (path == "/login" && c.field != nil) {
					t.Errorf("%s: msg %v", path, p["msg"])
				}
				if a.asked != nil {
					t.Errorf("%s: the gate was asked %q", path, a.asked)
				}
			}
		})
	}
}

func TestUnknownMembersHaveNoEffect(t *testing.T) {
	a := newAPI(t)
	w := a.post("/login", `{"EMAIL":"x","email":"a","Password":"y","password":"b","role":"admin","admin":true,"nested":{"email":[1]}}`)
	if w.Code != 200 || a.asked[0] != "a" || a.asked[1] != "b" {
		t.Errorf("%d, asked %q", w.Code, a.asked)
	}
}

// T083.
func TestMediaTypes(t *testing.T) {
	for _, c := range []struct {
		media  string
		status int
	}{
		{"application/json", 200}, {"Application/JSON; charset=UTF-8", 200},
		{"", 415}, {"text/plain", 415}, {"application/x-www-form-urlencoded", 415}, {"multipart/form-data; boundary=x", 415},
		{"application/json; charset=latin1", 415}, {"application/jsonx", 415}, {"application/json, text/plain", 415}, {"json", 415},
	} {
		for _, path := range []string{"/login", "/register"} {
			w := newAPI(t).ask("POST", path, `{"email":"a","password":"b"}`, "Content-Type: "+c.media)
			if w.Code/100 != c.status/100 {
				t.Errorf("%s with %q: %d", path, c.media, w.Code)
			}
			if c.status == 415 {
				problem(t, w, 415, "media_type")
			}
		}
	}
}

// T075, T076, T077: where a token may be and what is said when it is not there.
func TestAuthorizationHeader(t *testing.T) {
	const bad = "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"
	const basic = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"
	const elsewhere = "Send the token as 'Authorization: Bearer <JWT>' and nowhere else"
	challenged := `Bearer realm="porteiro", error="invalid_request"`
	for _, c := range []struct {
		name      string
		query     string
		headers   []string
		status    int
		code, msg string
		challenge string
	}{
		{"none", "", nil, 401, "token_missing", "Missing Authorization Header", `Bearer realm="porteiro"`},
		{"basic", "", []string{"Authorization: Basic YTpi"}, 401, "token_missing", basic, `Bearer realm="porteiro"`},
		{"a token alone", "", []string{"Authorization: abc"}, 401, "token_missing", basic, `Bearer realm="porteiro"`},
		{"empty", "", []string{"Authorization: "}, 401, "token_missing", basic, `Bearer realm="porteiro"`},
		{"a tab", "", []string{"Authorization: Bearer\tT"}, 401, "token_missing", basic, `Bearer realm="porteiro"`},
		{"bearer alone", "", []string{"Authorization: Bearer"}, 400, "request_invalid", bad, challenged},
		{"two headers", "", []string{"Authorization: Bearer T", "Authorization: Bearer T"}, 400, "request_invalid", bad, challenged},
		{"in the query", "?access_token=T", nil, 400, "request_invalid", "", ""},
		{"in both", "?access_token=T", []string{"Authorization: Bearer T"}, 400, "request_invalid", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, route := range []string{"GET /protected", "GET /me", "GET /authorize", "POST /logout", "POST /refresh"} {
				method, path, _ := strings.Cut(route, " ")
				a := newAPI(t)
				w := a.ask(method, path+c.query, "", c.headers...)
				p := problem(t, w, c.status, c.code)
				if c.msg != "" && (p["msg"] != c.msg || w.Header().Get("WWW-Authenticate") != c.challenge) {
					t.Errorf("%s: %v, %q", route, p, w.Header())
				}
				if a.asked != nil {
					t.Errorf("%s: the gate was asked %q", route, a.asked)
				}
			}
		})
	}
	for _, c := range []struct{ media, body string }{
		{"application/x-www-form-urlencoded", "access_token=T"}, {"application/x-www-form-urlencoded", "token=T"},
		{"application/json", `{"refresh_token":"T"}`}, {"application/json", `{"access_token":"T"}`}, {"", `{"token":"T"}`},
	} {
		for _, path := range []string{"/logout", "/refresh"} {
			a := newAPI(t)
			w := a.ask("POST", path, c.body, "Content-Type: "+c.media, "Authorization: Bearer T")
			if p := problem(t, w, 400, "request_invalid"); p["msg"] != elsewhere {
				t.Errorf("%s with %s: %v", path, c.body, p)
			}
		}
	}
}

func TestSchemeIsCaseInsensitive(t *testing.T) {
	for _, scheme := range []string{"bearer", "BEARER", "bEaReR"} {
		a := newAPI(t)
		if w := a.ask("GET", "/me", "", "Authorization: "+scheme+" T"); w.Code != 200 || a.asked[0] != "T" {
			t.Errorf("%s: %d, asked %q", scheme, w.Code, a.asked)
		}
	}
	for _, token := range []string{" T", "T, Bearer T", "T T", "T\tx"} { // T077: no token has any of this
		a := newAPI(t)
		a.ask("GET", "/me", "", "Authorization: Bearer "+token)
		if a.asked[0] != token {
			t.Errorf("the token %q became %q, want it as it was sent, to be refused", token, a.asked)
		}
	}
}

// Every msg that the service before had for a token that does not hold; status, code and detail do not differ.
func TestFormerWords(t *testing.T) {
	const eddsa, none, refresh = "eyJhbGciOiJFZERTQSJ9", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9"
	var detail any
	for token, msg := range map[string]string{
		"garbage": "Not enough segments", "a.b": "Not enough segments", "a.b.c": "Invalid header padding",
		eddsa + ".e30.x": "Signature verification failed", none + ".e30.": "The specified alg value is not allowed",
		"eyJhbGciOiJFUzI1NiJ9.e30.x": "Signature verification failed", "eyJhbGciOiJSUzI1NiJ9.e30.x": "Signature verification failed", // ES256, RS256
		refresh + ".e30.x": "Only non-refresh tokens are allowed",
	} {
		for _, route := range []string{"GET /protected", "POST /logout", "GET /authorize", "GET /me"} {
			method, path, _ := strings.Cut(route, " ")
			a := newAPI(t)
			a.err = domain.TokenInvalid
			p := problem(t, a.ask(method, path, "", "Authorization: Bearer "+token), 401, "token_invalid")
			if p["msg"] != msg {
				t.Errorf("%s with %q: msg %q, want %q", route, token, p["msg"], msg)
			}
			if detail == nil {
				detail = p["detail"]
			}
			if p["detail"] != detail {
				t.Errorf("%s with %q: detail %q", route, token, p["detail"])
			}
		}
	}
}

func TestQueryOfAuthorize(t *testing.T) {
	for _, query := range []string{"?roles=admin", "?role=", "?role=Admin", "?role=admin&x=1", "?role=a%2Cb", "?%zz", "?role=a;b"} {
		a := newAPI(t)
		p := problem(t, a.ask("GET", "/authorize"+query, "", "Authorization: Bearer T"), 400, "request_invalid")
		if a.asked != nil {
			t.Errorf("%s: the gate was asked %q", query, a.asked)
		}
		if msg, _ := p["msg"].(string); query == "?roles=admin" && !strings.Contains(msg, "gateway") {
			t.Errorf("whoever sets a gateway up is told %q", msg)
		}
	}
}

func TestScopeOfLogout(t *testing.T) {
	for query, field := range map[string]any{"?scope=": "scope", "?scope=local&scope=global": "scope", "?scope=local;x": nil, "?scope=%zz": nil} {
		a := newAPI(t)
		p := problem(t, a.ask("POST", "/logout"+query, "", "Authorization: Bearer T"), 400, "request_invalid")
		if a.asked != nil || p["field"] != field {
			t.Errorf("%s: the gate was asked %q, field %v", query, a.asked, p["field"])
		}
	}
}

func TestOrigin(t *testing.T) {
	a := newAPI(t)
	w := a.ask("GET", "/me", "", "Authorization: Bearer T", "X-Request-Id: trace-1.a_B", "X-Forwarded-For: 203.0.113.9",
		"User-Agent: Mozilla\x01\u009b2J\u202e\u2028 (\xff) "+strings.Repeat("é", 300))
	if w.Header().Get("X-Request-Id") != "trace-1.a_B" || a.origin.RequestID != "trace-1.a_B" || a.origin.IP != "192.0.2.1" {
		t.Errorf("%v, %+v", w.Header(), a.origin)
	}
	if ua := a.origin.UserAgent; !strings.HasPrefix(ua, "Mozilla2J (") || len(ua) > 256 || !utf8.ValidString(ua) {
		t.Errorf("user agent %q", ua)
	}
	for _, forged := range []string{"a\"b", "a b", strings.Repeat("x", 65), "a\x1b[31m", "é"} {
		w := a.ask("GET", "/healthz", "", "X-Request-Id: "+forged)
		if id := w.Header().Get("X-Request-Id"); id == forged || len(id) != 32 {
			t.Errorf("%q became %q", forged, id)
		}
	}
}

// T088: what is not HTTP is refused before it gets here, and the connection is closed.
func TestSmuggling(t *testing.T) {
	const hidden = "GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer T\r\n\r\n"
	a := newAPI(t)
	response := raw(t, a, fmt.Sprintf("POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s", 5+len(hidden), hidden))
	if response.StatusCode != 415 || !response.Close || a.asked != nil {
		t.Errorf("a request behind one with a length and chunks: %d, close %v, asked %q", response.StatusCode, response.Close, a.asked)
	}
	for name, request := range map[string]string{
		"chunks with bare line feeds": "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1c\n{\"email\":\"a\",\"password\":\"b\"}\n0\n\n",
		"a chunk of another size":     "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-1c\r\n{\"email\":\"a\",\"password\":\"b\"}\r\n0\r\n\r\n",
		"length and chunks":           "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"negative length":             "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"two lengths":                 "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"a NUL in a folded header":    "GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n\x00 T\r\n\r\n",
		"no host":                     "GET /me HTTP/1.1\r\n\r\n",
	} {
		a := newAPI(t)
		response := raw(t, a, request)
		if response.StatusCode/100 != 4 && response.StatusCode != 501 || !response.Close || a.asked != nil {
			t.Errorf("%s: %d, close %v, asked %q", name, response.StatusCode, response.Close, a.asked)
		}
	}
}
