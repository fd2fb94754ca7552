package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// inspector answers as it is told, and keeps what it was asked.
type inspector struct {
	info  application.TokenInfo
	err   error
	asked []string
}

func (i *inspector) Introspect(_ context.Context, by application.Credentials, token string) (application.TokenInfo, error) {
	i.asked = []string{"introspect", by.ID, by.Secret, token}
	return i.info, i.err
}

func (i *inspector) Revoke(_ context.Context, by application.Credentials, token string) error {
	i.asked = []string{"revoke", by.ID, by.Secret, token}
	return i.err
}

func inspecting(t *testing.T, change ...func(*httpapi.Config)) (*api, *inspector) {
	t.Helper()
	i := &inspector{info: application.TokenInfo{
		Active: true, Kind: domain.Access, User: "018f0000-0000-7000-8000-000000000001", Session: "018f0000-0000-7000-8000-000000000002",
		ID: "j", IssuedAt: time.Unix(1000, 0), Expires: time.Unix(1900, 0), Email: "ana@example.com", Roles: []domain.Role{"admin"},
	}}
	return newAPI(t, append([]func(*httpapi.Config){func(c *httpapi.Config) {
		c.Introspection = i
		c.Names = httpapi.Names{Issuer: "https://id.example", Audience: []string{"a", "b"}, ClientID: "web"}
	}}, change...)...), i
}

const (
	basic = "Authorization: Basic Z2F0ZTpzZWNyZXQ=" // gate:secret
	form  = "Content-Type: application/x-www-form-urlencoded"
)

// T095: what a program is told, to the letter.
func TestIntrospectionAnswers(t *testing.T) {
	a, i := inspecting(t)
	refresh := i.info
	refresh.Kind, refresh.ID, refresh.Email, refresh.Roles = domain.Refresh, "", "", nil
	for name, c := range map[string]struct {
		info application.TokenInfo
		want string
	}{
		"access": {i.info, `{"active":true,"token_use":"access_token","token_type":"Bearer","iss":"https://id.example","aud":["a","b"],"client_id":"web",` +
			`"sub":"018f0000-0000-7000-8000-000000000001","username":"ana@example.com","roles":["admin"],"sid":"018f0000-0000-7000-8000-000000000002",` +
			`"jti":"j","iat":1000,"exp":1900}`},
		"refresh": {refresh, `{"active":true,"token_use":"refresh_token","iss":"https://id.example","aud":"https://id.example","client_id":"web",` +
			`"sub":"018f0000-0000-7000-8000-000000000001","sid":"018f0000-0000-7000-8000-000000000002","iat":1000,"exp":1900}`},
		"inactive": {application.TokenInfo{}, `{"active":false}`},
	} {
		i.info = c.info
		w := a.ask("POST", "/introspect", "token=T&token_type_hint=nonsense&more=x", basic, form)
		if w.Code != 200 || strings.TrimSpace(w.Body.String()) != c.want || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s\n%s\nwant\n%s", name, w.Code, w.Header(), w.Body, c.want)
		}
		common(t, w)
		if diff := cmp.Diff([]string{"introspect", "gate", "secret", "T"}, i.asked); diff != "" {
			t.Error(diff)
		}
	}
	w := a.ask("POST", "/revoke", "token=T&token_type_hint=refresh_token", basic, form)
	if w.Code != 200 || w.Body.String() != `{"msg":"Revoked"}`+"\n" || !cmp.Equal(i.asked, []string{"revoke", "gate", "secret", "T"}) {
		t.Errorf("revoke: %d %q, asked %q", w.Code, w.Body, i.asked)
	}
	common(t, w)
}

