package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/porteiro/porteiro/adapters/httpapi"
	"github.com/porteiro/porteiro/tests/inprocess"
)

// Who is who to a browser: app and blog are of the service's site, evil is not; only app's origin is allowed.
const (
	service = "auth.site.test"
	app     = "app.site.test"
	blog    = "blog.site.test"
	evil    = "evil.example"
)

// site is one server that all names lead to: the service on its own name, an empty page on every other.
type site struct {
	port string
	mu   sync.Mutex
	seen []arrival
}

// arrival is a request that came as far as the service.
type arrival struct {
	method, path, from string
	carried            bool // the cookies
	status             int
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	server := httptest.NewUnstartedServer(nil)
	_, s.port, _ = strings.Cut(server.Listener.Addr().String(), ":")
	core := inprocess.Core(t, nil)
	for _, email := range []string{"ana@example.com", "mallory@example.com"} {
		if _, err := core.Register(t.Context(), email, password); err != nil {
			t.Fatal(err)
		}
	}
	handler := inprocess.Handler(t, core, func(c *httpapi.Config) {
		c.Cookies.On = true
		c.CORSOrigins = []string{s.origin(app)}
	})
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Host, service+":") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html><title>a page</title>")
			return
		}
		answer := &status{ResponseWriter: w}
		handler.ServeHTTP(answer, r)
		s.arrived(arrival{r.Method, r.URL.Path, r.Header.Get("Sec-Fetch-Site"), len(r.Cookies()) == 2, answer.code})
	})
	server.StartTLS()
	t.Cleanup(server.Close)
	return s
}

// status keeps the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (s *site) arrived(a arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, a)
}

// take returns what arrived since the last time, without what browsers ask for by themselves.
func (s *site) take() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := slices.DeleteFunc(s.seen, func(a arrival) bool { return a.path == "/favicon.ico" })
	s.seen = nil
	return seen
}

func (s *site) origin(host string) string { return "https://" + host + ":" + s.port }

// fetch is a script that calls the service with whatever cookies the browser has, and ends in the status and the body,
// or in "blocked".
func (s *site) fetch(method, path, body, options string) string {
	return fmt.Sprintf(`fetch(%q, {method: %q, credentials: "include", body: %s, %s})
		.then(async r => r.status + " " + await r.text(), () => "blocked")`, s.origin(service)+path, method, body, options)
}

// form is a script that sends a form to the service, for which no browser asks beforehand. Its body is JSON, nearly.
func (s *site) form(path, body string) string {
	return fmt.Sprintf(`{
		const f = document.createElement("form")
		f.method = "post"; f.enctype = "text/plain"; f.action = %q
		const i = document.createElement("input")
		i.name = %s.slice(0, -1) + ',"x":"'; i.value = '"}'
		f.append(i); document.body.append(f); f.submit()
	}`, s.origin(service)+path, body)
}
