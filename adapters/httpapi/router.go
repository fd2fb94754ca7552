package httpapi

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/porteiro/porteiro/domain"
)

// endpoint answers a request, or returns the error that the caller is told.
type endpoint func(http.ResponseWriter, *http.Request) error

type route struct {
	method string // "" is any
	path   string
	serve  endpoint
}

// router finds an endpoint by exact path, then by method. http.ServeMux would redirect //login to /login and answer
// its refusals in plain text; here a path that is not exactly a route is not found, and every refusal is a problem.
type router struct {
	s     *server
	paths map[string]map[string]endpoint
}

func newRouter(s *server, base string, routes []route) *router {
	rt := &router{s, map[string]map[string]endpoint{}}
	for _, r := range routes {
		p := base + r.path
		if rt.paths[p] == nil {
			rt.paths[p] = map[string]endpoint{}
		}
		rt.paths[p][r.method] = r.serve
		if r.method == http.MethodGet {
			rt.paths[p][http.MethodHead] = r.serve
		}
	}
	return rt
}

func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := rt.find(w, r)(w, r); err != nil {
		rt.s.no.Refuse(w, r, err)
	}
}

// at returns the endpoints at the path of a request, by method.
func (rt *router) at(r *http.Request) (methods map[string]endpoint, found bool) {
	at := r.URL.EscapedPath() // escaped: /%6cogin is not /login
	if methods, found = rt.paths[at]; found {
		return methods, true
	}
	parent, id := path.Split(at)
	if methods, found = rt.paths[parent+"{id}"]; !found || id == "" {
		return nil, false
	}
	r.SetPathValue("id", id)
	return methods, true
}

func (rt *router) find(w http.ResponseWriter, r *http.Request) endpoint {
	methods, found := rt.at(r)
	if !found {
		return refusing(domain.NotFound)
	}
	if serve, found := methods[r.Method]; found {
		return serve
	}
	if serve, found := methods[""]; found {
		return serve
	}
	var allowed []string
	for m := range methods {
		allowed = append(allowed, m)
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return refusing(domain.MethodNotAllowed)
}

func refusing(refusal domain.Refusal) endpoint {
	return func(_ http.ResponseWriter, r *http.Request) error { return fmt.Errorf("route: %w", refusal) }
}

func canonicalPath(p string) bool { return path.Clean(p) == p }