// T095, T096: how credentials and tokens are sent, and what is refused in RFC 6749's words.
func TestIntrospectionRefusals(t *testing.T) {
	encoded := func(id, secret string) string {
		r := httptest.NewRequest("POST", "/", nil)
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		return "Authorization: " + r.Header.Get("Authorization")
	}
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		code    string // of RFC 6749
		field   string
		asked   []string
	}{
		"urlencoded":            {"token=a%2Bb", []string{encoded("ga te", "s:%+é"), form}, 200, "", "", []string{"ga te", "s:%+é", "a+b"}},
		"client_id the same":    {"token=T&client_id=gate", []string{basic, form}, 200, "", "", []string{"gate", "secret", "T"}},
		"charset":               {"token=T", []string{basic, form + "; charset=UTF-8"}, 200, "", "", []string{"gate", "secret", "T"}},
		"lower-case scheme":     {"token=T", []string{strings.Replace(basic, "Basic", "basic", 1), form}, 200, "", "", []string{"gate", "secret", "T"}},
		"no credentials":        {"token=T", []string{form}, 401, "invalid_client", "", nil},
		"a Bearer":              {"token=T", []string{"Authorization: Bearer T", form}, 401, "invalid_client", "", nil},
		"credentials in a body": {"token=T&client_id=gate&client_secret=secret", []string{form}, 401, "invalid_client", "", nil},
		"no base64":             {"token=T", []string{"Authorization: Basic gate:secret", form}, 401, "invalid_client", "", nil},
		"no colon":              {"token=T", []string{"Authorization: Basic Z2F0ZQ==", form}, 401, "invalid_client", "", nil},
		"no percent-encoding":   {"token=T", []string{"Authorization: Basic Z2F0ZTolWlo=", form}, 401, "invalid_client", "", nil},
		"twice":                 {"token=T", []string{basic, basic, form}, 400, "invalid_request", "", nil},
		"both ways":             {"token=T&client_secret=secret", []string{basic, form}, 400, "invalid_request", "client_secret", nil},
		"another client_id":     {"token=T&client_id=other", []string{basic, form}, 400, "invalid_request", "client_id", nil},
		"two tokens":            {"token=T&token=U", []string{basic, form}, 400, "invalid_request", "token", nil},
		"two of another":        {"token=T&x=1&x=2", []string{basic, form}, 400, "invalid_request", "", nil},
		"JSON":                  {`{"token":"T"}`, []string{basic, "Content-Type: application/json"}, 415, "invalid_request", "", nil},
		"no type":               {"token=T", []string{basic}, 415, "invalid_request", "", nil},
		"no form":               {"token=%zz", []string{basic, form}, 400, "invalid_request", "", nil},
		"semicolon":             {"a;token=T", []string{basic, form}, 400, "invalid_request", "", nil},
		"too large":             {"token=" + strings.Repeat("x", 17<<10), []string{basic, form}, 413, "invalid_request", "", nil},
	} {
		for _, path := range []string{"/introspect", "/revoke"} {
			a, i := inspecting(t)
			w := a.ask("POST", path, c.body, c.headers...)
			oauthRefusal(t, name+" at "+path, w, c.status, c.code, c.field)
			if c.asked != nil {
				c.asked = append([]string{path[1:]}, c.asked...)
			}
			if diff := cmp.Diff(c.asked, i.asked); diff != "" {
				t.Errorf("%s: asked %s", name, diff)
			}
			if c.asked != nil {
				c.asked = c.asked[1:]
			}
		}
	}
	a, i := inspecting(t)
	oauthRefusal(t, "a token in the query", a.ask("POST", "/revoke?token=T", "token=T", basic, form), 400, "invalid_request", "token")
	problem(t, a.ask("GET", "/introspect?token=T", "", basic), 405, "method_not_allowed")
	for refusal, c := range map[error]struct {
		status int
		code   string
	}{
		domain.InvalidClient: {401, "invalid_client"},
		domain.Unavailable:   {503, "temporarily_unavailable"},
		&domain.Denied{Refusal: domain.RequestInvalid, Field: "token"}: {400, "invalid_request"},
		context.DeadlineExceeded: {500, "server_error"},
	} {
		i.err = refusal
		w := a.ask("POST", "/introspect", "token=T", basic, form)
		if oauthRefusal(t, refusal.Error(), w, c.status, c.code, ""); c.status == 503 && w.Header().Get("Retry-After") == "" {
			t.Error("a 503 without Retry-After")
		}
	}
}

