package httpapi_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// fuzzed is a service in cookie mode, or not, whose gate refuses every token.
func fuzzed(t *testing.T, g *gate, cookies bool) http.Handler {
	h, err := httpapi.New(httpapi.Config{
		Gate: g, Accounts: g, Sessions: g, Ready: func(context.Context) error { return nil }, Logger: newAPILogger(),
		Cookies: httpapi.Cookies{On: cookies}, CORSOrigins: []string{page},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// T091, T080: whatever cookies hold, nothing fails, and the gate is only ever asked about the one value of the one
// cookie of our name that a plain reading of the header finds.
func FuzzCookies(f *testing.F) {
	for _, line := range []string{
		access + "=T", access + "=T; " + access + "=E", "=" + access + "=E", access + "=\"T\"", "$Version=1; " + access + "=T",
		access, ";;;=", access + " =T", "\t" + access + "=T", access + "=a=b", access + "=\x00", "__host-access_token=E",
	} {
		f.Add(line, "x=y")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		g := &gate{identity: ana()}
		r := httptest.NewRequest("GET", "/me", nil)
		r.Header["Cookie"] = []string{first, second}
		w := httptest.NewRecorder()
		fuzzed(t, g, true).ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q: %d %s", r.Header["Cookie"], w.Code, w.Body)
		}
		if g.asked == nil {
			return
		}
		found := 0
		for _, pair := range strings.Split(first+";"+second, ";") {
			name, value, _ := strings.Cut(strings.Trim(pair, " \t\r\n"), "=")
			if strings.Trim(name, " \t\r\n") == access && value == g.asked[0] {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%q: the gate was asked about %q", r.Header["Cookie"], g.asked)
		}
	})
}

// T091: no request that net/http takes makes the service fail, in whatever mode, and none is let in that the gate
// refuses.
func FuzzRequest(f *testing.F) {
	for _, request := range []string{
		"POST /refresh HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n",
		"POST /refresh HTTP/1.1\r\nHost: x\r\nCookie: " + refresh + "=T\r\nOrigin: null\r\nContent-Length: 2\r\n\r\n{}",
		"DELETE /me HTTP/1.1\r\nHost: x\r\nCookie: " + access + "=T\r\nSec-Fetch-Site: none\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"password\":\"a\"}",
		"DELETE /sessions/%00 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer T\r\n\r\n",
		"OPTIONS /login HTTP/1.1\r\nHost: x\r\nOrigin: " + page + "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: ,,a\r\n\r\n",
		"GET /authorize?role=%ff HTTP/1.1\r\nHost: x\r\nX-Forwarded-Method: \r\nX-Forwarded-For: ,\r\nAccept-Language: pt;q=-1\r\n\r\n",
		"POST /password HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json;charset\r\n\r\n1\r\n{\r\n0\r\n\r\n",
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		for _, cookies := range []bool{true, false} {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(request))))
			if err != nil {
				return // net/http's own answer
			}
			r.RemoteAddr = "192.0.2.1:1234"
			g := &gate{err: domain.TokenInvalid}
			w := httptest.NewRecorder()
			fuzzed(t, g, cookies).ServeHTTP(w, r)
			open := r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.Method == http.MethodOptions && w.Code == http.StatusNoContent
			if w.Code >= 500 || w.Code < 300 && !open || w.Code/100 == 3 {
				t.Errorf("%q with cookies %v: %d %s", request, cookies, w.Code, w.Body)
			}
		}
	})
}

// T091: no bytes make the service fail.
func FuzzLogin(f *testing.F) {
	f.Add(`{"email":"a","password":"b"}`, "application/json", "Bearer T", "/login")
	f.Add(`{"email":"a","email":1}`, "application/json; charset=", "bearer", "/logout?scope=local")
	f.Add("access_token=x", "application/x-www-form-urlencoded", "Basic \xff", "/authorize?role=%ff&role=")
	f.Add("\x00", ";;", "Bearer a.b.c", "/refresh")
	f.Fuzz(func(t *testing.T, body, media, authorization, target string) {
		g := &gate{identity: application.Identity{}, err: domain.TokenInvalid}
		h, err := httpapi.New(httpapi.Config{Gate: g, Accounts: g, Sessions: g, Ready: func(context.Context) error { return nil }, Logger: newAPILogger()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		if u, err := r.URL.Parse(target); err == nil {
			r.URL = u
		}
		r.Header["Content-Type"] = []string{media}
		r.Header["Authorization"] = []string{authorization}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code == 200 && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			t.Errorf("%q with %q: %d %s", target, body, w.Code, w.Body)
		}
	})
}
