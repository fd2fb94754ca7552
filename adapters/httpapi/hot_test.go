package httpapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// What is written by hand is what the general way writes, byte for byte.
func TestAppendIdentity(t *testing.T) {
	for _, id := range []application.Identity{
		{},
		{User: "018f0000-0000-7000-8000-000000000001", Email: "o'neil+\"x\"&<y>=%z@example.com", Session: "018f0000-0000-7000-8000-000000000002",
			Roles: []domain.Role{"admin"}, LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC)},
		{Roles: []domain.Role{"a:b", "c", "billing:read"}, LoginTime: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))},
		{Email: "\u2028\\\t@example.com", LoginTime: time.Date(2030, 1, 2, 3, 4, 5, 100000000, time.UTC)},
	} {
		want, err := json.Marshal(identity(id))
		if id.LoginTime.UTC().Year() > 9999 {
			continue // no JSON has it
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := appendIdentity(nil, id); string(got) != string(want)+"\n" {
			t.Errorf("got\n\t%swant\n\t%s", got, want)
		}
	}
}

func TestHeaderNamesAreCanonical(t *testing.T) {
	for _, name := range []string{wire.RequestID, wire.AuthUser, wire.AuthEmail, wire.AuthRoles, wire.AuthSession, "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"} {
		if http.CanonicalHeaderKey(name) != name {
			t.Errorf("%s is set under a name that nobody looks for", name)
		}
	}
	h := http.Header{"Content-Type": {"before"}}
	set(h, "Content-Type", "after", "X-Other", "1")
	h.Add("Content-Type", "more")
	if len(h["Content-Type"]) != 2 || h.Get("Content-Type") != "after" || len(h["X-Other"]) != 1 {
		t.Errorf("got %v", h)
	}
}

// identity is the wire form.
func identity(id application.Identity) wire.Identity {
	roles := make([]string, len(id.Roles))
	for i, r := range id.Roles {
		roles[i] = string(r)
	}
	return wire.Identity{
		ID: string(id.User), Email: string(id.Email), Roles: roles, LoginTime: id.LoginTime.UTC(), Session: string(id.Session),
	}
}
