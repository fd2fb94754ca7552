package contract

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Target is a running service and what cannot be found out about it from outside.
type Target struct {
	// URL is where the routes begin, such as "http://127.0.0.1:8080" or "https://example.com/auth".
	URL string
	// Client sends the requests; default one that trusts what this machine trusts. Redirects are never followed.
	Client *http.Client
	// GiveRole gives the user with the email the role, as whoever runs the service does: no route does it. Without it the
	// one row about a role that is held is skipped.
	GiveRole func(ctx context.Context, email, role string) error
}

// HTTP proves a running service from outside: porteiro itself, or a port of it in another language. It speaks HTTP and
// nothing else, knows no port, and may run against a service that has users already: each row registers its own.
//
// The service runs with registration open, tokens in headers and bodies (no cookies), and all of its limits off; its
// life of tokens and its time for a repeated refresh are the defaults, or longer. For porteiro that is
//
//	porteiro serve --registration open --login-limit off --address-limit off --register-limit off
//
// HTTP stops with a sentence that says so when it finds the service running otherwise. What takes a wait, such as the
// expiry of a token, is left to [Services].
func HTTP(t *testing.T, target Target) {
	t.Helper()
	s := newSite(target)
	if err := s.settings(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, group := range []struct {
		name string
		rows []row[*site]
	}{
		{"route", routeRows()}, {"body", bodyRows()}, {"problem", problemRows()}, {"credentials", credentialRows()}, {"token", siteTokenRows()},
		{"refresh", siteRefreshRows()}, {"logout", siteLogoutRows()}, {"authorize", authorizeRows()}, {"own", siteOwnRows()}, {"published", publishedRows()},
	} {
		rows := group.rows
		if target.GiveRole == nil {
			rows = slices.DeleteFunc(rows, func(r row[*site]) bool { return strings.HasSuffix(r.name, needsGiveRole) })
		}
		run(t, group.name, func(*testing.T) *site { return s }, rows)
	}
}

// needsGiveRole ends the name of a row that needs it.
const needsGiveRole = "given by GiveRole"

// siteRows is every row of HTTP.
func siteRows() []row[*site] {
	return slices.Concat(routeRows(), bodyRows(), problemRows(), credentialRows(), siteTokenRows(),
		siteRefreshRows(), siteLogoutRows(), authorizeRows(), siteOwnRows(), publishedRows())
}
