package contract

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// site is a service as its clients see it.
type site struct {
	Target
	base string
}

func newSite(t Target) *site {
	c := http.Client{}
	if t.Client != nil {
		c = *t.Client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	t.Client = &c
	return &site{Target: t, base: strings.TrimSuffix(t.URL, "/")}
}

// userAgent is what every request says of its sender.
const userAgent = "porteiro-contract/1"

// call is a request. A body is JSON unless the header says otherwise; bearer is the token of an Authorization header.
type call struct {
	method, path, bearer, body string
	header                     http.Header
}

// answer is what came back.
type answer struct {
	what   string // the request, for messages
	status int
	header http.Header
	body   []byte
	member map[string]any // of a JSON object
}

func (a answer) text(member string) string {
	s, _ := a.member[member].(string)
	return s
}

func (a answer) String() string { return fmt.Sprintf("%s: %d %.300s", a.what, a.status, a.body) }

const maxAnswer = 1 << 20

func (s *site) do(ctx context.Context, c call) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, c.method, s.base+c.path, strings.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	if _, given := r.Header["Content-Type"]; c.body != "" && !given {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", userAgent)
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	a := answer{what: c.method + " " + c.path}
	response, err := s.Client.Do(r)
	if err != nil {
		return a, fmt.Errorf("%s: %w", a.what, err)
	}
	defer response.Body.Close()
	a.status, a.header = response.StatusCode, response.Header
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return a, fmt.Errorf("%s: %w", a.what, err)
	}
	if strings.Contains(a.header.Get("Content-Type"), "json") && len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &a.member); err != nil {
			return a, fmt.Errorf("%s answers what is no JSON object: %w", a.what, err)
		}
	}
	switch {
	case a.status >= 500:
		return a, fmt.Errorf("%v: no request gets a 5xx while the service is well", a)
	case a.header.Get("X-Request-Id") == "":
		return a, fmt.Errorf("%v: the answer has no X-Request-Id", a)
	case a.status == http.StatusTooManyRequests:
		return a, fmt.Errorf("%s: %w", a.what, errLimits)
	}
	return a, nil
}

var errLimits = errors.New("the service limits attempts, and this suite makes more of them: run it with all limits off " +
	"(porteiro serve --login-limit off --address-limit off --register-limit off)")

// object is JSON.
func object(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(m) // strings always encode
	return strings.TrimSpace(b.String())
}

func freshEmail() string { return "contract-" + strings.ToLower(rand.Text()) + "@example.com" }

// guest is a user whom a row has registered.
type guest struct{ id, email, password string }

// pair is what a login answers.
type pair struct{ access, refresh string }

// guest registers somebody.
func (s *site) guest(ctx context.Context) (guest, error) {
	g := guest{email: freshEmail(), password: "correct horse battery staple"}
	a, err := s.do(ctx, call{method: "POST", path: "/register", body: object("email", g.email, "password", g.password)})
	if err == nil && a.status != http.StatusCreated {
		err = fmt.Errorf("%v: want 201", a)
	}
	g.id = a.text("id")
	return g, err
}

func (s *site) login(ctx context.Context, email, password string) (answer, pair, error) {
	a, err := s.do(ctx, call{method: "POST", path: "/login", body: object("email", email, "password", password)})
	return a, pair{a.text("access_token"), a.text("refresh_token")}, err
}

// signedIn registers somebody and logs them in n times.
func (s *site) signedIn(ctx context.Context, n int) (guest, []pair, error) {
	g, err := s.guest(ctx)
	if err != nil {
		return g, nil, err
	}
	pairs := make([]pair, n)
	for i := range pairs {
		a, p, err := s.login(ctx, g.email, g.password)
		if err != nil {
			return g, nil, err
		}
		if a.status != http.StatusOK || p.access == "" {
			return g, nil, fmt.Errorf("%v: want 200 and tokens", a)
		}
		pairs[i] = p
	}
	return g, pairs, nil
}

// settings looks whether the service runs as the suite needs it to.
func (s *site) settings(ctx context.Context) error {
	email := freshEmail()
	a, err := s.do(ctx, call{method: "POST", path: "/register", body: object("email", email, "password", "correct horse battery staple")})
	switch {
	case err != nil:
		return err
	case a.text("code") == "registration_closed":
		return errors.New("the service takes no registrations, and each row makes one: run it with registration open (porteiro serve --registration open)")
	case a.status != http.StatusCreated:
		return fmt.Errorf("%v: want 201 at the URL of a service, as in Target.URL", a)
	}
	for range 12 {
		if _, _, err := s.login(ctx, email, "a wrong password"); err != nil {
			return err
		}
	}
	a, p, err := s.login(ctx, email, "correct horse battery staple")
	switch {
	case err != nil:
		return err
	case a.status == http.StatusOK && p.access == "" && len(a.header.Values("Set-Cookie")) > 0:
		return errors.New("the service keeps tokens in cookies, and this suite sends them in headers: run it without --cookies")
	case a.status != http.StatusOK || p.access == "" || p.refresh == "":
		return fmt.Errorf("%v: want 200 and a pair of tokens", a)
	}
	return nil
}
