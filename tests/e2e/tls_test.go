package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// identity is a certificate that signs itself and its key, in two files.
type identity struct{ cert, key string }

// write makes the files anew; name is in the certificate.
func (i identity) write(t *testing.T, name string, from, to time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: from, NotAfter: to,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{i.cert: {Type: "CERTIFICATE", Bytes: der}, i.key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// valid makes files that can be used today.
func valid(t *testing.T, name string) identity {
	t.Helper()
	dir := t.TempDir()
	i := identity{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	i.write(t, name, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return i
}

func (i identity) flags() []string {
	return []string{"--tls-cert-file", i.cert, "--tls-key-file", i.key}
}

// handshake connects as a client of a range of versions, and returns what was agreed on.
func (n *node) handshake(least, most uint16) (tls.ConnectionState, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	conn, err := tls.DialWithDialer(dialer, "tcp", strings.TrimPrefix(n.url, "https://"), &tls.Config{
		MinVersion: least, MaxVersion: most, InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"},
	})
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.ConnectionState(), nil
}

// T103: what is configured is what is served: no handshake below TLS 1.2 comes about.
func TestTLSVersions(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), valid(t, "one.example").flags()...)
	if !strings.HasPrefix(n.url, "https://") {
		t.Errorf("it says that it listens on %s", n.url)
	}
	for _, c := range []struct {
		version uint16
		holds   bool
	}{{tls.VersionTLS10, false}, {tls.VersionTLS11, false}, {tls.VersionTLS12, true}, {tls.VersionTLS13, true}} {
		state, err := n.handshake(c.version, c.version)
		switch name := tls.VersionName(c.version); {
		case c.holds && (err != nil || state.Version != c.version || state.NegotiatedProtocol != "h2"):
			t.Errorf("%s: got %s %s, %v", name, tls.VersionName(state.Version), state.NegotiatedProtocol, err)
		case !c.holds && (err == nil || !strings.Contains(err.Error(), "protocol version")):
			t.Errorf("%s: got %v, want an alert about the version", name, err)
		}
	}
}

func (n *node) shows(name string) {
	n.t.Helper()
	state, err := n.handshake(tls.VersionTLS12, tls.VersionTLS13)
	if err != nil {
		n.t.Fatal(err)
	}
	if got := state.PeerCertificates[0].DNSNames; len(got) != 1 || got[0] != name {
		n.t.Errorf("it shows the certificate of %v, want %s", got, name)
	}
}

// hangup sends SIGHUP and returns when the log has one more line that says so.
func (n *node) hangup(says string) {
	n.t.Helper()
	before := strings.Count(n.stderr.String(), says)
	if err := n.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		n.t.Fatal(err)
	}
	n.says(says, before)
}

// says returns when the log has more lines that say so than it had.
func (n *node) says(words string, before int) {
	n.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); strings.Count(n.stderr.String(), words) == before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.t.Fatalf("it does not say %q: %s", words, n.stderr)
		}
	}
}

func TestHangup(t *testing.T) {
	i := valid(t, "one.example")
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), i.flags()...)
	n.shows("one.example")
	i.write(t, "two.example", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	n.hangup("was loaded again")
	n.shows("two.example")

	i.write(t, "three.example", time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	n.hangup("expired on")
	n.shows("two.example")
	if err := os.WriteFile(i.cert, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.hangup("stays the one that it was")
	n.shows("two.example")
	n.stop()
}

func TestHangupWithoutCertificate(t *testing.T) {
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"))
	n.hangup("no certificate to load again")
	n.expect("alive", n.ask("GET", "/healthz", "", ""), 200, "status", "alive")
	n.stop()
}

// systemd's SendSIGHUP= and a terminal that closes send it right after the signal that ends a server.
func TestHangupWhileDraining(t *testing.T) {
	i := valid(t, "one.example")
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), append(i.flags(), "--drain-delay", "1s")...)
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	n.says("draining", 0)
	n.hangup("was loaded again")
	if err := n.cmd.Wait(); err != nil {
		t.Errorf("SIGHUP ended the drain: %v: %s", err, n.stderr)
	}
}

// A secret that everybody on the machine can read is warned of, at the start and at each SIGHUP.
func TestKeyForEverybody(t *testing.T) {
	i := valid(t, "one.example")
	n := serve(t, "sqlite:"+filepath.Join(t.TempDir(), "porteiro.db"), i.flags()...)
	if log := n.stderr.String(); strings.Contains(log, "level=WARN") {
		t.Errorf("it says %s", log)
	}
	if err := os.Chmod(i.key, 0o644); err != nil {
		t.Fatal(err)
	}
	n.hangup("chmod o-r")
	n.stop()
	n.start()
	if log := n.stderr.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, "chmod o-r") {
		t.Errorf("it says %s", log)
	}
}
