package contract

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

func httpSuite() suite[*site] {
	return suite[*site]{
		name: "HTTP", rows: siteRows(), right: madeSite{}.open,
		mutants: slices.Concat(brokenRoutes(), brokenBodies(), brokenProblems(), brokenCredentials(), brokenSiteTokens(), brokenSiteSessions(), brokenAuthorize(), brokenSiteOwn(), brokenPublished()),
	}
}

// answered is a handler whose answers are wrong, asked one that reads requests wrong, sited one with a fault behind it.
func answered(wrong string, alter func(r *http.Request, a *recorded), rows ...string) mutant[*site] {
	return mutant[*site]{wrong: wrong, rows: rows, open: madeSite{before: answering(alter)}.open}
}

func asked(wrong string, before func(http.Handler) http.Handler, rows ...string) mutant[*site] {
	return mutant[*site]{wrong: wrong, rows: rows, open: madeSite{before: before}.open}
}

func sited(wrong string, m made, rows ...string) mutant[*site] {
	return mutant[*site]{wrong: wrong, rows: rows, open: madeSite{made: m}.open}
}

func without(header string) func(*http.Request, *recorded) {
	return func(_ *http.Request, a *recorded) { a.header.Del(header) }
}

func brokenRoutes() []mutant[*site] {
	const methods, paths, head, well, names = "other methods", "other paths", "HEAD", "health", "request names"
	return []mutant[*site]{
		answered("a 405 without Allow", without("Allow"), methods),
		answered("Allow names everything", func(_ *http.Request, a *recorded) {
			if a.status == 405 {
				a.header.Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, TRACE, FROBNICATE")
			}
		}, methods),
		asked("another method is another path", func(next http.Handler) http.Handler {
			return answering(func(r *http.Request, a *recorded) {
				if a.status == 405 {
					a.status, a.body = 404, strings.NewReplacer("405", "404", "method_not_allowed", "not_found", "Method Not Allowed", "Not Found").Replace(a.body)
				}
			})(next)
		}, methods),
		asked("paths cleaned and redirected", func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if clean := path.Clean(r.URL.Path); clean != r.URL.Path {
					http.Redirect(w, r, clean, http.StatusMovedPermanently)
					return
				}
				next.ServeHTTP(w, r)
			})
		}, paths),
		asked("paths in any case", requesting(func(r *http.Request) { r.URL.Path, r.URL.RawPath = strings.ToLower(r.URL.Path), "" }), paths),
		asked("paths decoded first", requesting(func(r *http.Request) { r.URL.RawPath = "" }), paths),
		answered("no HEAD", func(r *http.Request, a *recorded) {
			if r.Method == "HEAD" && r.URL.Path != "/authorize" {
				a.status = 405
			}
		}, head),
		answered("health for those who have a token", func(r *http.Request, a *recorded) {
			if r.URL.Path == "/readyz" && r.Header.Get("Authorization") == "" {
				a.status = 401
			}
		}, well),
		answered("health in plain text", func(r *http.Request, a *recorded) {
			if r.URL.Path == "/healthz" {
				a.header.Set("Content-Type", "text/plain")
				a.body = "ok"
			}
		}, well),
		answered("no X-Request-Id", without("X-Request-Id"), names, paths),
		answered("one name for all requests", func(_ *http.Request, a *recorded) { a.header.Set("X-Request-Id", "1") }, names),
		answered("any name comes back", func(r *http.Request, a *recorded) {
			if id := r.Header.Get("X-Request-Id"); id != "" {
				a.header.Set("X-Request-Id", id)
			}
		}, names),
	}
}

func brokenBodies() []mutant[*site] {
	const media, object, fields, twice, unknown, text, nul, large = "media types", "no object", "members", "a member twice", "unknown members", "text that is none", "NUL in a password", "too large"
	return []mutant[*site]{
		asked("any Content-Type", requesting(func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), media),
		asked("a Content-Type without parameters", requesting(func(r *http.Request) {
			if strings.Contains(r.Header.Get("Content-Type"), ";") {
				r.Header.Set("Content-Type", "text/plain")
			}
		}), media),
		asked("bodies as encoding/json reads them", bodies(lenientJSON), object, twice, text, unknown),
		asked("members that are not known refused", bodies(func(s string) string {
			if strings.Contains(s, "roles") {
				return "?"
			}
			return s
		}), unknown),
		asked("the field not named", members(func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "field") }), fields, "what is refused of a registration", "a new password"),
		asked("NUL ends a text", bodies(func(s string) string {
			if i := strings.Index(s, `\u0000`); i >= 0 {
				return s[:i] + `"}`
			}
			return s
		}), nul),
		answered("a body that is too large is a bad one", func(_ *http.Request, a *recorded) {
			if a.status == 413 {
				a.status = 400
			}
		}, large),
		asked("bodies cut at 16 KiB", bodies(func(s string) string { return s[:min(len(s), 16<<10)] }), large),
	}
}
