package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
)

// What is here is on the path of every request that a gateway asks about, and saves it what the general way costs: JSON
// by reflection, and a slice for each header.

// replyIdentity answers what answer.JSON would of the identity's wire form.
func replyIdentity(w http.ResponseWriter, r *http.Request, id application.Identity) error {
	body := appendIdentity(make([]byte, 0, 384), id)
	set(w.Header(), "Content-Type", wire.JSON)
	if len(body) > counted || r.Method == http.MethodHead {
		set(w.Header(), "Content-Length", strconv.Itoa(len(body)))
	}
	_, _ = w.Write(body) // a client that is gone is no error of ours
	return nil
}

// counted is how long a body may be that net/http gives a length by itself. The header that it spares would be the ninth,
// and make another kind of map of them.
const counted = 1 << 10

// appendIdentity writes wire.Identity as JSON, with a line end.
func appendIdentity(b []byte, id application.Identity) []byte {
	b = member(b, `{"id":`, string(id.User))
	b = member(b, `,"email":`, string(id.Email))
	separator := `,"roles":[`
	for _, role := range id.Roles {
		b = member(b, separator, string(role))
		separator = ","
	}
	if len(id.Roles) == 0 {
		b = append(b, separator...)
	}
	b = append(b, `],"login_time":"`...)
	b = id.LoginTime.UTC().AppendFormat(b, time.RFC3339Nano)
	b = member(b, `","session":`, string(id.Session))
	return append(b, '}', '\n')
}

func member(b []byte, name, value string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), value) // an error is invalid UTF-8, which no identity holds
	return b
}

// set sets headers, whose names are in canonical form, from names and values in turns.
func set(h http.Header, pairs ...string) {
	values := make([]string, len(pairs)/2)
	for i := range values {
		values[i] = pairs[2*i+1]
		h[pairs[2*i]] = values[i : i+1 : i+1]
	}
}
