//go:build unix

package gateways_test

import (
	"net/http"
	"strings"
	"testing"
)

const page = "https://app.example.com"

// preflight is what a browser asks before a page of another origin may send a request.
var preflight = []string{"Origin: " + page, "Access-Control-Request-Method: DELETE", "Access-Control-Request-Headers: authorization"}

// A browser sends a preflight without credentials, so it is the application's to answer. No request that means something
// else goes the same way.
func TestPreflights(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t), newApp(t)
		address := g.start(t, n.address, app.address)
		for _, path := range []string{"/", "/x?y=z", "/admin/x"} {
			a := send(t, address, "OPTIONS", path, "", append(preflight, forged...)...)
			got, passed := a.passed()
			if !passed || got.Method != "OPTIONS" || got.URI != path || got.Headers.Get("Origin") != page || got.Headers.Get("Access-Control-Request-Method") != "DELETE" {
				t.Errorf("a preflight of %s: %d %s", path, a.status, a.body)
			}
			for name, values := range got.identity() {
				if strings.Join(values, "") != "" {
					t.Errorf("a preflight of %s carries %s: %q", path, name, values)
				}
			}
		}
		app.reached.Store(0)
		for what, headers := range map[string][]string{
			"no origin":      preflight[1:],
			"no method":      preflight[:1],
			"an empty one":   {"Origin:", "Access-Control-Request-Method: GET"},
			"nothing at all": nil,
		} {
			send(t, address, "OPTIONS", "/x", "", headers...).refused(t, what, 401, "token_missing")
		}
		for _, method := range []string{"GET", "POST", "options", "Options"} {
			if a := send(t, address, method, "/x", "", preflight...); a.status < 400 || a.status >= 500 {
				t.Errorf("%s with the headers of a preflight: %d %s", method, a.status, a.body)
			}
		}
		app.untouched(t, "what is no preflight")

		for what, c := range map[string]struct {
			target, body string
			headers      []string
		}{
			"a header":            {"/x", "", []string{"X-HTTP-Method-Override: POST"}},
			"a header of another": {"/x", "", []string{"x-method-override: POST"}},
			"a third one":         {"/x", "", []string{"X-HTTP-Method: POST"}},
			"a header twice":      {"/x", "", []string{"X-HTTP-Method-Override:", "X-HTTP-Method-Override: POST"}},
			"underscores":         {"/x", "", []string{"X_HTTP_METHOD_OVERRIDE: POST"}},
			"both":                {"/x", "", []string{"X-HTTP_Method-Override: POST"}},
			"the query":           {"/x?a=b&_method=POST", "", nil},
			"an old separator":    {"/x?a=b;_method=POST", "", nil},
			"the query, escaped":  {"/x?%5Fm%65thod=POST", "", nil},
			"the body":            {"/x", "_method=POST", []string{"Content-Type: application/x-www-form-urlencoded"}},
			"a body in chunks":    {"/x", "c\r\n_method=POST\r\n0\r\n\r\n", []string{"Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded"}},
		} {
			a := send(t, address, "OPTIONS", c.target, c.body, append(preflight, c.headers...)...)
			got, passed := a.passed()
			if passed && (strings.Contains(a.body, "POST") || got.Body != "") || !passed && a.status < 400 {
				t.Errorf("a preflight that is another method by %s: %d %s", what, a.status, a.body)
			}
			// A configuration that looks at all of them as one text must not take one for several.
			for _, asks := range []string{"GET||x", "GET|0|x", "GET|"} {
				a := send(t, address, "OPTIONS", c.target, c.body, append(c.headers, "Origin: "+page, "Access-Control-Request-Method: "+asks)...)
				got, passed := a.passed()
				if passed && (strings.Contains(a.body, "POST") || got.Body != "") || !passed && a.status < 400 {
					t.Errorf("a preflight that asks for %s and is another method by %s: %d %s", asks, what, a.status, a.body)
				}
			}
		}
	})
}

// With cookies the method that counts is the one that the client sent, and a page of another site gets nowhere.
func TestCookies(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t, "--cookies", "--insecure-cookies"), newApp(t)
		address := g.start(t, n.address, app.address)
		own := "Origin: http://" + address
		var pairs []string
		for _, k := range (&http.Response{Header: login(t, address, "ana@example.com", own).header}).Cookies() {
			pairs = append(pairs, k.Name+"="+k.Value)
		}
		cookie := "Cookie: " + strings.Join(pairs, "; ")
		for what, c := range map[string]struct {
			method  string
			headers []string
		}{
			"a navigation":                   {"GET", []string{"Sec-Fetch-Site: cross-site"}},
			"its own page":                   {"POST", []string{"Sec-Fetch-Site: same-origin", own}},
			"its own page in an old browser": {"DELETE", []string{own}},
		} {
			a := send(t, address, c.method, "/x", "", append(c.headers, cookie)...)
			if got, passed := a.passed(); !passed || got.Headers.Get("X-Auth-Email") != "ana@example.com" {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		app.reached.Store(0)
		for what, c := range map[string]struct {
			method  string
			headers []string
		}{
			"a page of another site":         {"POST", []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}},
			"one that says that it is a GET": {"POST", []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example", "X-Forwarded-Method: GET"}},
			"one that sends the header away": {"POST", []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example", "Connection: X-Forwarded-Method"}},
			"an old browser":                 {"DELETE", []string{"Origin: https://evil.example"}},
			"another port":                   {"PUT", []string{"Origin: http://127.0.0.1:1"}},
			"from nowhere":                   {"PATCH", nil},
			"an unknown method":              {"FROB", []string{"Sec-Fetch-Site: cross-site"}},
		} {
			a := send(t, address, c.method, "/x", "", append(c.headers, cookie)...)
			if what == "an unknown method" && a.status == 405 { // nginx knows no others
				continue
			}
			a.refused(t, what, 403, "cross_site")
		}
		a := send(t, address, "GET", "/x", "", cookie, "Authorization: Bearer x")
		a.refused(t, "a cookie and a header", 400, "request_invalid")
		app.untouched(t, "pages of other sites")
		if a := send(t, address, "POST", "/auth/logout", "", own, cookie); a.status != 200 {
			t.Fatalf("logout: %d %s", a.status, a.body)
		}
		send(t, address, "GET", "/x", "", cookie).refused(t, "logged out", 401, "token_revoked")
		app.untouched(t, "after the logout")
	})
}
