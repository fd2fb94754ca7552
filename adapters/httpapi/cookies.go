package httpapi

import (
	"fmt"
	"net/http"
	"time"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/carried"
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
func (c Cookies) Check() error { return carried.Cookies(c).Check() }

// cookie is a cookie with the attributes that all of ours have. One is only replaced by another of the same.
func (c Cookies) cookie(kind domain.Kind, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: carried.Cookies(c).Name(kind), Value: value, MaxAge: maxAge, Path: "/", Domain: c.Domain,
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
