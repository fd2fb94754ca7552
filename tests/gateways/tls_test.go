//go:build unix

package gateways_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	host   = "example.com" // whom the certificate is for
	own    = "Origin: https://" + host
	anas   = `{"email":"ana@example.com","password":"` + password + `"}`
	asJSON = "Content-Type: application/json"
)

// secure is a gateway with TLS.
type secure struct {
	address string
	roots   *x509.CertPool
}

// startTLS starts a gateway with a certificate of httptest's.
func (g gateway) startTLS(t *testing.T, porteiro, app string) secure {
	t.Helper()
	lent := httptest.NewTLSServer(nil)
	defer lent.Close()
	key, err := x509.MarshalPKCS8PrivateKey(lent.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder, s := t.TempDir(), secure{roots: x509.NewCertPool()}
	s.roots.AddCert(lent.Certificate())
	write(t, folder, "gateway.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lent.Certificate().Raw}))+
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	s.address = g.listen(t, porteiro, app, filepath.Join(folder, "gateway.pem"))
	return s
}

func (s secure) config() *tls.Config { return &tls.Config{RootCAs: s.roots, ServerName: host} }

// browser keeps cookies as browsers do, and speaks HTTP/2 where the gateway does, unless it is old.
func (s secure) browser(t *testing.T, old bool) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: s.config(), ForceAttemptHTTP2: !old, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, Timeout: patience}
}

// visit sends a request to the gateway by its name.
func visit(t *testing.T, browser *http.Client, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, "https://"+host+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		r.Header[name] = append(r.Header[name], strings.TrimSpace(value)) // as it is written here
	}
	response, err := browser.Do(r)
	if err != nil {
		t.Fatalf("%s %s %q: %v", method, path, headers, err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s %q: %v", method, path, headers, err)
	}
	if wanted := browser.Transport.(*http.Transport).ForceAttemptHTTP2; wanted != (response.ProtoMajor == 2) {
		t.Errorf("%s %s went over %s", method, path, response.Proto)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: string(b)}
	json.Unmarshal(b, &a.member)
	return a
}

// tunnel asks for another protocol over HTTP/1.1, and returns what came back. Where it was another protocol, what is sent
// has to come back.
func (s secure) tunnel(t *testing.T, method, target, protocol string, headers ...string) answer {
	t.Helper()
	c, err := tls.Dial("tcp", s.address, s.config())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(c)
	a := exchange(t, c, r, s.address, method, target, "", append([]string{"Host: " + host, "Connection: Upgrade, HTTP2-Settings", "Upgrade: " + protocol,
		"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", key, "Sec-WebSocket-Version: 13"}, headers...)...)
	if a.status == http.StatusSwitchingProtocols {
		const says = "hello, over another protocol\n"
		io.WriteString(c, says)
		if back, err := r.ReadString('\n'); err != nil || back != says {
			t.Errorf("%s %s %q: %q came back, %v", method, target, headers, back, err)
		}
		a.status, a.body = http.StatusOK, a.header.Get("Said") // as passed reads it
		a.header.Set("Switched", "yes")
	}
	return a
}

// With TLS everything is as it is without, over HTTP/1.1 and HTTP/2; and the cookies are those that only TLS carries.
func TestTLS(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t, "--cookies"), newApp(t)
		s := g.startTLS(t, n.address, app.address)
		for _, old := range []bool{false, true} {
			ana, nobody := s.browser(t, old), s.browser(t, old)
			visit(t, ana, "POST", "/auth/login", anas, asJSON, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example").refused(t, "another site's login", 403, "cross_site")
			if a := visit(t, ana, "POST", "/auth/login", anas, asJSON, own); a.status != 200 || !strings.Contains(a.header.Get("Set-Cookie"), "__Host-access_token=") {
				t.Fatalf("login: %d %s %v", a.status, a.body, a.header)
			}
			for what, headers := range map[string][]string{
				"a page": {"Sec-Fetch-Site: same-origin", own}, "an old page": {own},
				"forged": append([]string{own, "X-Forwarded-Proto: http", "X-Forwarded-Host: evil.example", "X-Forwarded-For: 203.0.113.9"}, forged...),
			} {
				got, passed := visit(t, ana, "POST", "/x?y=z", "body", headers...).passed()
				id := got.identity()
				if !passed || got.Body != "body" || got.URI != "/x?y=z" || strings.Join(id["x-auth-email"], "|") != "ana@example.com" ||
					strings.Join(id["x-auth-roles"], "") != "" || strings.Contains(strings.Join(id["x-auth-user"], ""), "evil") {
					t.Errorf("%s: %v, the application got %+v", what, passed, got)
				}
				proto, forwardedHost := got.Headers.Values("X-Forwarded-Proto"), got.Headers.Values("X-Forwarded-Host")
				if strings.Join(proto, "|") != "https" || strings.Join(forwardedHost, "|") != host {
					t.Errorf("%s: the application is told that it was %q to %q", what, proto, forwardedHost)
				}
			}
			app.reached.Store(0)
			for what, headers := range map[string][]string{
				"another site":       {"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"},
				"an old browser":     {"Origin: https://evil.example"},
				"this host, not TLS": {"Origin: http://" + host},
				"a neighbour":        {"Sec-Fetch-Site: same-site", "Origin: https://blog." + host},
			} {
				visit(t, ana, "POST", "/x", "", headers...).refused(t, what, 403, "cross_site")
			}
			visit(t, ana, "GET", "/admin", "").refused(t, "/admin", 403, "insufficient_role")
			visit(t, nobody, "POST", "/x", "body").refused(t, "nobody", 401, "token_missing")
			visit(t, nobody, "GET", "/x", "", "Authorization: Bearer x").refused(t, "a bad token", 401, "token_invalid")
			if a := visit(t, ana, "POST", "/auth/logout?scope=local", "", own); a.status != 200 {
				t.Fatalf("logout: %d %s", a.status, a.body)
			}
			visit(t, ana, "GET", "/x", "").refused(t, "logged out", 401, "token_missing") // the browser has no cookie left
			app.untouched(t, "refusals")
		}
	})
}

