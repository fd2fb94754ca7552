package clients_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// given is what a service that verifies by itself is given, and tokens to try it with.
type given struct {
	Algorithm string `json:"algorithm"`
	JWKS      string `json:"jwks"`             // a URL
	Public    string `json:"public,omitempty"` // PEM
	Secret    []byte `json:"secret,omitempty"` // of HS256 in place of a public key

	Access   string `json:"access"`
	Refresh  string `json:"refresh"`
	Expired  string `json:"expired"`
	Tampered string `json:"tampered"`

	subject string
}

// give signs somebody in at a service of the algorithm, which serves its keys over HTTP until the test ends.
func give(t *testing.T, algorithm string) given {
	t.Helper()
	access, refresh := makeKey(t, domain.Access, algorithm), makeKey(t, domain.Refresh, "")
	codec, err := tokens.New([]domain.Key{access, refresh}, tokens.Config{})
	if err != nil {
		t.Fatal(err)
	}
	jwks, err := tokens.Maker{}.Publish([]domain.Key{access, refresh})
	if err != nil {
		t.Fatal(err)
	}
	core := inprocess.Core(t, func(d *application.Deps) { d.Tokens = codec })
	server := httptest.NewServer(inprocess.Handler(t, core, func(c *httpapi.Config) {
		c.Public = func(context.Context) (application.PublicKeys, error) {
			return application.PublicKeys{JWKS: jwks, MaxAge: time.Minute}, nil
		}
	}))
	t.Cleanup(server.Close)
	user, err := core.Register(t.Context(), "ana@example.com", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	grant, err := core.Login(t.Context(), "ana@example.com", "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	g := given{
		Algorithm: algorithm, JWKS: server.URL + "/.well-known/jwks.json", subject: string(user.User),
		Access: grant.AccessToken, Refresh: grant.RefreshToken, Tampered: tampered(grant.AccessToken),
		Expired: expired(t, codec, grant.AccessToken),
	}
	if algorithm == "HS256" {
		g.Secret = access.Private
	} else {
		g.Public = public(t, access)
	}
	return g
}

func makeKey(t *testing.T, purpose domain.Kind, algorithm string) domain.Key {
	t.Helper()
	key, err := tokens.Maker{}.Make(purpose, algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// expired is the token of an hour ago.
func expired(t *testing.T, codec *tokens.Codec, token string) string {
	t.Helper()
	claims, err := codec.Read(domain.Access, token)
	if err != nil {
		t.Fatal(err)
	}
	claims.IssuedAt, claims.Expires = claims.IssuedAt.Add(-time.Hour), claims.Expires.Add(-time.Hour)
	old, err := codec.Issue(claims)
	if err != nil {
		t.Fatal(err)
	}
	return old
}

// tampered changes the signature of a token.
func tampered(token string) string {
	i := len(token) - 10
	other := "A"
	if token[i:i+1] == other {
		other = "B"
	}
	return token[:i] + other + token[i+1:]
}

// public is the public half of a key in PEM, as a service that knows no JWK Set is given it.
func public(t *testing.T, key domain.Key) string {
	t.Helper()
	private, err := x509.ParsePKCS8PrivateKey(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.(crypto.Signer).Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
