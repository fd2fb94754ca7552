package inprocess_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// T039: of a login that fails the whole answer, every header and every byte, is the same whoever has the email or has
// not, and so is that of one that comes too often; only the request's name differs.
func TestFailedLoginsAreTheSameBytes(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	core := inprocess.Core(t, func(d *application.Deps) {
		d.Passwords, d.Clock = plain{}, func() time.Time { return noon }
		nobodyCan := domain.User{ID: "0198f2a0-1111-7abc-8def-000000000001", Email: "none@example.com", CreatedAt: noon}
		if err := d.Store.Add(t.Context(), nobodyCan); err != nil {
			t.Fatal(err)
		}
	})
	for _, email := range []string{"ana@example.com", "disabled@example.com", "deleted@example.com"} {
		if _, err := core.Register(t.Context(), email, "correct horse battery"); err != nil {
			t.Fatal(err)
		}
	}
	if err := core.Disable(t.Context(), "disabled@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := core.Delete(t.Context(), "deleted@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, cookies := range []bool{false, true} {
		h := inprocess.Handler(t, core, func(c *httpapi.Config) { c.Cookies.On = cookies })
		for _, attempt := range []string{"the first", "one too many"} {
			same := ""
			for _, c := range [][2]string{ // not as often as the limit allows, until it is meant
				{"ana@example.com", "wrong"}, {"ANA@example.com", ""}, {"nobody@example.com", "correct horse battery"},
				{"disabled@example.com", "correct horse battery"}, {"disabled@example.com", "wrong"}, {"none@example.com", ""},
				{"deleted@example.com", "correct horse battery"},
			} {
				status := 401
				if attempt == "one too many" {
					exhaust(h, c[0])
					status = 429
				}
				w := login(h, c[0], c[1])
				got := random.ReplaceAllString(fmt.Sprint(w.Code, w.Header(), w.Body), "")
				if same == "" {
					same = got
				}
				if got != same || w.Code != status {
					t.Errorf("with cookies %v, %s, %s with %q: %s\nanother one: %s", cookies, attempt, c[0], c[1], got, same)
				}
			}
			noon = noon.Add(time.Hour) // every attempt is forgotten
		}
	}
}

// random finds the name that a request is given.
var random = regexp.MustCompile(`[0-9a-f]{32}`)

func login(h http.Handler, email, password string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/login", strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// exhaust tries as many wrong passwords as are looked at.
func exhaust(h http.Handler, email string) {
	for range 10 {
		login(h, email, "wrong")
	}
}
