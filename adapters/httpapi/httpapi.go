// Package httpapi carries the driving ports over HTTP with net/http: one handler for the routes of the service, one
// table from a refusal to its status. It decides nothing itself; package client is its far side.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

// Config is what the handler drives, and its settings.
type Config struct {
	Gate     application.Gate            // required
	Accounts application.Accounts        // required
	Sessions application.Sessions        // required
	Ready    func(context.Context) error // required: nil when the service can do its work
	Logger   *slog.Logger                // required: failures go there, once, and never a secret; of Unavailable a few a second
	Clock    application.Clock           // by which few are counted; default time.Now

	// Introspection is what programs with credentials of their own ask; default: nothing, and there are no such routes.
	Introspection application.Introspection
	Names         Names // what tokens say of the service; an https URL as the issuer has its metadata published

	// Public is application.Keys': the keys to publish; default none.
	Public func(context.Context) (application.PublicKeys, error)

	BasePath       string        // prefix of every route, such as "/auth"; "" and "/" are none
	RequestTimeout time.Duration // bounds the work for one request; default 5 seconds
	Draining       func() bool   // whether the node is about to stop: not ready, and connections end with their answer

	Cookies        Cookies             // whether tokens travel in cookies; default in headers and bodies
	CORSOrigins    []string            // the origins whose pages may call and read, such as "https://app.example.com"; default none
	TrustedProxies application.Proxies // whose X-Forwarded-For is believed; default nobody's
}

type server struct {
	Config
	base     string
	carried  carried.Cookies
	site     *carried.Site
	no       *answer.Refuser
	document document
}

// New returns the handler, or an error that names what is missing or cannot be.
func New(c Config) (http.Handler, error) {
	switch {
	case c.Gate == nil:
		return nil, errors.New("httpapi: a Gate is needed")
	case c.Accounts == nil:
		return nil, errors.New("httpapi: Accounts are needed")
	case c.Sessions == nil:
		return nil, errors.New("httpapi: Sessions are needed")
	case c.Ready == nil:
		return nil, errors.New("httpapi: Ready is needed")
	case c.Logger == nil:
		return nil, errors.New("httpapi: a Logger is needed")
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 5 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Public == nil {
		c.Public = func(context.Context) (application.PublicKeys, error) {
			return application.PublicKeys{JWKS: []byte(`{"keys":[]}`)}, nil
		}
	}
	if c.Draining == nil {
		c.Draining = func() bool { return false }
	}
	s := &server{Config: c, carried: carried.Cookies(c.Cookies)}
	if err := s.settle(); err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	rt := newRouter(s, s.base, s.routes())
	if issuer, ok := published(s.Names.Issuer); ok && s.Introspection != nil {
		for _, at := range metadataPaths(issuer, s.base) {
			rt.add(route{http.MethodGet, at, s.metadata})
		}
	}
	return s.surround(s.share(rt, s.guard(rt))), nil
}

// settle checks the settings, and makes of them what requests need.
func (s *server) settle() (err error) {
	if s.base, err = basePath(s.BasePath); err != nil {
		return err
	}
	if err := s.Cookies.Check(); err != nil {
		return err
	}
	for _, origin := range s.CORSOrigins {
		if err := CheckOrigin(origin); err != nil {
			return err
		}
	}
	if err := s.TrustedProxies.Check(); err != nil {
		return err
	}
	s.document = s.describe()
	if s.site, err = carried.NewSite(s.carried, s.CORSOrigins); err != nil {
		return err
	}
	s.no, err = answer.NewRefuser(s.Logger, s.Clock)
	return err
}

// routes is every route there is. A method of "" is any method; a path may end in one {id}. openapi.json describes each.
func (s *server) routes() []route {
	routes := []route{
		{"POST", wire.Login, s.login},
		{"POST", wire.Refresh, s.refresh},
		{"POST", wire.Logout, s.logout},
		{"GET", wire.Protected, s.protected},
		{"GET", wire.Me, s.me},
		{"DELETE", wire.Me, s.deleteAccount},
		{"POST", wire.Email, s.changeEmail},
		{"POST", wire.Password, s.changePassword},
		{"GET", wire.Sessions, s.listSessions},
		{"DELETE", wire.Sessions + "/{id}", s.endSession},
		{"", wire.Authorize, s.authorize},
		{"POST", wire.Register, s.register},
		{"GET", wire.JWKS, s.jwks},
		{"GET", wire.OpenAPI, s.describeItself},
		{"GET", wire.Healthz, s.healthz},
		{"GET", wire.Readyz, s.readyz},
	}
	if s.Introspection != nil {
		routes = append(routes, route{"POST", wire.Introspect, inOAuth(s.introspect)}, route{"POST", wire.Revoke, inOAuth(s.revoke)})
	}
	return routes
}

// CheckBasePath refuses what cannot be the prefix of every route.
func CheckBasePath(p string) error {
	_, err := basePath(p)
	return err
}

func basePath(p string) (string, error) {
	if p == "" || p == "/" {
		return "", nil
	}
	trimmed := strings.TrimSuffix(p, "/")
	u, err := url.Parse(trimmed)
	asked := err == nil && u.EscapedPath() == trimmed // as the router has it of a request
	if !strings.HasPrefix(p, "/") || !canonicalPath(trimmed) || !asked || strings.ContainsAny(p, "?#%{} ") {
		return "", fmt.Errorf("the base path %q is not one: it begins with a slash, such as /auth", p)
	}
	return trimmed, nil
}
