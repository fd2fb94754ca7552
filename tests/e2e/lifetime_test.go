package e2e_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/domain"
)

// T015, with the key out of the node's own database: nobody makes an access token that lives longer than configured.
func TestAccessTokensLiveNoLongerThanConfigured(t *testing.T) {
	path := filepath.Join(t.TempDir(), "porteiro.db")
	n := serve(t, "sqlite:"+path)
	n.ask("POST", "/register", "", credentials)
	token, _ := n.login()
	kid, key := accessKey(t, path)
	now := time.Now().Unix()
	forged := func(iat, exp int64) string {
		payload := decode(t, strings.Split(token, ".")[1])
		payload = payload[:strings.Index(payload, `,"iat":`)] + fmt.Sprintf(`,"iat":%d,"exp":%d}`, iat, exp)
		input := encode(`{"alg":"EdDSA","typ":"at+jwt","kid":"`+kid+`"}`) + "." + encode(payload)
		return input + "." + encode(string(ed25519.Sign(key, []byte(input))))
	}
	n.passes("a forgery that is as the original", forged(now, now+900))
	for name, life := range map[string]int64{"a second more": 901, "an hour": 3600, "a month": 30 * 86400, "ten years": 3650 * 86400} {
		n.expect(name, n.ask("GET", "/protected", forged(now, now+life), ""), 401, "code", "token_invalid")
		n.expect(name+", and logs out", n.ask("POST", "/logout", forged(now, now+life), ""), 401, "code", "token_invalid")
	}
	n.stop()
	n.args = append(n.args, "--access-ttl", "1500ms") // a token's times are cut to seconds: it may say 2 of them
	n.start()
	for range 3 {
		a := n.ask("POST", "/login", "", credentials)
		n.passes("a short one", a.text("access_token"))
	}
	n.expect("one from before the change", n.ask("GET", "/protected", forged(now, now+900), ""), 401, "code", "token_invalid")
}

func accessKey(t *testing.T, path string) (kid string, key ed25519.PrivateKey) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ring, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ring {
		if parsed, err := x509.ParsePKCS8PrivateKey(k.Private); k.Purpose == domain.Access && err == nil {
			return k.ID, parsed.(ed25519.PrivateKey)
		}
	}
	t.Fatalf("%d keys, and none of them for access tokens", len(ring))
	return "", nil
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func decode(t *testing.T, s string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
