package httpapi_test

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
)

func networks(t *testing.T, names ...string) func(*httpapi.Config) {
	t.Helper()
	var ps []netip.Prefix
	for _, n := range names {
		ps = append(ps, netip.MustParsePrefix(n))
	}
	return func(c *httpapi.Config) { c.TrustedProxies = ps }
}

// T046: who a request comes from is what the proxies say that are trusted, and what nobody else says.
func TestForwardedFor(t *testing.T) {
	const peer = "10.0.0.1:5000"
	for _, c := range []struct {
		name, peer string
		lines      []string
		want       string
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9"},
		{"somebody who claims to be one", "203.0.113.9:1", []string{"198.51.100.7"}, "203.0.113.9"},
		{"a proxy that says nothing", peer, nil, "10.0.0.1"},
		{"a proxy", peer, []string{"198.51.100.7"}, "198.51.100.7"},
		{"a forged one before it", peer, []string{"127.0.0.1, 198.51.100.7"}, "198.51.100.7"},
		{"two proxies", peer, []string{"198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{"two proxies, a forged one before them", peer, []string{"10.1.1.1, 198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{"ten values", peer, []string{"1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4, 5.5.5.5, 6.6.6.6, 198.51.100.7, 10.0.0.4, 10.0.0.3, 10.0.0.2"}, "198.51.100.7"},
		{"several lines", peer, []string{"1.1.1.1", "198.51.100.7, 10.0.0.3", "10.0.0.2"}, "198.51.100.7"},
		{"all of them proxies", peer, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no spaces", peer, []string{"1.1.1.1,198.51.100.7,10.0.0.2"}, "198.51.100.7"},
		{"many spaces", peer, []string{"  1.1.1.1 ,\t198.51.100.7 \t"}, "198.51.100.7"},
		{"a port", peer, []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6", peer, []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6, not in its shortest form", peer, []string{"2001:0DB8:0:0::7"}, "2001:db8::7"},
		{"IPv6 in brackets", peer, []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"IPv6 with a port", peer, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv6 with a zone", peer, []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv4 in IPv6", peer, []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"a proxy as IPv4 in IPv6", "[::ffff:10.0.0.1]:5000", []string{"198.51.100.7, ::ffff:10.0.0.2"}, "198.51.100.7"},
		{"a proxy by IPv6", "[fd00::1%eth0]:5000", []string{"198.51.100.7"}, "198.51.100.7"},
		{"a single address that is trusted", "192.0.2.33:1", []string{"198.51.100.7"}, "198.51.100.7"},
		{"its neighbour", "192.0.2.34:1", []string{"198.51.100.7"}, "192.0.2.34"},
		{"unknown", peer, []string{"unknown"}, "10.0.0.1"},
		{"malformed, before a proxy", peer, []string{"198.51.100.7, what, 10.0.0.2"}, "10.0.0.2"},
		{"empty", peer, []string{""}, "10.0.0.1"},
		{"an empty element", peer, []string{"198.51.100.7, , 10.0.0.2"}, "10.0.0.2"},
		{"an empty line in between", peer, []string{"198.51.100.7", "", "10.0.0.2"}, "10.0.0.2"},
		{"a name", peer, []string{"evil.example"}, "10.0.0.1"},
		{"octal", peer, []string{"010.0.0.1"}, "10.0.0.1"},
		{"a number", peer, []string{"3325256711"}, "10.0.0.1"},
		{"a network", peer, []string{"198.51.100.0/24"}, "10.0.0.1"},
		{"quotes", peer, []string{`"198.51.100.7"`}, "10.0.0.1"},
		{"brackets around IPv4", peer, []string{"[198.51.100.7]"}, "10.0.0.1"},
		{"long", peer, []string{strings.Repeat("1.1.1.1,", 4000) + "198.51.100.7"}, "198.51.100.7"},
		{"no peer", "@", []string{"198.51.100.7"}, ""},
	} {
		a := newAPI(t, networks(t, "10.0.0.5/8", "fd00::/8", "192.0.2.33/32"))
		r := httptest.NewRequest("GET", "/me", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("Authorization", "Bearer T")
		r.Header.Set("X-Real-Ip", "7.7.7.7")
		r.Header.Set("Forwarded", "for=7.7.7.7")
		r.Header.Set("X-Client-Ip", "7.7.7.7")
		for _, l := range c.lines {
			r.Header.Add("X-Forwarded-For", l)
		}
		a.ServeHTTP(httptest.NewRecorder(), r)
		if a.origin.IP != c.want {
			t.Errorf("%s: %q, want %q", c.name, a.origin.IP, c.want)
		}
	}
}

func TestTrustedProxySettings(t *testing.T) {
	for want, n := range map[string]netip.Prefix{
		"are everybody":     netip.MustParsePrefix("0.0.0.0/0"),
		"::/0 are everybod": netip.MustParsePrefix("::/0"),
		"IPv4 in IPv6":      netip.MustParsePrefix("::ffff:10.0.0.0/104"),
		"is no network":     {},
	} {
		refused(t, want, func(c *httpapi.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), n} })
	}
}

// T091: whatever the header holds, the address is one, and the peer's if that is not trusted.
func FuzzForwardedFor(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "[::1]:80, 10.0.0.2", ",,", "fe80::1%25eth0", "\x00", "10.0.0.1:99999"} {
		f.Add(s, "10.0.0.2")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		g := &gate{identity: ana()}
		h, err := httpapi.New(httpapi.Config{Gate: g, Accounts: g, Sessions: g, Ready: func(context.Context) error { return nil }, Logger: newAPILogger(),
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
		if err != nil {
			t.Fatal(err)
		}
		for _, peer := range []string{"10.0.0.1:1", "203.0.113.9:1"} {
			r := httptest.NewRequest("GET", "/me", nil)
			r.RemoteAddr = peer
			r.Header["Authorization"], r.Header["X-Forwarded-For"] = []string{"Bearer T"}, []string{first, second}
			h.ServeHTTP(httptest.NewRecorder(), r)
			a, err := netip.ParseAddr(g.origin.IP)
			if err != nil || a.Zone() != "" || peer != "10.0.0.1:1" && g.origin.IP != "203.0.113.9" {
				t.Errorf("%q, %q from %s: %+v", first, second, peer, application.Origin(g.origin))
			}
		}
	})
}
