//go:build unix

package gateways_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	member map[string]any
}

func (a answer) text(member string) string {
	s, _ := a.member[member].(string)
	return s
}

// passed tells whether the application answered, and what it got.
func (a answer) passed() (got, bool) {
	var g got
	err := json.Unmarshal([]byte(a.body), &g)
	return g, a.status == http.StatusOK && err == nil && g.Application
}

// send sends a request as it is written here, byte by byte, on a connection of its own: no client of Go's sends a header
// in another case, or one that ends with this hop.
func send(t *testing.T, address, method, target, body string, headers ...string) answer {
	t.Helper()
	return sendFrom(t, "127.0.0.1", address, method, target, body, headers...)
}

func sendFrom(t *testing.T, from, address, method, target, body string, headers ...string) answer {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	return exchange(t, c, bufio.NewReader(c), address, method, target, body, headers...)
}

func exchange(t *testing.T, c net.Conn, r *bufio.Reader, address, method, target, body string, headers ...string) answer {
	t.Helper()
	lines := append([]string{fmt.Sprintf("%s %s HTTP/1.1", method, target)}, headers...)
	if !strings.Contains(strings.Join(lines, "\n"), "\nHost: ") {
		lines = append(lines, "Host: "+address)
	}
	if body != "" && !strings.Contains(strings.Join(lines, "\n"), "Transfer-Encoding") {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	if _, err := io.WriteString(c, strings.Join(lines, "\r\n")+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %s %q: %v", method, target, headers, err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s %q: %v", method, target, headers, err)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: string(b)}
	json.Unmarshal(b, &a.member)
	return a
}
