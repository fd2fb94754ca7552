package contract

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// problemWith changes problem documents.
func problemWith(wrong string, alter func(r *http.Request, a *recorded, m map[string]any), rows ...string) mutant[*site] {
	return asked(wrong, members(func(r *http.Request, a *recorded, m map[string]any) {
		if a.status >= 400 {
			alter(r, a, m)
		}
	}), rows...)
}

func brokenProblems() []mutant[*site] {
	return slices.Concat(brokenWording(), brokenChallenges(), brokenTokenPlaces())
}

func brokenWording() []mutant[*site] {
	const words, lang = "words that never change", "languages"
	return []mutant[*site]{
		problemWith("problems as application/json", func(_ *http.Request, a *recorded, _ map[string]any) { a.header.Set("Content-Type", "application/json") }, "other paths", lang),
		problemWith("problems without a title", func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "title") }, "other paths"),
		problemWith("another status in the document", func(_ *http.Request, _ *recorded, m map[string]any) { m["status"] = 500 }, "other paths"),
		problemWith("problems without a msg", func(_ *http.Request, _ *recorded, m map[string]any) { delete(m, "msg") }, words, "other paths"),
		problemWith("msg translated", func(r *http.Request, _ *recorded, m map[string]any) {
			if m["code"] == "token_revoked" && r.Header.Get("Accept-Language") == "pt-BR" {
				m["msg"] = "O token foi revogado"
			}
		}, words),
		problemWith("msg mended", func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["code"] == "invalid_credentials" {
				m["msg"] = "Credenciais invalidas"
			}
		}, words),
		problemWith("a code of its own", func(_ *http.Request, _ *recorded, m map[string]any) { m["code"] = "error." + m["code"].(string) }, "other paths", "registration"),
		asked("one language", requesting(func(r *http.Request) { r.Header.Del("Accept-Language") }), lang),
		answered("no Vary", without("Vary"), lang),
		answered("no Content-Language", without("Content-Language"), lang),
		asked("the first language alone", requesting(func(r *http.Request) {
			first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
			r.Header.Set("Accept-Language", first)
		}), lang),
	}
}

func brokenChallenges() []mutant[*site] {
	const challenge, places = "challenges", "where a token may be"
	return []mutant[*site]{
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
	}
}

func brokenTokenPlaces() []mutant[*site] {
	const places = "where a token may be"
	return []mutant[*site]{
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
	return slices.Concat(brokenRegistrations(), brokenSiteLogins())
}

func brokenRegistrations() []mutant[*site] {
	const registers, refused = "registration", "what is refused of a registration"
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
	}
}

func brokenSiteLogins() []mutant[*site] {
	const logs, alike, exact = "login", "failures look alike", "passwords are taken as they are"
	return []mutant[*site]{
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
		"without --cookies": {before: members(func(_ *http.Request, a *recorded, m map[string]any) {
			if token, found := m["access_token"].(string); found {
				a.header.Set("Set-Cookie", "access_token="+token)
				delete(m, "access_token")
				delete(m, "refresh_token")
			}
		})},
		"as in Target.URL": {before: requesting(func(r *http.Request) { r.URL.Path = "/elsewhere" + r.URL.Path })},
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
