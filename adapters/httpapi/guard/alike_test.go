package guard_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/httpapi/guard"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// service is porteiro's own handler over a gate.
func service(t *testing.T, g *gate, cookies httpapi.Cookies, origins ...string) http.Handler {
	t.Helper()
	h, err := httpapi.New(httpapi.Config{
		Gate: g, Accounts: nobody{}, Sessions: nobody{}, Ready: func(context.Context) error { return nil },
		Logger: slog.New(slog.DiscardHandler), Cookies: cookies, CORSOrigins: origins,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

type nobody struct {
	application.Accounts
	application.Sessions
}

// A guard refuses in porteiro's own words: status, headers and body are the same, byte for byte.
func TestRefusalsAreThoseOfTheService(t *testing.T) {
	d := newDoor(t)
	api := service(t, d.gate, httpapi.Cookies{})
	gateSays := []error{
		domain.InvalidCredentials, domain.TokenMissing, domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked,
		domain.TokenReused, domain.SessionExpired, domain.InsufficientRole, domain.EmailTaken, domain.EmailInvalid,
		domain.PasswordWeak, domain.RegistrationClosed, domain.TooManyAttempts, domain.CrossSite, domain.RequestInvalid,
		domain.NotFound, domain.MethodNotAllowed, domain.MediaType, domain.BodyTooLarge, domain.Unavailable,
		&domain.Denied{Refusal: domain.Unavailable, RetryAfter: 2500 * time.Millisecond},
		&domain.Denied{Refusal: domain.RequestInvalid, Field: "role"},
		fmt.Errorf("authorize: %w: %w", domain.Unavailable, errors.New("dial tcp 10.1.2.3:5432")),
		errors.New("dial tcp 10.1.2.3:5432"), context.DeadlineExceeded, domain.Refusal("made up"),
	}
	for _, say := range gateSays {
		for _, language := range []string{"", "pt-BR", "en"} {
			d.err = say
			alike(t, fmt.Sprintf("the gate says %v, in %q", say, language), d, api, "GET", "/me", "Authorization: Bearer A.B.C", "Accept-Language: "+language)
		}
	}
	d.err = domain.TokenInvalid
	for _, headers := range [][]string{
		{}, {"Authorization: "}, {"Authorization: Bearer"}, {"Authorization: Bearer "}, {"Authorization: Basic YTpi"}, {"Authorization: Token"},
		{"Authorization: Bearer A", "Authorization: Bearer A"}, {"Authorization: Bearer A"}, {"Authorization: bearer  A.B.C"},
		{"Authorization: Bearer " + strings.Repeat(".", 5000)}, {"Authorization: Bearer eyJhbGciOiJub25lIn0.e30."}, {"Cookie: __Host-access_token=A"},
	} {
		alike(t, fmt.Sprint(headers), d, api, "GET", "/me", headers...)
		alike(t, fmt.Sprint("in the query too: ", headers), d, api, "GET", "/me?access_token=A", headers...)
	}
	if log := d.log.String(); strings.Contains(log, "A.B.C") || !strings.Contains(log, "10.1.2.3") || !strings.Contains(log, "request_id=the-request") {
		t.Errorf("the log is %s", log)
	}
}

// With cookies too, and whatever page sends them.
func TestCookiesAreThoseOfTheService(t *testing.T) {
	for _, cookies := range []guard.Cookies{{On: true}, {On: true, Domain: "example.com"}, {On: true, Insecure: true}} {
		trust := func(c *guard.Config) {
			c.Cookies, c.TrustedOrigins = cookies, []string{"https://app.example.com"}
		}
		d := newDoor(t, trust)
		d.err = domain.TokenExpired
		api := service(t, d.gate, httpapi.Cookies(cookies), "https://app.example.com")
		for _, name := range []string{"__Host-access_token", "__Secure-access_token", "access_token"} {
			for _, sent := range [][]string{
				{"Cookie: " + name + "=A"}, {"Cookie: " + name + "=A; " + name + "=B"}, {"Cookie: " + name + `="A"`},
				{"Cookie: " + name + "=A", "Authorization: Bearer A"}, {"Authorization: Bearer A"}, {},
			} {
				for _, page := range [][]string{
					{}, {"Sec-Fetch-Site: same-origin"}, {"Sec-Fetch-Site: same-site"}, {"Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: none"},
					{"Origin: https://example.com"}, {"Origin: http://example.com"}, {"Origin: https://evil.example"}, {"Origin: null"},
					{"Origin: https://app.example.com", "Sec-Fetch-Site: same-site"}, {"Origin: https://example.com", "Origin: https://evil.example"},
				} {
					for _, method := range []string{"GET", "DELETE"} {
						headers := append(append([]string{}, sent...), page...)
						alike(t, fmt.Sprintf("%+v: %s %q", cookies, method, headers), d, api, method, "/authorize", append(headers, "X-Forwarded-Method: "+method)...)
					}
				}
			}
		}
	}
}

// alike sends one request to both.
func alike(t *testing.T, name string, d *door, api http.Handler, method, target string, headers ...string) {
	t.Helper()
	headers = append(headers, "X-Request-Id: the-request")
	want, got := ask(api, method, target, headers...), ask(d, method, target, headers...)
	if got.Code != want.Code || cmp.Diff(want.Header(), got.Header()) != "" || got.Body.String() != want.Body.String() || got.Code < 400 {
		t.Errorf("%s:\n\t%d %v %s\nand from the service:\n\t%d %v %s", name, got.Code, got.Header(), got.Body, want.Code, want.Header(), want.Body)
	}
	if len(d.in) != 0 {
		t.Fatalf("%s: and was let in", name)
	}
}

// A cookie of this host is taken, and a page of another site opens no WebSocket with it.
func TestCookiesAndWebSockets(t *testing.T) {
	const cookie, upgrade = "Cookie: __Host-access_token=A", "Upgrade: websocket"
	for _, c := range []struct {
		method  string
		headers []string
		status  int
	}{
		{"GET", nil, 200}, {"POST", []string{"Sec-Fetch-Site: same-origin"}, 200}, {"POST", []string{"Origin: https://example.com"}, 200},
		{"POST", []string{"Origin: https://app.example.com"}, 200}, {"POST", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"GET", []string{upgrade, "Origin: https://example.com"}, 200}, {"GET", []string{upgrade, "Origin: https://app.example.com"}, 200},
		{"GET", []string{upgrade, "Origin: https://evil.example"}, 403}, {"GET", []string{upgrade, "Origin: https://other.example.com"}, 403},
		{"GET", []string{upgrade}, 403}, {"CONNECT", []string{"Origin: https://evil.example"}, 403},
	} {
		d := newDoor(t, func(c *guard.Config) {
			c.Cookies.On, c.TrustedOrigins = true, []string{"https://app.example.com"}
		})
		w := ask(d, c.method, "https://example.com/feed", append(c.headers, cookie)...)
		if w.Code != c.status || (len(d.in) == 1) != (c.status == 200) {
			t.Errorf("%s %q: %d %s", c.method, c.headers, w.Code, w.Body)
		}
	}
}
