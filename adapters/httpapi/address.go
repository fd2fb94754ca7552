package httpapi

import (
	"net/http"
	"net/netip"
)

// address is where a request comes from, with what its X-Forwarded-For says where the proxies that wrote it are trusted.
// Forwarded and X-Real-IP are never looked at: a proxy that writes only one of the three passes the others on as the
// client sent them.
func (s *server) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return s.TrustedProxies.Address(peer.Addr(), r.Header.Values("X-Forwarded-For")...)
}
