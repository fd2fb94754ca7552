package main

import (
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
)

const (
	mostLeeway  = 10 * time.Minute // "no more than a few minutes" (RFC 7519 section 4.1.4)
	mostRetry   = time.Minute      // so long can somebody else use a refresh token a second time, unseen
	mostRequest = 25 * time.Second // httpapi's server cuts an answer off after 30
)

// refuse refuses settings of serve that cannot be meant or contradict each other, each in a line that says what to do.
func (s *settings) refuse() error {
	switch {
	case !hostAndPort(s.listen):
		return usagef("--listen is HOST:PORT, such as 127.0.0.1:8080 or :8080 for every address of this machine, not %q", s.listen)
	case s.leeway > mostLeeway:
		return usagef("--leeway is at most %v, not %v: set the clocks right instead", mostLeeway, s.leeway)
	case s.retry > mostRetry:
		return usagef("--refresh-retry is at most %v, not %v: for so long a stolen refresh token can be used unseen", mostRetry, s.retry)
	case s.requestTimeout > mostRequest:
		return usagef("--request-timeout is at most %v, not %v", mostRequest, s.requestTimeout)
	case s.retention < time.Second || s.retention < s.leeway:
		return usagef("--retention (%v) is at least 1s and as long as --leeway (%v)", s.retention, s.leeway)
	case !issuerName(s.issuer):
		return usagef("--issuer is a name or a URL without a user, query or fragment, in one word, not %q", s.issuer)
	}
	for i, a := range s.audience {
		if a == "" || strings.ContainsFunc(a, unwritable) || slices.Contains(s.audience[:i], a) {
			return usagef("--audience names each service once, in one word: %q is not right", a)
		}
	}
	if err := (tokens.Config{ClientID: s.clientID}).Check(); err != nil {
		return usagef("--client-id: %w", err)
	}
	if err := httpapi.CheckBasePath(s.basePath); err != nil {
		return usagef("--base-path: %w", err)
	}
	if err := s.grpc.check(); err != nil {
		return err
	}
	if err := s.apart(); err != nil {
		return err
	}
	return s.tls.check()
}

// apart refuses two listeners in one place.
func (s *settings) apart() error {
	listeners := []struct{ flag, at string }{{"--listen", s.listen}, {"--metrics-listen", s.monitoring.listen}, {"--grpc-listen", s.grpc.address}}
	for i, b := range listeners {
		for _, a := range listeners[:i] {
			if b.at != "" && collide(a.at, b.at) {
				return usagef("%s (%s) and %s (%s) are two addresses: give one of them another port", a.flag, a.at, b.flag, b.at)
			}
		}
	}
	return nil
}

// collide reports whether only one of two addresses can be listened on. The port 0 is another one each time.
func collide(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	return portA == portB && portA != "0" && (hostA == hostB || everywhere(hostA) || everywhere(hostB))
}

// everywhere reports whether who listens there does so on every address of the machine.
func everywhere(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

func hostAndPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && portNumber(port) && !strings.ContainsAny(host, " /")
}

func portNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}

// issuerName reports whether others can compare the issuer byte by byte; for one that is a URL as RFC 8414 section 2
// has it.
func issuerName(s string) bool {
	if s == "" || strings.ContainsFunc(s, unwritable) {
		return false
	}
	if !strings.Contains(s, "://") {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.ContainsAny(s, "?#")
}

func unwritable(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
}

// warn tells of what can be but should not.
func (s *settings) warn(location string, log *slog.Logger) {
	if mode := weakMode(location); mode != "" {
		log.Warn("the connection to the database can go unencrypted to another host: sslmode=verify-full forbids it", "sslmode", mode)
	}
	if strings.HasPrefix(strings.ToLower(s.issuer), "http://") {
		log.Warn("the issuer is a plain-HTTP URL: make it an https one")
	}
	if unlimited := limit(application.Unlimited()); s.limits.login == unlimited || s.limits.address == unlimited {
		log.Warn("guessing at passwords is not bounded in every way: --login-limit or --address-limit is off")
	}
	warnOfReaders(log, s.tls.keyFile)
	warnOfReaders(log, s.file)
}

// warnOfReaders tells of a file with a secret in it that everybody on this machine can read.
func warnOfReaders(log *slog.Logger, path string) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0 {
		log.Warn("everybody on this machine can read a secret: take it away from them with chmod o-r", "file", path)
	}
}

// weakMode returns the sslmode of a URL that lets the database's password and answers go unencrypted to another
// machine; "" when it does not. What cannot be read is the store's to refuse.
func weakMode(location string) string {
	rest, found := strings.CutPrefix(location, "postgres://")
	if !found {
		if rest, found = strings.CutPrefix(location, "postgresql://"); !found {
			return ""
		}
	}
	rest, query, _ := strings.Cut(rest, "?")
	parameters, err := url.ParseQuery(query)
	mode := parameters.Get("sslmode")
	if err != nil || !slices.Contains([]string{"disable", "allow", "prefer"}, mode) {
		return ""
	}
	authority, _, _ := strings.Cut(rest, "/")
	hosts := authority[strings.LastIndexByte(authority, '@')+1:]
	for _, name := range []string{"host", "hostaddr"} {
		if parameters.Has(name) {
			hosts = parameters.Get(name)
		}
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if !local(host) {
			return mode
		}
	}
	return ""
}

// local reports whether a host, with a port or without, is this machine; "" and a path are its unix socket.
func local(host string) bool {
	return host == "" || host[0] == '/' || loopback(host)
}
