package extauthz

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/peer"
)

// roleKey is the one context extension: the roles of which a request's user has to hold one, with commas. The extensions
// are a map of strings, so there is one value a name, and no role has a comma.
const roleKey = "role"

// carried is what the decision reads of a request. Nothing else of it is handed on.
var carried = map[string]bool{
	"authorization": true, "cookie": true, "origin": true, "sec-fetch-site": true, "accept-language": true,
	"user-agent": true, "x-request-id": true, "x-forwarded-for": true,
	"sec-websocket-version": true, "upgrade": true,
}

// request is what a gateway would ask of forward auth about the request in the attributes.
func (s *Server) request(ctx context.Context, a *authv3.AttributeContext) *http.Request {
	about := a.GetRequest().GetHttp()
	r := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Path: s.path, RawQuery: query(a.GetContextExtensions())},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, Header: http.Header{}, Host: about.GetHost(),
	}
	for _, h := range about.GetHeaderMap().GetHeaders() { // one by one, where Envoy is told to encode_raw_headers
		value := h.GetValue()
		if len(h.GetRawValue()) > 0 {
			value = string(h.GetRawValue())
		}
		add(r.Header, h.GetKey(), value)
	}
	for name, value := range about.GetHeaders() {
		add(r.Header, name, value)
	}
	r.Header.Set("X-Forwarded-Method", about.GetMethod())
	if p, found := peer.FromContext(ctx); found {
		r.RemoteAddr = p.Addr.String()
	}
	if from := address(a.GetSource()); from != "" { // Envoy is a proxy, and this its own peer
		r.Header.Add("X-Forwarded-For", from)
	}
	return r.WithContext(ctx)
}

func add(h http.Header, name, value string) {
	if name = strings.ToLower(name); carried[name] {
		h.Add(name, value)
	}
}

// query asks for what the extensions say. A name that is unknown stays one, for the handler to refuse: "roles" must not
// let everybody in.
func query(extensions map[string]string) string {
	if len(extensions) == 0 {
		return ""
	}
	q := url.Values{}
	for name, value := range extensions {
		if name != roleKey {
			q.Add(name, value)
			continue
		}
		for role := range strings.SplitSeq(value, ",") {
			q.Add(roleKey, strings.TrimSpace(role))
		}
	}
	return q.Encode()
}

func address(p *authv3.AttributeContext_Peer) string {
	return p.GetAddress().GetSocketAddress().GetAddress()
}

// answer keeps what the handler says. It is a problem document or an identity, so it is short.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
