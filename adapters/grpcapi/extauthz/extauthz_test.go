package extauthz_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"

	"github.com/porteiro/porteiro/adapters/grpcapi/extauthz"
)

// check asks about a request, and returns what the handler was asked and what Envoy is answered.
func check(t *testing.T, a *authv3.AttributeContext, answer func(http.ResponseWriter)) (*http.Request, *authv3.CheckResponse) {
	t.Helper()
	var asked *http.Request
	s, err := extauthz.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r; answer(w) }), "/auth/authorize")
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Check(t.Context(), &authv3.CheckRequest{Attributes: a})
	if err != nil {
		t.Fatal(err)
	}
	return asked, response
}

func passes(w http.ResponseWriter) {
	w.Header().Set("X-Auth-User", "u")
	w.Header().Set("X-Auth-Email", "e")
	w.Header().Set("X-Auth-Roles", "")
	w.Header().Set("X-Auth-Session", "s")
	w.Header().Set("X-Request-Id", "r")
	w.WriteHeader(http.StatusOK)
}

func about(h *authv3.AttributeContext_HttpRequest) *authv3.AttributeContext {
	return &authv3.AttributeContext{Request: &authv3.AttributeContext_Request{Http: h}}
}

func lines(options []*corev3.HeaderValueOption) (all []string) {
	for _, o := range options {
		all = append(all, fmt.Sprintf("%s: %s (%v)", o.GetHeader().GetKey(), o.GetHeader().GetValue(), o.GetAppendAction()))
	}
	slices.Sort(all)
	return all
}

// What the client sent under the names of the answer never reaches the service behind.
func TestWhoPassesIsOverwritten(t *testing.T) {
	_, response := check(t, about(&authv3.AttributeContext_HttpRequest{Method: "GET"}), passes)
	want := []string{
		"x-auth-email: e (OVERWRITE_IF_EXISTS_OR_ADD)", "x-auth-session: s (OVERWRITE_IF_EXISTS_OR_ADD)", "x-auth-user: u (OVERWRITE_IF_EXISTS_OR_ADD)",
	}
	ok := response.GetOkResponse()
	if response.GetStatus().GetCode() != int32(codes.OK) || !slices.Equal(lines(ok.GetHeaders()), want) || !slices.Equal(ok.GetHeadersToRemove(), []string{"x-auth-roles"}) {
		t.Errorf("%v", response)
	}
}

// Nothing but a 200 that says who it is lets anybody in.
func TestOnlyWhoIsNamedPasses(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		status int
		code   codes.Code
	}{
		"nothing at all":        {func(http.ResponseWriter) {}, 403, codes.PermissionDenied},
		"a 200 without a user":  {func(w http.ResponseWriter) { w.WriteHeader(200) }, 403, codes.PermissionDenied},
		"the 204 of preflights": {func(w http.ResponseWriter) { w.Header().Set("X-Auth-User", "u"); w.WriteHeader(204) }, 403, codes.PermissionDenied},
		"a redirect":            {func(w http.ResponseWriter) { w.Header().Set("X-Auth-User", "u"); w.WriteHeader(302) }, 403, codes.PermissionDenied},
		"a status of nobody's":  {func(w http.ResponseWriter) { w.WriteHeader(499) }, 403, codes.PermissionDenied},
		"400":                   {func(w http.ResponseWriter) { w.WriteHeader(400) }, 400, codes.InvalidArgument},
		"401":                   {func(w http.ResponseWriter) { w.WriteHeader(401) }, 401, codes.Unauthenticated},
		"403":                   {func(w http.ResponseWriter) { w.WriteHeader(403) }, 403, codes.PermissionDenied},
		"500":                   {func(w http.ResponseWriter) { w.WriteHeader(500) }, 500, codes.Internal},
		"503":                   {func(w http.ResponseWriter) { w.WriteHeader(503) }, 503, codes.Unavailable},
	} {
		_, response := check(t, about(&authv3.AttributeContext_HttpRequest{Method: "GET"}), c.answer)
		if int(response.GetDeniedResponse().GetStatus().GetCode()) != c.status || response.GetStatus().GetCode() != int32(c.code) {
			t.Errorf("%s: %v", name, response)
		}
	}
}

