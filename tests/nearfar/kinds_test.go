package nearfar_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/passwords"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// door is the whole service as somebody sees it who speaks HTTP by hand and has the key of its access tokens.
type door struct {
	t       *testing.T
	handler http.Handler
	now     atomic.Pointer[time.Time]
	kid     string
	key     ed25519.PrivateKey
	said    bytes.Buffer // every answer, headers and all
}

const credentials = `{"email":"ana@example.com","password":"nobody guesses this"}`

func openDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t}
	d.at(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	clock := func() time.Time { return *d.now.Load() }
	s := memory.New(memory.Clock(clock))
	ring := begin(t, s, clock)
	for _, k := range ring {
		if k.Purpose != domain.Access {
			continue
		}
		key, err := x509.ParsePKCS8PrivateKey(k.Private)
		if err != nil {
			t.Fatal(err)
		}
		d.kid, d.key = k.ID, key.(ed25519.PrivateKey)
	}
	codec, err := tokens.New(ring, tokens.Config{At: clock()})
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := passwords.New(passwords.Config{})
	if err != nil {
		t.Fatal(err)
	}
	core, err := application.New(application.Deps{Store: s, Tokens: codec, Passwords: hasher, Clock: clock, Registration: true})
	if err != nil {
		t.Fatal(err)
	}
	d.handler, err = httpapi.New(httpapi.Config{Gate: core, Accounts: core, Sessions: core, Ready: core.Ready, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if w, code := d.ask("POST /register", "", credentials); w.Code != http.StatusCreated {
		t.Fatalf("register: %d %s", w.Code, code)
	}
	return d
}

func (d *door) at(now time.Time) { d.now.Store(&now) }

// ask sends a request of "METHOD /path" and returns status, body and code, "" for one that was not refused.
func (d *door) ask(route, token, body string) (w *httptest.ResponseRecorder, code string) {
	d.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w = httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	fmt.Fprintln(&d.said, w.Header(), w.Body)
	var problem struct{ Code string }
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil && w.Code != http.StatusNoContent {
		d.t.Errorf("%s: %q: %v", route, w.Body, err)
	}
	return w, problem.Code
}

// login signs Ana in.
func (d *door) login() (access, refresh string) {
	d.t.Helper()
	w, _ := d.ask("POST /login", "", credentials)
	var pair struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &pair); err != nil || pair.Access == "" || pair.Refresh == "" {
		d.t.Fatalf("login: %d %s", w.Code, w.Body)
	}
	return pair.Access, pair.Refresh
}

// forged is a token's payload, changed, under a header of one's own and a signature that holds.
func (d *door) forged(token, header string, changes ...string) string {
	d.t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		d.t.Fatal(err)
	}
	text := strings.NewReplacer(changes...).Replace(string(payload))
	header = strings.ReplaceAll(header, "KID", d.kid)
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(text))
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(d.key, []byte(input)))
}

const (
	header      = `{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}`
	headerLong  = `{"alg":"EdDSA","typ":"application/at+jwt","kid":"KID"}`
	headerJWT   = `{"alg":"EdDSA","typ":"JWT","kid":"KID"}`
	headerNone  = `{"alg":"EdDSA","kid":"KID"}`
	headerOther = `{"alg":"EdDSA","typ":"rt+jwt","kid":"KID"}`
	headerID    = `{"alg":"EdDSA","typ":"id_token","kid":"KID"}`
	headerOut   = `{"alg":"EdDSA","typ":"logout+jwt","kid":"KID"}`
)

// endpoint is what is sent to one beside the token, and the code with which a token that passes may still be refused.
type endpoint struct{ body, code string }

// endpoints is every one that takes a token. Where a password is asked for it is a wrong one, which shows that the token
// got that far.
func endpoints() map[string]endpoint {
	none := endpoint{}
	return map[string]endpoint{
		"GET /protected": none, "GET /me": none, "GET /authorize": none, "POST /authorize": none, "DELETE /authorize": none,
		"POST /logout?scope=local": none, "POST /logout?scope=others": none, "POST /logout": none, "POST /refresh": none,
		"GET /sessions": none, "DELETE /sessions/018f0000-0000-7000-8000-000000000001": none,
		"POST /password": {`{"current_password":"wrong","new_password":"nobody guesses that"}`, "invalid_credentials"},
		"POST /me/email": {`{"password":"wrong","email":"bea@example.com"}`, "invalid_credentials"},
		"DELETE /me":     {`{"password":"wrong"}`, "invalid_credentials"},
	}
}

