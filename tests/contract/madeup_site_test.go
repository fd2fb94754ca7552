package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// madeSite is a handler, what is behind it and what stands before it.
type madeSite struct {
	made
	codec  func(application.Tokens) application.Tokens
	before func(next http.Handler) http.Handler
}

func (m madeSite) open(t testing.TB) *site {
	jwt := newMadeUpJWT()
	made := m.made
	made.deps = func(d *application.Deps) {
		d.Tokens = jwt
		if m.codec != nil {
			d.Tokens = m.codec(jwt)
		}
		d.LoginLimit, d.AddressLimit, d.RegisterLimit = application.Unlimited(), application.Unlimited(), application.Unlimited()
		if m.deps != nil {
			m.deps(d)
		}
	}
	core := made.core(time.Now)
	var handler http.Handler = madeUpHandler{made.far(core), jwt.published()}
	if m.before != nil {
		handler = m.before(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newSite(Target{URL: server.URL, Client: server.Client(), GiveRole: func(ctx context.Context, email, role string) error {
		return core.SetRoles(ctx, email, domain.Role(role))
	}})
}

// recorded is an answer before it is sent.
type recorded struct {
	status int
	header http.Header
	body   string
}

// answering changes answers.
func answering(alter func(r *http.Request, a *recorded)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			a := recorded{rec.Code, rec.Header(), rec.Body.String()}
			alter(r, &a)
			for name, values := range a.header {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(a.status)
			if r.Method != http.MethodHead {
				_, _ = io.WriteString(w, a.body)
			}
		})
	}
}

// requesting changes requests.
func requesting(alter func(r *http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			alter(r)
			next.ServeHTTP(w, r)
		})
	}
}

// bodies changes the bodies of requests.
func bodies(alter func(string) string) func(http.Handler) http.Handler {
	return requesting(func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		text := alter(string(b))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	})
}

// members changes the members of an answer in JSON.
func members(alter func(r *http.Request, a *recorded, m map[string]any)) func(http.Handler) http.Handler {
	return answering(func(r *http.Request, a *recorded) {
		var m map[string]any
		if json.Unmarshal([]byte(a.body), &m) != nil {
			return
		}
		alter(r, a, m)
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(m)
		a.body = b.String()
	})
}

// lenientJSON reads a body as encoding/json does, and hands on what it made of it.
func lenientJSON(text string) string {
	var m struct {
		Email, Password *string
		Current         *string `json:"current_password"`
		New             *string `json:"new_password"`
	}
	if json.NewDecoder(strings.NewReader(text)).Decode(&m) != nil {
		return text
	}
	clean := map[string]string{}
	for name, v := range map[string]*string{"email": m.Email, "password": m.Password, "current_password": m.Current, "new_password": m.New} {
		if v != nil {
			clean[name] = *v
		}
	}
	b, _ := json.Marshal(clean)
	return string(b)
}