// A denial has the headers and the body of the HTTP answer.
func TestDenialIsTheHTTPAnswer(t *testing.T) {
	_, response := check(t, about(&authv3.AttributeContext_HttpRequest{Method: "GET"}), func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.Header()["Vary"] = []string{"Accept-Language", "Origin"}
		w.Header().Set("Content-Length", "2")
		w.Header().Set("Connection", "close")
		w.WriteHeader(401)
		_, _ = w.Write([]byte("no"))
	})
	want := []string{
		"vary: Accept-Language (OVERWRITE_IF_EXISTS_OR_ADD)", "vary: Origin (APPEND_IF_EXISTS_OR_ADD)", "www-authenticate: Bearer (OVERWRITE_IF_EXISTS_OR_ADD)",
	}
	if denied := response.GetDeniedResponse(); !slices.Equal(lines(denied.GetHeaders()), want) || denied.GetBody() != "no" {
		t.Errorf("%v", response)
	}
}

// The handler is asked what a gateway would ask over HTTP, and nothing of the request that it does not need.
func TestQuestion(t *testing.T) {
	a := about(&authv3.AttributeContext_HttpRequest{
		Method: "DELETE", Host: "shop.example.com", Path: "/orders?role=admin&access_token=T",
		Headers: map[string]string{
			":path": "/orders", "authorization": "Bearer T", "cookie": "a=b", "content-length": "5", "x-forwarded-method": "GET", "x-forwarded-for": "198.51.100.7", "x-secret": "s",
			"upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "k",
		},
	})
	a.ContextExtensions = map[string]string{"role": "admin, billing:read"}
	a.Source = &authv3.AttributeContext_Peer{Address: &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{Address: "10.0.0.2"}}}}
	r, _ := check(t, a, passes)
	if r.Method != "GET" || r.URL.String() != "/auth/authorize?role=admin&role=billing%3Aread" || r.Host != "shop.example.com" {
		t.Errorf("%s %s of %s", r.Method, r.URL, r.Host)
	}
	want := http.Header{
		"Authorization": {"Bearer T"}, "Cookie": {"a=b"}, "X-Forwarded-Method": {"DELETE"}, "X-Forwarded-For": {"198.51.100.7", "10.0.0.2"},
		"Sec-Websocket-Version": {"13"}, "Upgrade": {"websocket"},
	}
	if fmt.Sprint(r.Header) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", r.Header, want)
	}
}

// With encode_raw_headers Envoy tells values one by one, and two are two.
func TestRawHeaders(t *testing.T) {
	r, _ := check(t, about(&authv3.AttributeContext_HttpRequest{HeaderMap: &corev3.HeaderMap{Headers: []*corev3.HeaderValue{
		{Key: "authorization", RawValue: []byte("Bearer T")}, {Key: "authorization", RawValue: []byte("Bearer U")}, {Key: "origin", Value: "https://a.example"},
	}}}), passes)
	if got := r.Header.Values("Authorization"); !slices.Equal(got, []string{"Bearer T", "Bearer U"}) || r.Header.Get("Origin") != "https://a.example" {
		t.Errorf("%v", r.Header)
	}
}

// An extension that is unknown is the handler's to refuse, and an empty role stays one.
func TestExtensions(t *testing.T) {
	for want, extensions := range map[string]map[string]string{
		"":             nil,
		"roles=admin":  {"roles": "admin"},
		"role=":        {"role": ""},
		"role=a&role=": {"role": "a,"},
	} {
		a := about(&authv3.AttributeContext_HttpRequest{})
		a.ContextExtensions = extensions
		if r, _ := check(t, a, passes); r.URL.RawQuery != want {
			t.Errorf("%v: %q, want %q", extensions, r.URL.RawQuery, want)
		}
	}
}

// A check about no HTTP request, as of Envoy's filter for TCP, asks for nobody.
func TestNoRequest(t *testing.T) {
	r, _ := check(t, nil, passes)
	if len(r.Header.Values("Authorization")) != 0 || !strings.HasPrefix(r.URL.Path, "/auth") {
		t.Errorf("%s %v", r.URL, r.Header)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := extauthz.New(nil, "/authorize"); err == nil {
		t.Error("no handler is needed")
	}
}
