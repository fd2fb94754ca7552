//go:build unix

package image_test

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The image has porteiro, the certificates by which it knows a managed PostgreSQL, and a folder that is porteiro's own.
func TestImageHasNothingElse(t *testing.T) {
	needsImage(t)
	if size, err := strconv.Atoi(run(t, nil, "docker", "inspect", "-f", "{{.Size}}", image)); err != nil || size >= 30_000_000 { // as deploy/image.md has it
		t.Errorf("the image has %d bytes, %v", size, err)
	}
	container := run(t, nil, "docker", "create", image)
	afterwards(t, nil, "docker", "rm", "-fv", container)
	exported, err := exec.Command("docker", "export", container).Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*tar.Header{}
	var bundle []byte
	for r := tar.NewReader(bytes.NewReader(exported)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg && h.Size > 0 || h.Name == "data/" {
			found[h.Name] = h
		}
		if h.Name == "etc/ssl/certs/ca-certificates.crt" {
			if bundle, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	binary, data := found["porteiro"], found["data/"]
	if len(found) != 3 || binary == nil || data == nil || binary.Uid != 0 || binary.Mode&0o022 != 0 || data.Uid != 65532 {
		t.Errorf("the image has %v", found)
	}
	if n := authorities(t, bundle); n < 50 {
		t.Errorf("the image knows %d certificate authorities", n)
	}
}

// The time zones of import are porteiro's own: the image has no file of them.
func TestImageKnowsTimeZones(t *testing.T) {
	needsImage(t)
	says, err := try(nil, "docker", "run", "--rm", image, "import", "flask", "--from", "sqlite:/data/app.db", "--time-zone", "America/Sao_Paulo")
	if err == nil || !strings.Contains(says, "there is no file /data/app.db") {
		t.Errorf("of a zone, and of a file that is not there: %v: %s", err, says)
	}
}

// The image knows what it was built from: there is no repository in it that says so.
func TestImageKnowsItsVersion(t *testing.T) {
	needsImage(t)
	if says := run(t, nil, "docker", "run", "--rm", image, "version"); !strings.HasPrefix(says, "porteiro "+stamped+" ") {
		t.Errorf("version says %q", says)
	}
}

// authorities counts the certificates of a bundle.
func authorities(t *testing.T, bundle []byte) (n int) {
	t.Helper()
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			t.Errorf("a certificate of the bundle: %v", err)
		}
		n++
	}
	return n
}

// Alone it serves on SQLite, as nobody, on a file system that it cannot write to but for its folder.
func TestImageAlone(t *testing.T) {
	needsImage(t)
	volume := run(t, nil, "docker", "volume", "create")
	afterwards(t, nil, "docker", "volume", "rm", "-f", volume)
	port := freePort(t)
	container := run(t, nil, "docker", "run", "-d", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"-v", volume+":/data", "-p", "127.0.0.1:"+port+":8080", "-e", "PORTEIRO_REGISTRATION=open", image)
	afterwards(t, nil, "docker", "rm", "-fv", container)
	becomes(t, container, "healthy")
	if user := run(t, nil, "docker", "inspect", "-f", "{{.Config.User}}", container); user != "65532:65532" {
		t.Errorf("it runs as %q", user)
	}
	url := "http://127.0.0.1:" + port
	token := story(t, url)
	says := run(t, nil, "docker", "exec", container, "/porteiro", "user", "show", "ana@example.com")
	if !strings.Contains(says, "ana@example.com") {
		t.Errorf("user show: %s", says)
	}

	run(t, nil, "docker", "stop", container)
	if code := run(t, nil, "docker", "inspect", "-f", "{{.State.ExitCode}}", container); code != "0" {
		t.Errorf("after docker stop: %s", code)
	}
	logged(t, container)
	run(t, nil, "docker", "start", container)
	becomes(t, container, "healthy")
	passes(t, url, token)
}

// logged holds what a container said on standard error to be JSON, to the last line that it drains.
func logged(t *testing.T, container string) {
	t.Helper()
	c := exec.Command("docker", "logs", container)
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	drains := false
	for line := range strings.Lines(stderr.String()) {
		var record struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("%q is no JSON: %v", line, err)
		}
		drains = drains || record.Msg == "draining"
	}
	if !drains {
		t.Errorf("it does not drain: %s", &stderr)
	}
}
