//go:build unix

package image_test

import (
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
	"testing"
	"time"
)

// With sslmode=verify-full the image trusts the authorities of its bundle, and nobody else. The bundle is replaced by one
// that has the test's own.
func TestImageTrustsItsBundle(t *testing.T) {
	needsImage(t)
	certificate, bundle := authority(t)
	for _, c := range []struct {
		name  string
		mount []string
		holds bool
	}{{"of the bundle", []string{"-v", bundle + ":/etc/ssl/certs/ca-certificates.crt:ro"}, true}, {"of nobody", nil, false}} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			handshakes := make(chan error, 100)
			go func() {
				for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
					handshakes <- shake(conn, certificate)
				}
			}()
			create := append([]string{"docker", "create", "--network", "host"}, c.mount...)
			container := run(t, nil, append(create, image, "migrate", "--database-url", "postgres://u:p@localhost:"+port+"/x?sslmode=verify-full")...)
			afterwards(t, nil, "docker", "rm", "-fv", container)
			run(t, nil, "docker", "start", container)
			select {
			case err := <-handshakes:
				if (err == nil) != c.holds {
					t.Errorf("the handshake: %v", err)
				}
			case <-time.After(patience):
				t.Fatalf("it does not connect: %s", run(t, nil, "docker", "logs", container))
			}
		})
	}
}

// shake answers PostgreSQL's request for TLS, and says whether the client takes the certificate: it speaks only then.
func shake(conn net.Conn, certificate tls.Certificate) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(conn, make([]byte, 8)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("S")); err != nil {
		return err
	}
	_, err := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}).Read(make([]byte, 1))
	return err
}

// authority returns a certificate for localhost, and the file by which it is known.
func authority(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, bundle
}
