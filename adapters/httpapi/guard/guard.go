// Package guard protects the handlers of a Go service: whoever passes is in the request's context, and whoever does not
// is answered as porteiro itself answers. It asks an application.Gate about every request, near (the core in the same
// process) or far (the client of a transport), keeps nothing, and lets nobody in without a yes.
package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Config is whom a guard asks, and its settings.
type Config struct {
	Gate    application.Gate // required
	Logger  *slog.Logger     // required: failures go there, once, and never a secret
	Timeout time.Duration    // bounds the asking, and not the handler; default 5 seconds. Past it 503

	Cookies Cookies // whether a token may come in a cookie; default in the Authorization header alone

	// TrustedOrigins are the origins, such as "https://app.example.com", whose pages may change something with a cookie,
	// besides those of the request's own host. They need Cookies.
	TrustedOrigins []string
}

// Cookies says that access tokens may come in the cookies of a porteiro that runs with --cookies. Pages of this host can
// then be served and call back without holding a token. The settings are those of the porteiro that sets the cookies.
//
// A request with a cookie that may change something has to come from a page of its own host or of a TrustedOrigin, and
// so has the opening of a WebSocket: browsers send cookies along whoever asks. GET, HEAD and OPTIONS count as changing
// nothing: a handler that does so on one of them is open to other sites. The Host of a request must be the one that the
// browser asked for: a proxy in front keeps it.
type Cookies struct {
	On       bool
	Domain   string // as --cookie-domain: the name whose hosts share the cookies; default this host alone
	Insecure bool   // as --insecure-cookies: cookies over plain HTTP on one's own machine
}

// Guard protects handlers. It is safe for concurrent use.
type Guard struct {
	gate    application.Gate
	timeout time.Duration
	anyOf   []domain.Role
	cookies carried.Cookies
	site    *carried.Site
	no      *answer.Refuser
}

// New returns a guard that lets everybody in who is signed in, or an error that names what is missing or cannot be.
func New(c Config) (*Guard, error) {
	switch {
	case c.Gate == nil:
		return nil, errors.New("guard: a Gate is needed")
	case c.Logger == nil:
		return nil, errors.New("guard: a Logger is needed")
	case c.Timeout < 0:
		return nil, fmt.Errorf("guard: a timeout of %v lets nobody in", c.Timeout)
	case len(c.TrustedOrigins) > 0 && !c.Cookies.On:
		return nil, errors.New("guard: trusted origins without cookies: turn the cookies on, or leave the origins out")
	}
	g := &Guard{gate: c.Gate, timeout: c.Timeout, cookies: carried.Cookies(c.Cookies)}
	if g.timeout == 0 {
		g.timeout = 5 * time.Second
	}
	if err := g.settle(c); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	return g, nil
}

func (g *Guard) settle(c Config) (err error) {
	if err := g.cookies.Check(); err != nil {
		return err
	}
	for _, origin := range c.TrustedOrigins {
		if err := carried.CheckOrigin(origin); err != nil {
			return fmt.Errorf("the trusted origin %w", err)
		}
	}
	if g.site, err = carried.NewSite(g.cookies, c.TrustedOrigins); err != nil {
		return err
	}
	g.no, err = answer.NewRefuser(c.Logger, time.Now)
	return err
}

// Require returns a guard that lets in who holds any of the roles, in place of those that g asks for. None at all is an
// error: a list that came out empty must not let everybody in.
func (g *Guard) Require(anyOf ...domain.Role) (*Guard, error) {
	if len(anyOf) == 0 {
		return nil, errors.New("guard: no role is required: name one, or use the guard as it is")
	}
	for _, role := range anyOf {
		if _, err := domain.ParseRole(string(role)); err != nil {
			return nil, fmt.Errorf("guard: %q is no role: %w", role, err)
		}
	}
	stricter := *g
	stricter.anyOf = slices.Clone(anyOf)
	return &stricter, nil
}

// Protect is middleware: next sees requests that may pass, with who passed in their context (application.IdentityOf).
// Its ResponseWriter is the server's own, and its body is unread. The answer is next's alone, caching included.
func (g *Guard) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asking := named(r)
		id, err := g.identify(asking)
		if err != nil {
			g.refuse(w, asking, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(application.WithIdentity(r.Context(), id)))
	})
}

func (g *Guard) identify(r *http.Request) (application.Identity, error) {
	if err := g.site.Check(r, methods(r)...); err != nil {
		return application.Identity{}, err
	}
	token, err := g.cookies.Token(r, domain.Access)
	if err != nil {
		return application.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	id, err := g.gate.Authorize(ctx, token, g.anyOf...)
	switch {
	case err != nil:
		return application.Identity{}, answer.InFormerWords(err, token)
	case id.User == "":
		return application.Identity{}, fmt.Errorf("%w: the gate said yes to nobody", domain.Unavailable)
	}
	return id, nil
}

// methods is what a request may be taken for. A WebSocket is opened by a GET, and then both sides say what they like.
func methods(r *http.Request) []string {
	if len(r.Header.Values("Upgrade")) > 0 {
		return []string{r.Method, "UPGRADE"}
	}
	return []string{r.Method}
}

// named gives the request the name that porteiro would, unless what is before the guard has named it: the events of a
// gate that is near, the log and the answer then have the same.
func named(r *http.Request) *http.Request {
	origin := application.OriginOf(r.Context())
	if origin.RequestID != "" {
		return r
	}
	origin.RequestID = application.RequestID(r.Header.Get(wire.RequestID))
	return r.WithContext(application.WithOrigin(r.Context(), origin))
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	h := w.Header()
	h.Set(wire.RequestID, application.OriginOf(r.Context()).RequestID)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	g.no.Refuse(w, r, err)
}
