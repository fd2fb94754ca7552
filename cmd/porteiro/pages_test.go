package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
)

// Contradictions are said in one line, before the database is touched.
func TestPagesThatCannotBeMeant(t *testing.T) {
	over, cancel := context.WithCancel(context.Background()) // what is not refused goes no further
	cancel()
	for want, args := range map[string]string{
		"--cookie-domain without --cookies":         "--cookie-domain example.com",
		"--insecure-cookies without --cookies":      "--insecure-cookies",
		"exclude each other":                        "--cookies --insecure-cookies --cookie-domain example.com",
		"is for plain HTTP":                         "--cookies --insecure-cookies --tls-cert-file x --tls-key-file y",
		"is for this machine alone":                 "--cookies --insecure-cookies --listen 0.0.0.0:0",
		"not :8080":                                 "--cookies --insecure-cookies --listen :8080",
		"not 10.0.0.1:80":                           "--cookies --insecure-cookies --listen 10.0.0.1:80",
		"not localhost.example:80":                  "--cookies --insecure-cookies --listen localhost.example:80",
		`--cookie-domain: ".example.com" is no`:     "--cookies --cookie-domain .example.com",
		`--cors-origin: the CORS origin "*"`:        "--cors-origin *",
		`"https://b.example/" has more`:             "--cors-origin https://a.example,https://b.example/",
		`--trusted-proxy "proxy" is neither`:        "--trusted-proxy 10.0.0.0/8,proxy",
		`--trusted-proxy "fe80::1%eth0" is neither`: "--trusted-proxy fe80::1%eth0",
		`--trusted-proxy "10.0.0.0/33" is neither`:  "--trusted-proxy 10.0.0.0/33",
		"proxies 0.0.0.0/0 are everybody":           "--trusted-proxy 0.0.0.0/0",
		"proxies ::ffff:10.0.0.0/104 are IPv4 in":   "--trusted-proxy ::ffff:10.0.0.0/104",
	} {
		file := filepath.Join(t.TempDir(), "porteiro.db")
		var out bytes.Buffer
		err := run(over, append([]string{"serve", "--database-url", "sqlite:" + file}, strings.Fields(args)...), nil, nil, &out, &out)
		if exitCode(err) != 2 || !strings.Contains(err.Error(), want) || oneLine(err) != err.Error() {
			t.Errorf("%s: %v", args, err)
		}
		if left, _ := filepath.Glob(file + "*"); left != nil {
			t.Errorf("%s: it made %q", args, left)
		}
	}
}

func TestPagesThatAreMeant(t *testing.T) {
	for _, c := range []struct {
		pages
		listen string
		warns  bool
	}{
		{pages{}, ":8080", false},
		{pages{cookies: true, cookieDomain: "example.com"}, ":8080", false},
		{pages{cookies: true, insecureCookies: true}, "127.0.0.1:8080", false},
		{pages{cookies: true, insecureCookies: true}, "[::1]:8080", false},
		{pages{cookies: true, insecureCookies: true}, "localhost:8080", false},
		{pages{corsOrigins: []string{"https://app.example.com", "http://localhost:3000", "http://[::1]:3000", "http://127.0.0.1"}}, ":8080", false},
		{pages{corsOrigins: []string{"http://app.example.com"}}, ":8080", true},
	} {
		var log bytes.Buffer
		if err := c.check(c.listen, false, slog.New(slog.NewTextHandler(&log, nil))); err != nil || (log.Len() > 0) != c.warns {
			t.Errorf("%+v at %s: %v, the log is %q", c.pages, c.listen, err, log.String())
		}
		got := c.configure(httpapi.Config{})
		if got.Cookies != (httpapi.Cookies{On: c.cookies, Domain: c.cookieDomain, Insecure: c.insecureCookies}) || !slices.Equal(got.CORSOrigins, c.corsOrigins) {
			t.Errorf("%+v: %+v", c.pages, got)
		}
	}
	p := pages{proxies: []string{"10.0.0.0/8", "192.0.2.1", "fd00::1"}}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("fd00::1/128")}
	if got := p.configure(httpapi.Config{}).TrustedProxies; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