// oauthRefusal holds an answer to RFC 6749 section 5.2; code "" is a success.
func oauthRefusal(t *testing.T, name string, w *httptest.ResponseRecorder, status int, code, field string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: %d %s; want %d", name, w.Code, w.Body, status)
	}
	if code == "" {
		return
	}
	var p map[string]any
	err := json.Unmarshal(w.Body.Bytes(), &p)
	if err != nil || p["error"] != code || field != "" && p["field"] != field || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s: %s %s", name, w.Header(), w.Body)
	}
	challenge := w.Header().Get("WWW-Authenticate")
	if (status == 401) != (challenge == `Basic realm="porteiro", charset="UTF-8"`) || status != 401 && challenge != "" {
		t.Errorf("%s: WWW-Authenticate %q", name, challenge)
	}
	common(t, w)
}

// Without an Introspection there are no such routes.
func TestNoIntrospection(t *testing.T) {
	a := newAPI(t, func(c *httpapi.Config) { c.Names.Issuer = "https://id.example" })
	for _, path := range []string{"/introspect", "/revoke", "/.well-known/oauth-authorization-server"} {
		problem(t, a.ask("POST", path, "token=T", basic, form), 404, "not_found")
	}
}

// In cookie mode the routes go on answering programs, and a page elsewhere gets nowhere.
func TestIntrospectionBesideCookies(t *testing.T) {
	a, _ := inspecting(t, func(c *httpapi.Config) { c.Cookies.On = true })
	if w := a.ask("POST", "/introspect", "token=T", basic, form); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	problem(t, a.ask("POST", "/introspect", "token=T", basic, form, "Sec-Fetch-Site: cross-site"), 403, "cross_site")
}

// T092: the metadata says what is served, under the issuer that tokens have, byte for byte.
func TestT092Metadata(t *testing.T) {
	for _, c := range []struct {
		issuer, base, at string
		paths            []string
	}{
		{"https://id.example", "/", "https://id.example", []string{""}},
		{"https://id.example/", "/", "https://id.example", []string{""}},
		{"https://id.example:8443/auth", "/auth", "https://id.example:8443/auth", []string{"/auth/.well-known/oauth-authorization-server", "/auth"}},
		{"https://auth", "/auth", "https://auth/auth", []string{"/auth/.well-known/oauth-authorization-server", ""}}, // a host alone
		{"https://id.example", "/auth", "https://id.example/auth", []string{"/auth/.well-known/oauth-authorization-server", ""}},
		{"https://id.example/auth", "/", "https://id.example/auth", []string{"", "/auth"}}, // a proxy takes the prefix away
	} {
		a, _ := inspecting(t, func(cfg *httpapi.Config) { cfg.Names.Issuer, cfg.BasePath = c.issuer, c.base })
		for _, p := range c.paths {
			if !strings.HasPrefix(p, c.base+"/.") {
				p = "/.well-known/oauth-authorization-server" + p
			}
			w := a.ask("GET", p, "")
			want := `{"issuer":"` + c.issuer + `","jwks_uri":"` + c.at + `/.well-known/jwks.json","response_types_supported":[],"grant_types_supported":[],` +
				`"introspection_endpoint":"` + c.at + `/introspect","introspection_endpoint_auth_methods_supported":["client_secret_basic"],` +
				`"revocation_endpoint":"` + c.at + `/revoke","revocation_endpoint_auth_methods_supported":["client_secret_basic"]}`
			if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want || w.Header().Get("Cache-Control") != "public, max-age=300" ||
				w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s at %s: %d %v\n%s\nwant\n%s", c.issuer, p, w.Code, w.Header(), w.Body, want)
			}
		}
	}
	for _, issuer := range []string{"", "porteiro", "http://id.example", "https://", "https://id.example?x", "https://id.example#x", "https://u@id.example"} {
		a, _ := inspecting(t, func(cfg *httpapi.Config) { cfg.Names.Issuer = issuer })
		problem(t, a.ask("GET", "/.well-known/oauth-authorization-server", ""), 404, "not_found")
	}
}
