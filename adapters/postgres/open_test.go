package postgres_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/postgres"
	"github.com/porteiro/porteiro/tests/postgrestest"
)

func TestURLsThatCannotBe(t *testing.T) {
	for _, c := range []struct{ url, says string }{
		{"", "cannot be read"},
		{"host=localhost password=quorfle", "cannot be read"},
		{"mysql://u:quorfle@localhost/db", "cannot be read"},
		{"postgres:u:quorfle@localhost/db", "cannot be read"},
		{"postgres://u:quorfle%zz@localhost/db", "cannot be read"},
		{"postgres://u:quo#rfle@localhost/db", "cannot be read"},
		{"postgres://u:quorfle/12@localhost/db", "cannot be read"},
		{"postgres://u:12/quorfle@localhost/db", "cannot be read"},
		{"postgres://u:12?quorfle@localhost/db", "cannot be read"},
		{"postgres://u:quorfle@localhost:x/db", "cannot be read"},
		{"postgres://u:quorfle@localhost/db?sslmode=maybe", "sslmode"},
		{"postgres://u:quorfle@localhost/db?connect_timeout=soon", "connect_timeout"},
		{"postgres://u:quorfle@a,b/db?port=1,2,3", "port"},
		{"postgresql://u:quorfle@localhost/db?target_session_attrs=standby", "target_session_attrs"},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: c.url})
		refuses(t, c.url, err, c.says)
		if err != nil && (strings.Contains(err.Error(), "quo") || strings.Contains(err.Error(), "rfle")) {
			t.Errorf("%s: the error holds some of the password: %v", c.url, err)
		}
	}
	for _, c := range []postgres.Config{{Pool: -1}, {Timeout: -1}} {
		_, err := postgres.Open(t.Context(), c)
		refuses(t, "a negative setting", err, "negative")
	}
}

// TestOpenSaysWhatToDo meets what people meet when they set porteiro up.
func TestOpenSaysWhatToDo(t *testing.T) {
	inFull(t)
	t.Parallel()
	server := postgrestest.Private(t)
	good := server.URL()
	hangsUp := listener(t, func(c net.Conn) { _ = c.Close() })
	talksHTTP := listener(t, func(c net.Conn) {
		_, _ = io.ReadAtLeast(c, make([]byte, 8), 8)
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		_ = c.Close()
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	nobody := closed.Addr().String()
	for _, c := range []struct {
		what, url string
		says      []string
	}{
		{"a wrong password", server.URLWithPassword("sesame"), []string{"password", "user \"postgres\"", "check"}},
		{"an unknown user", as(t, good, "nobody", "sesame"), []string{"password", "\"nobody\""}},
		{"no such database", strings.Replace(good, "/postgres?", "/missing?", 1), []string{"no database \"missing\"", "create it"}},
		{"no TLS there", with(t, good, "sslmode", "require"), []string{"does not speak TLS", "sslmode=disable"}},
		{"an unknown parameter", with(t, good, "sslmod", "disable"), []string{"sslmod"}},
		{"nobody listens", "postgres://u:sesame@" + nobody + "/db", []string{"nothing answers at " + nobody, "refused"}},
		{"two hosts and nobody listens", both(t, "postgres://u:sesame@"+nobody+"/db", "postgres://u:sesame@"+nobody+"/db"), []string{nobody}},
		{"no such host", "postgres://u:sesame@porteiro.invalid/db", []string{"no host porteiro.invalid"}},
		{"somebody hangs up", "postgres://u:sesame@" + hangsUp + "/db?sslmode=disable", []string{hangsUp}},
		{"not PostgreSQL", "postgres://u:sesame@" + talksHTTP + "/db?sslmode=disable", []string{talksHTTP}},
		{"a socket that is not there", "postgres://u:sesame@/db?host=/nowhere", []string{"/nowhere"}},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: c.url})
		refuses(t, c.what, err, c.says...)
		if err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: the error holds the password: %v", c.what, err)
		}
		t.Logf("%s: %v", c.what, err)
	}
	exec(t, admin(t, good), "CREATE ROLE poor LOGIN PASSWORD 'poor'", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	_, err = connect(t, postgres.Config{URL: as(t, good, "poor", "poor")}).Migrate(t.Context())
	refuses(t, "Migrate without the right to", err, "permission denied", "GRANT CREATE")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = postgres.Open(gone, postgres.Config{URL: good})
	failed(t, "Open with a context that is over", err)
}

func listener(t testing.TB, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	return l.Addr().String()
}

// TestTLS holds that encryption is what the URL says, and that the deadlines hold below it.
func TestTLS(t *testing.T) {
	inFull(t)
	t.Parallel()
	direct := postgrestest.URL(t)
	people(t, open(t, postgres.Config{URL: direct, Timeout: crowded}), 1)
	certificate, authority := selfSigned(t, "localhost")
	p, plain := through(t, direct)
	p.mu.Lock()
	p.wrap = func(c net.Conn) (net.Conn, error) { return speakTLS(c, certificate) }
	p.mu.Unlock()
	named := strings.Replace(plain, "127.0.0.1", "localhost", 1)
	for _, c := range []struct {
		url  string
		says string // "" when it opens
	}{
		{with(t, plain, "sslmode", "require"), ""},
		{strings.TrimSuffix(plain, "?sslmode=disable"), ""}, // required when nothing is said
		{with(t, plain, "sslmode", "prefer"), ""},
		{with(t, plain, "sslmode", "verify-ca"), "certificate"},
		{with(t, named, "sslmode", "verify-full"), "certificate"},
		{with(t, with(t, named, "sslmode", "verify-full"), "sslrootcert", authority), ""},
		{with(t, with(t, plain, "sslmode", "verify-full"), "sslrootcert", authority), "certificate"},
	} {
		s, err := postgres.Open(t.Context(), postgres.Config{URL: c.url, Timeout: endless})
		if c.says != "" {
			refuses(t, c.url, err, c.says)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		if !stands(t, s, 0) {
			t.Errorf("%s: the session is gone", c.url)
		}
		p.on(func([]byte) fate { return silence })
		ctx, cancel := context.WithTimeout(t.Context(), brief)
		failed(t, "Change", ends(t, "Change", func() error { return s.Change(ctx, userID(0), nothing) }))
		cancel()
		p.on(nil)
		if !stands(t, s, 0) {
			t.Errorf("%s: after a silence the session is gone", c.url)
		}
		_ = s.Close()
	}
}

// speakTLS is the server's side of PostgreSQL's way into TLS.
func speakTLS(c net.Conn, certificate tls.Certificate) (net.Conn, error) {
	request := make([]byte, 8)
	if _, err := io.ReadFull(c, request); err != nil {
		return nil, err
	}
	if _, err := c.Write([]byte("S")); err != nil {
		return nil, err
	}
	s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err := s.Handshake(); err != nil {
		_ = c.Close()
		return nil, err
	}
	return s, nil
}

func selfSigned(t testing.TB, name string) (certificate tls.Certificate, file string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, file
}
