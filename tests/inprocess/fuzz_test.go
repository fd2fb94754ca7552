package inprocess_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// plain hashes nothing, so that more can be tried in a second.
type plain struct{}

func (plain) Hash(_ context.Context, password string) (string, error) { return password, nil }

func (plain) Verify(_ context.Context, password, hash string) (ok, stale bool, err error) {
	return hash != "" && password == hash, false, nil
}

// T091: no bytes make a healthy service fail. ACCESS and REFRESH in them stand for tokens that pass.
func FuzzService(f *testing.F) {
	for _, request := range []string{
		"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 62\r\n\r\n" + credentials,
		"POST /refresh HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer REFRESH\r\n\r\n",
		"POST /refresh HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: none\r\nCookie: __Host-refresh_token=REFRESH\r\n\r\n",
		"POST /logout?scope=others HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ACCESS\r\n\r\n",
		"GET /authorize?role=a&role=b HTTP/1.1\r\nHost: x\r\nCookie: __Host-access_token=ACCESS\r\nX-Forwarded-Method: HEAD\r\n\r\n",
		"GET /sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ACCESS\r\n\r\n",
		"DELETE /sessions/01a20b47-d5f1-7107-ba38-68eaa49fab3a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ACCESS\r\n\r\n",
		"POST /me/email HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ACCESS\r\nContent-Type: application/json\r\nContent-Length: 62\r\n\r\n" + credentials,
		"POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n{\"email\":\"\\u0000\",\"password\":\"\\u0000\"}",
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		core := inprocess.Core(t, func(d *application.Deps) { d.Passwords = plain{} })
		if _, err := core.Register(t.Context(), "ana@example.com", "correct horse battery"); err != nil {
			t.Fatal(err)
		}
		for _, cookies := range []bool{true, false} {
			h := inprocess.Handler(t, core, func(c *httpapi.Config) { c.Cookies.On = cookies })
			grant, err := core.Login(t.Context(), "ana@example.com", "correct horse battery")
			if err != nil {
				return // what came before deleted her, or gave her another name
			}
			text := strings.NewReplacer("ACCESS", grant.AccessToken, "REFRESH", grant.RefreshToken).Replace(string(request))
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			if err != nil {
				return // net/http's own answer
			}
			r.RemoteAddr = "192.0.2.1:1234"
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code >= 500 {
				t.Errorf("%q with cookies %v: %d %s", request, cookies, w.Code, w.Body)
			}
		}
	})
}
