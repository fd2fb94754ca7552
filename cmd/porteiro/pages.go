package main

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
)

// pages are serve's flags about browsers, and about what stands between them and the service.
type pages struct {
	cookies, insecureCookies bool
	cookieDomain             string
	corsOrigins, proxies     []string
}

func (p *pages) flags(f *pflag.FlagSet) {
	f.BoolVar(&p.cookies, "cookies", false, "keep the tokens in cookies that no script sees, for pages of the service's own site")
	f.StringVar(&p.cookieDomain, "cookie-domain", "", "the name whose hosts all get the cookies, such as example.com (default: this host alone)")
	f.BoolVar(&p.insecureCookies, "insecure-cookies", false, "let the cookies travel without TLS: on this machine alone, to try things out")
	f.StringSliceVar(&p.corsOrigins, "cors-origin", nil, "an origin whose pages may call and read, such as https://app.example.com; several with commas")
	f.StringSliceVar(&p.proxies, "trusted-proxy", nil, "a network or address of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; several with commas")
}

// check refuses what cannot be meant, and warns of what should not be.
func (p *pages) check(listen string, tls bool, log *slog.Logger) error {
	switch {
	case p.cookieDomain != "" && !p.cookies:
		return usagef("--cookie-domain without --cookies: add --cookies, or leave it out")
	case p.insecureCookies && !p.cookies:
		return usagef("--insecure-cookies without --cookies: add --cookies, or leave it out")
	case p.insecureCookies && p.cookieDomain != "":
		return usagef("--insecure-cookies and --cookie-domain exclude each other: leave one of them out")
	case p.insecureCookies && tls:
		return usagef("--insecure-cookies is for plain HTTP: with --tls-cert-file leave it out")
	case p.insecureCookies && !loopback(listen):
		return usagef("--insecure-cookies is for this machine alone: with it --listen is 127.0.0.1, [::1] or localhost and a port, not %s", listen)
	}
	if err := p.cookieSettings().Check(); err != nil {
		return usagef("--cookie-domain: %w", err)
	}
	for _, origin := range p.corsOrigins {
		if err := httpapi.CheckOrigin(origin); err != nil {
			return usagef("--cors-origin: %w", err)
		}
		if host, plain := strings.CutPrefix(origin, "http://"); plain && !loopback(host) {
			log.Warn("a CORS origin is plain HTTP: whoever is on its network can write its pages", "origin", origin)
		}
	}
	_, err := p.networks()
	return err
}

// configure puts the flags, which were checked, into the handler's settings.
func (p *pages) configure(c httpapi.Config) httpapi.Config {
	c.Cookies, c.CORSOrigins = p.cookieSettings(), p.corsOrigins
	c.TrustedProxies = p.trusted()
	return c
}

// trusted is networks, of flags that were checked.
func (p *pages) trusted() application.Proxies {
	networks, _ := p.networks()
	return networks
}

func (p *pages) cookieSettings() httpapi.Cookies {
	return httpapi.Cookies{On: p.cookies, Domain: p.cookieDomain, Insecure: p.insecureCookies}
}

// loopback reports whether a host, or a host and a port, is this machine's own.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.IsLoopback()
}

func (p *pages) networks() (application.Proxies, error) {
	var networks application.Proxies
	for _, name := range p.proxies {
		n, err := netip.ParsePrefix(name)
		if a, notOne := netip.ParseAddr(name); notOne == nil && a.Zone() == "" {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, usagef("--trusted-proxy %q is neither a network, such as 10.0.0.0/8, nor an address", name)
		}
		if err := (application.Proxies{n}).Check(); err != nil {
			return nil, usagef("--trusted-proxy: %w", err)
		}
		networks = append(networks, n)
	}
	return networks, nil
}
