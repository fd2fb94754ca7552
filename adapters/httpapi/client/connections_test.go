package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/client"
)

// As many goroutines as ask at once need a connection each, and no more the next time: every connection is kept.
func TestConnectionsAreKept(t *testing.T) {
	const crowd, rounds = 200, 3
	var opened atomic.Int32
	var together sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		together.Done()
		together.Wait() // until all have asked
		io.WriteString(w, passed)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	far := dial(t, client.Config{URL: server.URL})
	for range rounds {
		together.Add(crowd)
		var asked sync.WaitGroup
		for range crowd {
			asked.Go(func() {
				if _, err := far.Authorize(t.Context(), "A"); err != nil {
					t.Error(err)
				}
			})
		}
		asked.Wait()
	}
	if n := opened.Load(); n != crowd {
		t.Errorf("%d connections for %d at once, %d times", n, crowd, rounds)
	}
}

func TestTLS(t *testing.T) {
	server, certificate := secured(t, tls.NoClientCert), certificate(t)
	mutual := secured(t, tls.RequireAnyClientCert)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for _, c := range []struct {
		name   string
		url    string
		tls    *tls.Config
		passes bool
	}{
		{"an authority of its own", server.URL, &tls.Config{RootCAs: trusted}, true},
		{"no settings", server.URL, nil, false},
		{"another authority", server.URL, &tls.Config{RootCAs: x509.NewCertPool()}, false},
		{"another name", server.URL, &tls.Config{RootCAs: trusted, ServerName: "auth.porteiro.test"}, false},
		{"a certificate of the client's", mutual.URL, &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{certificate}}, true},
		{"no certificate where one is asked for", mutual.URL, &tls.Config{RootCAs: trusted}, false},
	} {
		far := dial(t, client.Config{URL: c.url, TLS: c.tls})
		id, err := far.Authorize(t.Context(), "A")
		if c.passes && (err != nil || id.Email != "ana@example.com") {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.passes {
			unavailable(t, c.name, err)
		}
		if c.tls != nil && c.tls.NextProtos != nil { // they are the caller's, who may have them in use elsewhere
			t.Errorf("%s: the settings were changed to %q", c.name, c.tls.NextProtos)
		}
	}
}

// secured speaks HTTP/2 and TLS, and asks for client certificates as it is told.
func secured(t *testing.T, auth tls.ClientAuthType) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || auth != tls.NoClientCert && len(r.TLS.PeerCertificates) != 1 {
			w.WriteHeader(http.StatusTeapot)
		}
		io.WriteString(w, passed)
	}))
	s.EnableHTTP2, s.TLS = true, &tls.Config{ClientAuth: auth}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestSettingsThatCannotBeMeant(t *testing.T) {
	given := &tls.Config{}
	for want, c := range map[string]client.Config{
		"is not the URL of a service":        {URL: "auth.example.com"},
		"TLS settings for a URL without TLS": {URL: "http://auth.example.com", TLS: given},
		"TLS settings beside an HTTP":        {URL: "https://auth.example.com", TLS: given, HTTP: http.DefaultTransport},
		"a timeout of -1s":                   {URL: "https://auth.example.com", Timeout: -time.Second},
	} {
		if far, err := client.New(c); far != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
