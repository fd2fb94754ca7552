package httpapi

import (
	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

// Routes returns every route as "METHOD /path", "* /path" for any method.
func Routes() []string {
	all := []string{"GET " + wire.Metadata} // where the issuer is an https URL
	s := &server{Config: Config{Introspection: struct{ application.Introspection }{}}}
	for _, r := range s.routes() {
		method := r.method
		if method == "" {
			method = "*"
		}
		all = append(all, method+" "+r.path)
	}
	return all
}
