package application

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are networks of proxies whose word on whom they got a request from is believed. The zero Proxies believe
// nobody. Every transport has the same rule, because attempts are counted by what comes of it.
type Proxies []netip.Prefix

// Check refuses a network that is none, that is everybody's, or that no address would be in.
func (p Proxies) Check() error {
	for _, n := range p {
		switch {
		case !n.IsValid():
			return errors.New("a trusted proxy is no network: write it as 10.0.0.0/8 or fd00::/8")
		case n.Bits() == 0:
			return fmt.Errorf("the trusted proxies %v are everybody: name the network that the proxies are in", n)
		case n.Addr().Is4In6():
			return fmt.Errorf("the trusted proxies %v are IPv4 in IPv6: write them as IPv4", n)
		}
	}
	return nil
}

// Address is where a request comes from: the peer, or, when that is a trusted proxy, whom it and those before it say they
// got it from. Each proxy appends its own peer to X-Forwarded-For, whose lines are given in their order, so the list is
// read from the right, as far as the names on it are trusted themselves; what stands left of that, anybody may have
// written. Where it cannot be read the last address that could is the answer. An invalid peer is nowhere: "".
func (p Proxies) Address(peer netip.Addr, forwarded ...string) string {
	if !peer.IsValid() {
		return ""
	}
	from := plain(peer)
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest, more := forwarded[i], true; more; {
			if !p.trust(from) {
				return from.String()
			}
			var last string
			rest, last, more = cutLast(rest)
			a, ok := forwardedAddress(last)
			if !ok {
				return from.String()
			}
			from = a
		}
	}
	return from.String()
}

func (p Proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// cutLast cuts the last element off a list with commas, and says whether there is more of it.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// forwardedAddress reads one element of X-Forwarded-For: an address, maybe with a port, an IPv6 one maybe in brackets.
func forwardedAddress(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t")
	if a, err := netip.ParseAddr(s); err == nil {
		return plain(a), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return plain(a), err == nil && a.Is6()
	}
	return netip.Addr{}, false
}

// plain is an address in the one form in which it is compared and kept.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
