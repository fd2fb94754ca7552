// Package clients_test has services that nobody here wrote verify porteiro's tokens by themselves: PyJWT by the JWK
// Set, and flask-jwt-extended, which the services of the Flask app before porteiro use.
package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPyJWTVerifiesByTheJWKSet: T026, T093, T053.
func TestPyJWTVerifiesByTheJWKSet(t *testing.T) {
	python := interpreter(t, "jwt, cryptography", "python3-jwt python3-cryptography")
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			g := give(t, algorithm)
			want := map[string]string{
				"access":                     g.subject,
				"typ":                        "at+jwt",
				"expired":                    "ExpiredSignatureError",
				"another audience":           "InvalidAudienceError",
				"another issuer":             "InvalidIssuerError",
				"another signature":          "InvalidSignatureError",
				"refresh":                    "PyJWKClientError", // its key is not published
				"refresh, by the access key": "InvalidAlgorithmError",
			}
			if diff := cmp.Diff(want, run(t, python, "testdata/pyjwt.py", g)); diff != "" {
				t.Errorf("PyJWT (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFlaskJWTExtendedTakesAccessTokensOnly: T022. Its tokens have a type and say whether they are fresh; to it one
// without is an access token that is not fresh, so nothing but the key keeps a refresh token out.
func TestFlaskJWTExtendedTakesAccessTokensOnly(t *testing.T) {
	python := interpreter(t, "flask_jwt_extended, cryptography", "python3-python-flask-jwt-extended python3-cryptography")
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256", "HS256"} {
		t.Run(algorithm, func(t *testing.T) {
			g := give(t, algorithm)
			want := map[string]string{}
			for _, route := range []string{"plain", "optional", "refresh", "fresh"} {
				want["access at "+route] = g.subject
				want["expired at "+route] = "401"
				want["tampered at "+route] = "422"
				want["refresh at "+route] = "422"
			}
			want["access at refresh"], want["access at fresh"] = "422", "401"
			if diff := cmp.Diff(want, run(t, python, "testdata/flask_service.py", g)); diff != "" {
				t.Errorf("flask-jwt-extended (-want +got):\n%s", diff)
			}
		})
	}
}

// interpreter returns a Python that has the modules; without one the test is skipped, or fails where
// PORTEIRO_REQUIRE_PYTHON=1.
func interpreter(t *testing.T, modules, packages string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} { // the first may be one that has no packages of Debian's
		path, err := exec.LookPath(name)
		if err == nil && exec.CommandContext(t.Context(), path, "-c", "import "+modules).Run() == nil {
			return path
		}
	}
	says := "no python3 has " + modules + ": apt-get install " + packages
	if os.Getenv("PORTEIRO_REQUIRE_PYTHON") == "1" {
		t.Fatal(says)
	}
	t.Skip(says)
	return ""
}

// run gives a script what it needs and returns what it says of each token.
func run(t *testing.T, python, script string, g given) (said map[string]string) {
	t.Helper()
	in, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, python, script)
	var errs strings.Builder
	c.Stdin, c.Stderr = bytes.NewReader(in), &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, errs.String())
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%s says %q", script, out)
	}
	return said
}
