package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/porteiro/porteiro/tests/contract"
)

// TestHTTPContract runs the contract that holds for every running service on the binary, as its users are told to.
func TestHTTPContract(t *testing.T) {
	unlimited := []string{"--login-limit", "off", "--address-limit", "off", "--register-limit", "off", "--request-timeout", "25s"}
	for name, more := range map[string][]string{
		"plain": nil,
		"under a path, with TLS and another algorithm": {"--base-path", "/auth", "--algorithm", "RS256"},
	} {
		t.Run(name, func(t *testing.T) {
			database := "sqlite:" + filepath.Join(t.TempDir(), "porteiro.db")
			flags, client := append(unlimited, more...), http.DefaultClient
			if more != nil {
				id := valid(t, "porteiro.example")
				flags, client = append(flags, id.flags()...), id.trusted(t)
			}
			n := serve(t, database, flags...)
			contract.HTTP(t, contract.Target{
				URL: n.url, Client: client,
				GiveRole: func(_ context.Context, email, role string) error {
					if _, stderr, code := porteiro(t, "", "user", "roles", email, role, "--database-url", database); code != 0 {
						return fmt.Errorf("porteiro user roles: %s", stderr)
					}
					return nil
				},
			})
			n.stop()
		})
	}
}

// trusted is a client that trusts the certificate.
func (i identity) trusted(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(i.cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
