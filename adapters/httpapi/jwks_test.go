package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// T093: the JWK Set is the ring's, byte for byte, and may be kept for as long as the ring says.
func TestJWKS(t *testing.T) {
	keys, failure := application.PublicKeys{JWKS: []byte(`{"keys":[]}`), MaxAge: 90 * time.Second}, error(nil)
	a := newAPI(t, func(c *httpapi.Config) {
		c.Public = func(context.Context) (application.PublicKeys, error) { return keys, failure }
	})
	w := a.ask("GET", "/.well-known/jwks.json", "")
	if w.Code != 200 || w.Body.String() != `{"keys":[]}` || w.Header().Get("Cache-Control") != "public, max-age=90" ||
		w.Header().Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	keys.MaxAge = 0
	if w := a.ask("GET", "/.well-known/jwks.json", ""); w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("what may not be kept says %q", w.Header().Get("Cache-Control"))
	}
	problem(t, a.ask("POST", "/.well-known/jwks.json", ""), 405, "method_not_allowed")
	failure = fmt.Errorf("public keys: %w: %w", domain.Unavailable, errors.New("inside"))
	w = a.ask("GET", "/.well-known/jwks.json", "")
	problem(t, w, 503, "unavailable")
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a failure may be kept: %q", w.Header().Get("Cache-Control"))
	}
}