// T022: every kind of token at every endpoint.
func TestKindsAtEveryEndpoint(t *testing.T) {
	d := openDoor(t)
	kinds := []struct {
		name              string
		token             func(access, refresh string) string
		asAccess, asFresh bool
	}{
		{"access", func(access, _ string) string { return access }, true, false},
		{"access, forged", func(access, _ string) string { return d.forged(access, header) }, true, false},
		{"access, the long typ", func(access, _ string) string { return d.forged(access, headerLong) }, true, false},
		{"refresh", func(_, refresh string) string { return refresh }, false, true},
		{"refresh under the access key", func(_, refresh string) string { return d.forged(refresh, headerOther) }, false, false},
		{"refresh as access under the access key", func(_, refresh string) string { return d.forged(refresh, header) }, false, false},
		{"access as refresh", func(access, _ string) string { return d.forged(access, headerOther, `"jti"`, `"cnt":0,"jti"`) }, false, false},
		{"JWT", func(access, _ string) string { return d.forged(access, headerJWT) }, false, false},
		{"no typ", func(access, _ string) string { return d.forged(access, headerNone) }, false, false},
		{"id_token", func(access, _ string) string { return d.forged(access, headerID) }, false, false},
		{"logout+jwt", func(access, _ string) string { return d.forged(access, headerOut) }, false, false},
		{"another issuer's", func(access, _ string) string { return d.forged(access, header, `"iss":"porteiro"`, `"iss":"other"`) }, false, false},
		{"another audience's", func(access, _ string) string { return d.forged(access, header, `"aud":"porteiro"`, `"aud":"other"`) }, false, false},
		{"unsigned", func(access, _ string) string { return access[:strings.LastIndexByte(access, '.')+1] }, false, false},
	}
	access, fresh := d.login()
	for _, k := range kinds {
		for route, ask := range endpoints() {
			passes := k.asAccess
			if route == "POST /refresh" {
				passes = k.asFresh
			}
			token := k.token(access, fresh)
			w, code := d.ask(route, token, ask.body)
			if passes && (w.Code/100 != 2 && code != ask.code) || !passes && (w.Code != 401 || code != "token_invalid") {
				t.Errorf("%s at %s: %d %s, want it to pass: %v", k.name, route, w.Code, code, passes)
			}
			if passes { // and maybe the session is over
				access, fresh = d.login()
			} else if w, code := d.ask("GET /me", access, ""); w.Code != 200 {
				t.Errorf("%s at %s was refused, and yet the session is over: %s", k.name, route, code)
			}
		}
	}
	if said := d.said.String(); strings.Contains(said, "argon2id") || strings.Contains(said, "$v=19") { // T034
		t.Error("a password's hash was shown")
	}
}

// T023: somebody whose signature does not hold learns nothing of what the token says.
func TestExpiredAndForgedLooksLikeForged(t *testing.T) {
	d := openDoor(t)
	token, _ := d.login()
	random := regexp.MustCompile(`[0-9a-f]{32}`) // the request's ID
	spoil := func(token string) string { return token[:len(token)-20] + strings.Repeat("A", 20) }
	d.at(d.now.Load().Add(time.Hour))
	if w, code := d.ask("GET /me", token, ""); w.Code != 401 || code != "token_expired" {
		t.Fatalf("expired: %d %s", w.Code, code)
	}
	for route, ask := range endpoints() {
		var first string
		for name, forged := range map[string]string{
			"expired":             spoil(token),
			"fresh":               spoil(d.forged(token, header, `"exp":1772367300`, `"exp":1772370900`)),
			"of an unknown":       spoil(d.forged(token, header, `"sub":"0`, `"sub":"f`)),
			"for somebody else":   spoil(d.forged(token, header, `"aud":"porteiro"`, `"aud":"other"`)),
			"with a broken claim": spoil(d.forged(token, header, `"exp":`, `"exp":-`)),
			"with no claims":      spoil(d.forged(token, header, `"`, `'`)),
		} {
			w, _ := d.ask(route, forged, ask.body)
			w.Header().Del("Date")
			got := random.ReplaceAllString(fmt.Sprint(w.Code, w.Header(), w.Body), "")
			if first == "" {
				first = got
			}
			if got != first || w.Code != 401 {
				t.Errorf("%s, %s: %s\nanother one: %s", route, name, got, first)
			}
		}
	}
}
