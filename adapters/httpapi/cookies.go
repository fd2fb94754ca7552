package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Cookies says whether tokens travel in cookies. It is for pages of the service's own site: they sign in without ever
// holding a token, and a request that carries a cookie has to come from one of them. A program goes on sending its
// access token as a Bearer.
type Cookies struct {
	On bool

	// Domain is the registrable name whose hosts all get the cookies, such as "example.com": every one of them can then
	// act for whoever signs in. Default: the service's own host, alone.
	Domain string

	// Insecure lets the cookies travel without TLS. It is for plain HTTP on one's own machine, and for nothing else.
	Insecure bool
}

// maxCookie is what browsers keep of one cookie, in bytes (RFC 6265bis section 5.7).
const maxCookie = 4096

// Check refuses settings that contradict each other, and a domain that is none.
func (c Cookies) Check() error {
	switch {
	case !c.On && c.Domain != "":
		return fmt.Errorf("a cookie domain (%s) without cookies: turn the cookies on, or leave the domain out", c.Domain)
	case !c.On && c.Insecure:
		return errors.New("insecure cookies without cookies: turn the cookies on, or leave insecure out")
	case c.Insecure && c.Domain != "":
		return fmt.Errorf("insecure cookies are for one's own machine, and have no domain (%s): leave one of them out", c.Domain)
	case c.Domain != "" && !cookieDomain(c.Domain):
		return fmt.Errorf("%q is no cookie domain: it is a name of at least two labels in lower case, such as example.com", c.Domain)
	}
	return nil
}

// cookieDomain reports whether browsers can take the name as a Domain: no address, and no top-level domain.
func cookieDomain(name string) bool {
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	if len(name) > 253 || len(labels) < 2 || strings.Trim(last, "0123456789") == "" {
		return false
	}
	for _, l := range labels {
		ascii := strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
		if l == "" || len(l) > 63 || !ascii || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return true
}

// name is what the cookie of a kind of token is called. Browsers take a __Host- cookie only from this very host, and a
// __Secure- one only over TLS (RFC 6265bis section 4.1.3): no neighbour can plant the former.
func (c Cookies) name(kind domain.Kind) string {
	name := "access_token"
	if kind == domain.Refresh {
		name = "refresh_token"
	}
	switch {
	case c.Insecure:
		return name
	case c.Domain != "":
		return "__Secure-" + name
	}
	return "__Host-" + name
}

// cookie is a cookie with the attributes that all of ours have. One is only replaced by another of the same.
func (c Cookies) cookie(kind domain.Kind, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: c.name(kind), Value: value, MaxAge: maxAge, Path: "/", Domain: c.Domain,
		Secure: !c.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// hand gives the tokens of a grant to a browser. Both live as long as the session: an access token that has expired
// still logs out, and tells a page that it is time to refresh.
func (c Cookies) hand(w http.ResponseWriter, g application.Grant) error {
	age := int(g.RefreshExpiresIn / time.Second)
	if age <= 0 {
		age = -1 // to net/http zero is no Max-Age at all: a cookie that lives as long as the browser
	}
	cookies := []*http.Cookie{c.cookie(domain.Access, g.AccessToken, age), c.cookie(domain.Refresh, g.RefreshToken, age)}
	for _, k := range cookies {
		if err := k.Valid(); err != nil {
			return fmt.Errorf("%s is no cookie", k.Name) // net/http's error quotes the value
		}
		if n := len(k.String()); n > maxCookie {
			return fmt.Errorf("%s has %d bytes, more than browsers keep", k.Name, n)
		}
	}
	for _, k := range cookies {
		http.SetCookie(w, k)
	}
	return nil
}

// expire takes both tokens back from a browser.
func (c Cookies) expire(w http.ResponseWriter) {
	http.SetCookie(w, c.cookie(domain.Access, "", -1))
	http.SetCookie(w, c.cookie(domain.Refresh, "", -1))
}

// carried returns the cookies of a request that are called like ours, to the letter.
func (c Cookies) carried(r *http.Request, kinds ...domain.Kind) []*http.Cookie {
	var found []*http.Cookie
	for _, kind := range kinds {
		found = append(found, r.CookiesNamed(c.name(kind))...)
	}
	return found
}

// anyCarried reports whether a request carries a cookie of ours.
func (c Cookies) anyCarried(r *http.Request) bool {
	return c.On && len(c.carried(r, domain.Access, domain.Refresh)) > 0
}

// token returns what the cookie of a kind holds. Two of them are refused: one may be another's, and which comes first
// is no sign of whose it is. Quotes are no part of a token, and nothing of ours sends them.
func (c Cookies) token(r *http.Request, kind domain.Kind) (string, error) {
	found := c.carried(r, kind)
	switch {
	case len(found) == 0:
		return "", domain.TokenMissing
	case len(found) > 1:
		return "", told{domain.RequestInvalid, "The cookie " + c.name(kind) + " is there more than once"}
	case found[0].Quoted:
		return "", told{domain.RequestInvalid, "The cookie " + c.name(kind) + " is quoted"}
	}
	return found[0].Value, nil
}
