package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// route is one of the API.
type route struct {
	path    string
	methods []string
}

func allRoutes() []route {
	return []route{
		{"/login", []string{"POST"}}, {"/refresh", []string{"POST"}}, {"/logout", []string{"POST"}}, {"/register", []string{"POST"}},
		{"/protected", []string{"GET"}}, {"/me", []string{"GET", "DELETE"}}, {"/me/email", []string{"POST"}}, {"/password", []string{"POST"}},
		{"/sessions", []string{"GET"}}, {"/sessions/" + someSession, []string{"DELETE"}},
		{"/.well-known/jwks.json", []string{"GET"}}, {"/healthz", []string{"GET"}}, {"/readyz", []string{"GET"}},
	}
}

func routeRows() []row[*site] {
	return []row[*site]{
		{"other methods", "A method that a path does not take is 405 method_not_allowed, and Allow names those that it takes.", otherMethods},
		{"other paths", "A path that is not exactly a route is 404 not_found: nothing is redirected, folded or cleaned.", otherPaths},
		{"HEAD", "HEAD is GET without the body.", headIsGet},
		{"health", "/healthz and /readyz answer 200 to anybody while the service is well.", health},
		{"request names", "Every answer has an X-Request-Id: a fitting one that the request brought, else one of its own.", requestNames},
	}
}

func otherMethods(ctx context.Context, s *site) error {
	for _, r := range allRoutes() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FROBNICATE"} {
			if slices.Contains(r.methods, method) {
				continue
			}
			a, err := s.do(ctx, call{method: method, path: r.path})
			if err != nil {
				return err
			}
			if err := refusedWith(a, 405, "method_not_allowed"); err != nil {
				return err
			}
			allow := strings.FieldsFunc(a.header.Get("Allow"), func(c rune) bool { return c == ',' || c == ' ' })
			for _, takes := range r.methods {
				if !slices.Contains(allow, takes) {
					return fmt.Errorf("%v: Allow is %q, want %s in it", a, allow, takes)
				}
			}
			if slices.Contains(allow, method) {
				return fmt.Errorf("%v: Allow names %s", a, method)
			}
		}
	}
	return nil
}

func otherPaths(ctx context.Context, s *site) error {
	for _, path := range []string{
		"//login", "/login/", "/%6cogin", "/login%2f", "/a/../login", "/./login", "/LOGIN", "/login;x=1", "/sessions/", "/sessions/a/b",
		"/sessions//a", "/me/", "/me/password", "/authorize/x", "/Authorize", "/.well-known/jwks.json/", "/no-such-thing",
	} {
		for _, method := range []string{"GET", "POST"} {
			if err := s.refuses(ctx, call{method: method, path: path}, 404, "not_found"); err != nil {
				return err
			}
		}
	}
	return nil
}

func headIsGet(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, path := range []string{"/healthz", "/protected", "/me", "/sessions", "/.well-known/jwks.json"} {
		whole, err1 := s.do(ctx, get(path, pairs[0].access))
		head, err2 := s.do(ctx, call{method: "HEAD", path: path, bearer: pairs[0].access})
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if head.status != http.StatusOK || len(head.body) > 0 || head.header.Get("Content-Type") != whole.header.Get("Content-Type") {
			return fmt.Errorf("%v with the Content-Type %q, where GET has %q", head, head.header.Get("Content-Type"), whole.header.Get("Content-Type"))
		}
	}
	return nil
}

func health(ctx context.Context, s *site) error {
	for _, path := range []string{"/healthz", "/readyz"} {
		a, err := s.fine(ctx, get(path, ""), http.StatusOK)
		if err != nil {
			return err
		}
		if a.text("status") == "" {
			return fmt.Errorf("%v: want a status", a)
		}
	}
	return nil
}

func requestNames(ctx context.Context, s *site) error {
	named := func(name string) (string, error) {
		c := get("/healthz", "")
		if name != "" {
			c.header = http.Header{"X-Request-Id": {name}}
		}
		a, err := s.do(ctx, c)
		return a.header.Get("X-Request-Id"), err
	}
	kept, err1 := named("trace-1.a_B")
	first, err2 := named("")
	second, err3 := named("")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if kept != "trace-1.a_B" || first == second {
		return fmt.Errorf("trace-1.a_B became %q, and two requests without a name are %q and %q", kept, first, second)
	}
	for _, forged := range []string{`a"b`, "a b", strings.Repeat("x", 300), "a<script>"} {
		got, err := named(forged)
		if err != nil || got == forged {
			return fmt.Errorf("the name %.20q came back as it was, %w", forged, err)
		}
	}
	return nil
}
