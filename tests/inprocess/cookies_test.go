package inprocess_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/client"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

const credentials = `{"email":"ana@example.com","password":"correct horse battery"}`

// browser keeps cookies as a browser does, and says that its pages are the service's own.
type browser struct {
	t    *testing.T
	url  string
	http *http.Client
}

// served is a service in cookie mode over TLS whose clock runs as far ahead as the test says.
func served(t *testing.T) (*httptest.Server, *atomic.Int64) {
	ahead := &atomic.Int64{}
	core := inprocess.Core(t, func(d *application.Deps) {
		d.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	if _, err := core.Register(t.Context(), "ana@example.com", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(inprocess.Handler(t, core, func(c *httpapi.Config) { c.Cookies.On = true }))
	t.Cleanup(server.Close)
	return server, ahead
}

func newBrowser(t *testing.T, server *httptest.Server) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, server.URL, &http.Client{Transport: server.Client().Transport, Jar: jar}}
}

// send sends a request with the cookies that it has, or with a Bearer and without them.
func (b *browser) send(method, path, body, bearer string) (int, map[string]any) {
	b.t.Helper()
	r, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	sender := b.http
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
		sender = &http.Client{Transport: b.http.Transport}
	}
	response, err := sender.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	var members map[string]any
	if len(text) > 0 {
		if err := json.Unmarshal(text, &members); err != nil {
			b.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return response.StatusCode, members
}

// must sends with the cookies and wants the status, and the code where it is a refusal.
func (b *browser) must(status int, code, method, path, body string) map[string]any {
	b.t.Helper()
	got, members := b.send(method, path, body, "")
	if c, _ := members["code"].(string); got != status || c != code {
		b.t.Errorf("%s %s: %d %v, want %d %s", method, path, got, members, status, code)
	}
	return members
}

// cookie returns the value of one of its cookies, or "".
func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == "__Host-"+name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) wantNone(after string) {
	b.t.Helper()
	if b.cookie("access_token") != "" || b.cookie("refresh_token") != "" {
		b.t.Errorf("after %s it still has cookies", after)
	}
}

// TestSessionInCookies: a whole life of a session whose tokens no page sees.
func TestSessionInCookies(t *testing.T) {
	server, ahead := served(t)
	b := newBrowser(t, server)
	if got := b.must(200, "", "POST", "/login", credentials); len(got) != 2 || got["expires_in"] != 900.0 {
		t.Errorf("a login answers %v", got)
	}
	b.must(200, "", "GET", "/me", "")
	first := b.cookie("refresh_token")
	b.must(200, "", "POST", "/refresh", "")
	if again := b.cookie("refresh_token"); again == first || again == "" {
		t.Error("the refresh handed out no new cookie")
	}
	ahead.Store(int64(time.Hour)) // the access token is over, its cookie is not
	b.must(401, "token_expired", "GET", "/me", "")
	b.must(200, "", "POST", "/logout?scope=local", "")
	b.wantNone("a logout with an access token that has expired")
	b.must(401, "token_missing", "POST", "/refresh", "")
}

// T052: a login in a browser that is signed in ends the session before, and leaves the user's others alone.
func TestLoginInPlaceOfAnother(t *testing.T) {
	server, _ := served(t)
	b, elsewhere := newBrowser(t, server), newBrowser(t, server)
	elsewhere.must(200, "", "POST", "/login", credentials)
	b.must(200, "", "POST", "/login", credentials)
	before := b.cookie("access_token")
	b.must(401, "invalid_credentials", "POST", "/login", `{"email":"ana@example.com","password":"wrong"}`)
	b.must(200, "", "GET", "/me", "")
	b.must(200, "", "POST", "/login", credentials)
	if status, answer := b.send("GET", "/me", "", before); status != 401 || answer["code"] != "token_revoked" {
		t.Errorf("the session before: %d %v", status, answer)
	}
	b.must(200, "", "GET", "/me", "")
	elsewhere.must(200, "", "GET", "/me", "")
}

// T081: whatever ends the browser's own session takes its cookies, and what ends another leaves them.
func TestEndsThatTakeCookies(t *testing.T) {
	server, ahead := served(t)
	b, other := newBrowser(t, server), newBrowser(t, server)
	own := func(b *browser) string { return b.must(200, "", "GET", "/me", "")["session"].(string) }
	b.must(200, "", "POST", "/login", credentials)
	other.must(200, "", "POST", "/login", credentials)
	b.must(204, "", "DELETE", "/sessions/"+own(other), "")
	b.must(200, "", "GET", "/me", "")
	other.must(401, "token_revoked", "POST", "/refresh", "")
	other.wantNone("a refresh that was refused")
	b.must(200, "", "POST", "/logout?scope=others", "")
	b.must(204, "", "DELETE", "/sessions/"+own(b), "")
	b.wantNone("the end of its own session")

	b.must(200, "", "POST", "/login", credentials)
	b.must(200, "", "POST", "/password", `{"current_password":"correct horse battery","new_password":"staple horse battery"}`)
	b.must(200, "", "GET", "/me", "")
	ahead.Store(int64(8 * 24 * time.Hour))
	b.must(401, "session_expired", "POST", "/refresh", "")
	b.wantNone("a refresh that came too late")
	b.must(200, "", "POST", "/login", strings.Replace(credentials, "correct", "staple", 1))
	b.must(204, "", "DELETE", "/me", `{"password":"staple horse battery"}`)
	b.wantNone("the deletion")
}

// Cookies are for pages: a program's client is told so, rather than given nothing.
func TestClientOfAServiceWithCookies(t *testing.T) {
	server, _ := served(t)
	c, err := client.New(client.Config{URL: server.URL, HTTP: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Login(t.Context(), "ana@example.com", "correct horse battery")
	if !errors.Is(err, domain.Unavailable) || !strings.Contains(err.Error(), "cookies") {
		t.Errorf("got %v", err)
	}
}
