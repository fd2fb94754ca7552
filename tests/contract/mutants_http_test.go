package contract

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
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

func brokenProblems() []mutant[*site] {
	const words, lang, challenge, places = "words that never change", "languages", "challenges", "where a token may be"
	problem := func(wrong string, alter func(r *http.Request, a *recorded, m map[string]any), rows ...string) mutant[*site] {
		return asked(wrong, members(func(r *http.Request, a *recorded, m map[string]any) {
			if a.status >= 400 {
				alter(r, a, m)
			}
		}), rows...)
	}
	return []mutant[*site]{
		problem("problems as application/json", func(_ *http.Request, a *recorded, _ map[string]any) { a.header.Set("Content-Type", "application/json") }, "other paths", lang),
		problem("problems without a title", func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "title") }, "other paths"),
		problem("another status in the document", func(_ *http.Request, _ *recorded, m map[string]any) { m["status"] = 500 }, "other paths"),
		problem("problems without a msg", func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "msg") }, words, "other paths"),
		problem("msg translated", func(r *http.Request, _ *recorded, m map[string]any) {
			if m["code"] == "token_revoked" && r.Header.Get("Accept-Language") == "pt-BR" {
				m["msg"] = "O token foi revogado"
			}
		}, words),
		problem("msg mended", func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["code"] == "invalid_credentials" {
				m["msg"] = "Credenciais invalidas"
			}
		}, words),
		problem("a code of its own", func(_ *http.Request, _ *recorded, m map[string]any) { m["code"] = "error." + m["code"].(string) }, "other paths", "registration"),
		asked("one language", requesting(func(r *http.Request) { r.Header.Del("Accept-Language") }), lang),
		answered("no Vary", without("Vary"), lang),
		answered("no Content-Language", without("Content-Language"), lang),
		asked("the first language alone", requesting(func(r *http.Request) {
			first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
			r.Header.Set("Accept-Language", first)
		}), lang),
		answered("no challenge", without("WWW-Authenticate"), challenge, places),
		answered("one challenge for all", func(_ *http.Request, a *recorded) {
			if a.status == 401 {
				a.header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			}
		}, challenge),
		answered("a challenge without its error", func(_ *http.Request, a *recorded) {
			if a.status == 401 || a.status == 403 {
				a.header.Set("WWW-Authenticate", "Bearer")
			}
		}, challenge),
		answered("refusals may be kept", func(_ *http.Request, a *recorded) {
			if a.status >= 400 {
				a.header.Del("Cache-Control")
			}
		}, "other paths", "nobody passes"),
		answered("tokens may be kept", func(r *http.Request, a *recorded) {
			if r.URL.Path == "/login" {
				a.header.Set("Cache-Control", "private")
			}
		}, "login"),
		asked("a token in the query", requesting(func(r *http.Request) {
			if token := r.URL.Query().Get("access_token"); token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
				r.URL.RawQuery = ""
			}
		}), places),
		asked("the first of two headers", requesting(func(r *http.Request) {
			if all := r.Header.Values("Authorization"); len(all) > 1 {
				r.Header.Set("Authorization", all[0])
			}
		}), places),
		asked("the scheme in one case", requesting(func(r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Authorization"), "bearer") {
				r.Header.Set("Authorization", "Basic x")
			}
		}), places),
		asked("a token without its scheme", requesting(func(r *http.Request) {
			if a := r.Header.Get("Authorization"); a != "" && !strings.Contains(a, " ") && a != "Bearer" {
				r.Header.Set("Authorization", "Bearer "+a)
			}
		}), places),
		asked("tokens trimmed", requesting(func(r *http.Request) {
			if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && len(r.Header.Values("Authorization")) == 1 {
				r.Header.Set("Authorization", scheme+" "+strings.TrimSpace(token))
			}
		}), places),
	}
}

func brokenCredentials() []mutant[*site] {
	const registers, refused, logs, alike, exact = "registration", "what is refused of a registration", "login", "failures look alike", "passwords are taken as they are"
	return []mutant[*site]{
		answered("a registration is 200", func(_ *http.Request, a *recorded) {
			if a.status == 201 {
				a.status = 200
			}
		}, registers),
		asked("the email as it was typed", func(next http.Handler) http.Handler {
			return members(func(r *http.Request, a *recorded, m map[string]any) {
				if a.status == 201 {
					m["email"] = " " + m["email"].(string)
				}
			})(next)
		}, registers),
		answered("an email that is taken is 400", func(_ *http.Request, a *recorded) {
			if a.status == 409 {
				a.status = 400
			}
		}, registers, "a new email"),
		sited("passwords of three characters", made{deps: func(d *application.Deps) { d.PasswordPolicy.Min, d.PasswordPolicy.Max = 3, 1000 }}, refused),
		asked("a token type in lower case", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["token_type"] != nil {
				m["token_type"] = "bearer"
			}
		}), logs),
		asked("no refresh_expires_in", members(func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "refresh_expires_in") }), logs, "rotation"),
		asked("expires_in as text", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["expires_in"] != nil {
				m["expires_in"] = "900"
			}
		}), logs),
		sited("case-sensitive emails", made{front: func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if e != strings.ToLower(e) {
					return application.Grant{}, domain.InvalidCredentials
				}
				return core.Login(ctx, e, p)
			}
		}}, logs),
		sited("an unknown email is told", made{front: func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if _, err := core.Find(ctx, e); err != nil {
					return application.Grant{}, &domain.Denied{Refusal: domain.InvalidCredentials, Field: "email"}
				}
				return core.Login(ctx, e, p)
			}
		}}, alike),
		sited("an email that is none is a bad request", made{front: func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if _, err := domain.ParseEmail(e); err != nil {
					return application.Grant{}, err
				}
				return core.Login(ctx, e, p)
			}
		}}, alike),
		sited("passwords trimmed", made{front: allLogins(func(e, p string) (string, string) { return e, strings.TrimSpace(p) })}, exact),
		sited("passwords in lower case", made{front: allLogins(func(e, p string) (string, string) { return e, strings.ToLower(p) })}, exact),
		sited("the first 72 bytes of a password", made{deps: func(d *application.Deps) {
			d.Passwords = madeUpPasswords{read: func(s string) string { return s[:min(len(s), 72)] }}
		}}, exact),
		sited("passwords normalised", made{front: allLogins(func(e, p string) (string, string) { return e, strings.ReplaceAll(p, "e\u0301", "\u00e9") })}, exact),
	}
}

// TestHTTPSaysHowToRunTheService: whoever runs the suite on a service of other settings is told what to set.
func TestHTTPSaysHowToRunTheService(t *testing.T) {
	for want, m := range map[string]madeSite{
		"registration open": {made: made{deps: func(d *application.Deps) { d.Registration = false }}},
		"all limits off":    {made: made{deps: func(d *application.Deps) { d.LoginLimit = domain.Limit{Burst: 10, Every: time.Second} }}},
		"without --cookies": {config: func(c *httpapi.Config) { c.Cookies = httpapi.Cookies{On: true, Insecure: true} }},
		"as in Target.URL":  {before: requesting(func(r *http.Request) { r.URL.Path = "/elsewhere" + r.URL.Path })},
	} {
		if err := m.open(t).settings(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the suite says %v, want %q in it", err, want)
		}
	}
	s := newSite(Target{URL: "http://127.0.0.1:1"})
	if err := s.settings(t.Context()); err == nil || errors.Is(err, errLimits) {
		t.Errorf("where nobody listens the suite says %v", err)
	}
}