// A WebSocket is asked about as any request is, before it is one. No other protocol gets through: behind HTTP/2 without
// TLS a client would go on with requests that nobody asks about.
func TestWebSockets(t *testing.T) {
	each(t, func(t *testing.T, g gateway) {
		n, app := serve(t, "--cookies"), newApp(t)
		s := g.startTLS(t, n.address, app.address)
		pairs := (&http.Response{Header: visit(t, s.browser(t, true), "POST", "/auth/login", anas, asJSON, own).header}).Cookies()
		token, cookie := "Authorization: Bearer "+pairs[0].Value, "Cookie: "+pairs[0].Name+"="+pairs[0].Value
		for what, headers := range map[string][]string{
			"a program": {token}, "a page": {cookie, own, "Sec-Fetch-Site: same-origin"}, "an old page": append([]string{cookie, own}, forged...),
		} {
			a := s.tunnel(t, "GET", "/ws?x=y", "websocket", headers...)
			got, passed := a.passed()
			if !passed || a.header.Get("Switched") == "" || got.URI != "/ws?x=y" || strings.Join(got.identity()["x-auth-email"], "|") != "ana@example.com" {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		for _, protocol := range []string{
			"h2c", "H2C", "websocket, h2c", "h2c, websocket", "something", "websocket\r\nUpgrade: h2c", "h2c\r\nupgrade: websocket",
		} {
			a := s.tunnel(t, "GET", "/ws", protocol, token)
			if got, _ := a.passed(); got.Headers.Get("Upgrade") != "" && (got.Headers.Get("Upgrade") != "websocket" || len(got.Headers["Upgrade"]) != 1) {
				t.Errorf("%q: %d %s", protocol, a.status, a.body)
			}
		}
		if a := s.tunnel(t, "GET", "/ws", "WebSocket", token); a.header.Get("Switched") == "" {
			t.Errorf("in other letters: %d %s", a.status, a.body)
		}
		if a := s.tunnel(t, "OPTIONS", "/ws", "websocket", preflight...); a.header.Get("Switched") != "" {
			t.Errorf("a preflight becomes a WebSocket: %s", a.body)
		}
		app.reached.Store(0)
		for _, protocol := range []string{"websocket", "h2c"} {
			s.tunnel(t, "GET", "/ws", protocol).refused(t, "nobody", 401, "token_missing")
			s.tunnel(t, "GET", "/ws", protocol, token+"x").refused(t, "a bad token", 401, "token_invalid")
			s.tunnel(t, "GET", "/admin/ws", protocol, token).refused(t, "no role", 403, "insufficient_role")
			s.tunnel(t, "GET", "/ws", protocol, cookie, "Sec-Fetch-Site: same-site", "Origin: https://blog."+host).refused(t, "a neighbour's page", 403, "cross_site")
			s.tunnel(t, "GET", "/ws", protocol, cookie, "Origin: https://evil.example").refused(t, "another page", 403, "cross_site")
		}
		n.stop()
		if a := s.tunnel(t, "GET", "/ws", "websocket", token); a.status < 500 {
			t.Errorf("away: %d %s", a.status, a.body)
		}
		app.untouched(t, "refusals")
	})
}
