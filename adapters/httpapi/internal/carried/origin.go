package carried

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CheckOrigin refuses what no browser sends as an Origin, and says how it is written: it would never match. Plain HTTP is
// taken, also of another host, where whoever is on the network can write the pages.
func CheckOrigin(origin string) error {
	says := func(what string) error {
		return fmt.Errorf("%q %s: an origin is written as https://app.example.com, or with a port, https://app.example.com:8443", origin, what)
	}
	switch {
	case strings.Contains(origin, "*"):
		return says("has a wildcard, and none is taken; list every origin")
	case origin == "null":
		return says("is what every sandboxed page sends")
	}
	u, err := url.Parse(origin)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return says("does not begin with https:// (or http://) and a host")
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(origin, "?#"):
		return says("has more than scheme, host and port")
	case origin != strings.ToLower(origin) || strings.IndexFunc(origin, func(c rune) bool { return c <= ' ' || c >= 0x7f }) >= 0:
		return says("is not in lower-case ASCII (xn-- for other alphabets)")
	case u.Scheme+"://"+u.Host != origin || !originHost(u):
		return says("has no host that browsers would send")
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return says("names the port that browsers leave out")
	}
	return nil
}

func originHost(u *url.URL) bool {
	port := u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0 || strconv.FormatUint(n, 10) != port) {
		return false
	}
	host := u.Hostname()
	if strings.HasSuffix(u.Host, ":") {
		return false
	}
	if strings.HasPrefix(u.Host, "[") {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is6() && a.Zone() == "" && a.String() == host
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") == "" && host != ""
}
