package carried

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/answer"
	"github.com/porteiro/porteiro/domain"
)

// Cookies says whether and how tokens travel in cookies; its fields are those of httpapi.Cookies.
type Cookies struct {
	On       bool
	Domain   string
	Insecure bool
}

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

// Name is what the cookie of a kind of token is called. Browsers take a __Host- cookie only from this very host, and a
// __Secure- one only over TLS (RFC 6265bis section 4.1.3): no neighbour can plant the former.
func (c Cookies) Name(kind domain.Kind) string {
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

// named returns the cookies of a request that are called like ours, to the letter.
func (c Cookies) named(r *http.Request, kinds ...domain.Kind) []*http.Cookie {
	var found []*http.Cookie
	for _, kind := range kinds {
		found = append(found, r.CookiesNamed(c.Name(kind))...)
	}
	return found
}

// Any reports whether a request carries a cookie of ours.
func (c Cookies) Any(r *http.Request) bool {
	return c.On && len(c.named(r, domain.Access, domain.Refresh)) > 0
}

// OfCookie returns what the cookie of a kind holds. Two of them are refused: one may be another's, and which comes first
// is no sign of whose it is. Quotes are no part of a token, and nothing of ours sends them.
func (c Cookies) OfCookie(r *http.Request, kind domain.Kind) (string, error) {
	found := c.named(r, kind)
	switch {
	case len(found) == 0:
		return "", domain.TokenMissing
	case len(found) > 1:
		return "", answer.Told(domain.RequestInvalid, "The cookie "+c.Name(kind)+" is there more than once")
	case found[0].Quoted:
		return "", answer.Told(domain.RequestInvalid, "The cookie "+c.Name(kind)+" is quoted")
	}
	return found[0].Value, nil
}
