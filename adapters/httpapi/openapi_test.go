package httpapi_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/openapitest"
)

// TestOpenAPIIsExactlyTheRoutes: the document is valid, and describes every route and no other.
func TestOpenAPIIsExactlyTheRoutes(t *testing.T) {
	document, err := openapitest.Load("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	routes := httpapi.Routes()
	slices.Sort(routes)
	if diff := cmp.Diff(routes, document.Operations()); diff != "" {
		t.Errorf("routes and openapi.json differ (-routes +document):\n%s", diff)
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	for _, c := range []struct {
		base   string
		change func(*httpapi.Config)
		shows  []string
	}{
		{"", func(*httpapi.Config) {}, []string{`"servers": [{"url": "/"}]`, `"__Host-access_token"`}},
		{"/auth", func(c *httpapi.Config) { c.BasePath = "/auth/" }, []string{`"servers": [{"url": "/auth"}]`}},
		{"", func(c *httpapi.Config) { c.Cookies = httpapi.Cookies{On: true, Domain: "example.com"} }, []string{`"__Secure-access_token"`, `"__Secure-refresh_token"`}},
		{"", func(c *httpapi.Config) { c.Cookies = httpapi.Cookies{On: true, Insecure: true} }, []string{`"name": "access_token"`, `"name": "refresh_token"`}},
	} {
		a := newAPI(t, c.change)
		w := a.ask("GET", c.base+"/openapi.json", "")
		body := w.Body.String()
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		if _, err := openapitest.Parse([]byte(body)); err != nil {
			t.Error(err)
		}
		for _, s := range c.shows {
			if strings.Count(body, s) != 1 {
				t.Errorf("%s is there %d times", s, strings.Count(body, s))
			}
		}
	}
}

func TestOpenAPIIsAskedAboutByItsETag(t *testing.T) {
	a := newAPI(t)
	etag := a.ask("GET", "/openapi.json", "").Header().Get("Etag")
	for known, want := range map[string]int{
		etag: 304, "W/" + etag: 304, `"other", ` + etag: 304, "*": 304, `"other"`: 200, "": 200,
	} {
		w := a.ask("GET", "/openapi.json", "", "If-None-Match: "+known)
		if w.Code != want || w.Header().Get("Etag") != etag || (want == http.StatusNotModified) != (w.Body.Len() == 0) {
			t.Errorf("If-None-Match %s: %d with %d bytes and the ETag %s", known, w.Code, w.Body.Len(), w.Header().Get("Etag"))
		}
	}
	if other := newAPI(t, func(c *httpapi.Config) { c.BasePath = "/auth" }).ask("GET", "/auth/openapi.json", "").Header().Get("Etag"); other == etag {
		t.Error("another document has the same ETag")
	}
}

// TestOpenAPIKnowsEveryCode: each code of a problem is described somewhere, and none that there is not.
func TestOpenAPIKnowsEveryCode(t *testing.T) {
	body := newAPI(t).ask("GET", "/openapi.json", "").Body.String()
	described := map[string]bool{}
	for _, m := range regexp.MustCompile(`"code": \{"(?:const|enum)": \[?([^\]}]+)`).FindAllStringSubmatch(body, -1) {
		for code := range strings.SplitSeq(m[1], ", ") {
			described[strings.Trim(code, `"`)] = true
		}
	}
	codes := []string{"internal"}
	for _, r := range domain.Refusals() {
		codes = append(codes, string(r))
	}
	slices.Sort(codes)
	if diff := cmp.Diff(codes, slices.Sorted(maps.Keys(described))); diff != "" {
		t.Errorf("codes of refusals (-service +document):\n%s", diff)
	}
}
