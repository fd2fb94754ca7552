// Package answer writes what a request is answered: a body as JSON, and a refusal as a problem document (RFC 9457) in a
// language that the caller reads. It holds the one table from a refusal to its status, and decides nothing.
package answer

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// JSON is the one way to answer.
func JSON(w http.ResponseWriter, status int, media string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	write(w, status, media, append(b, '\n'))
	return nil
}

func write(w http.ResponseWriter, status int, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is no error of ours
}

// Refuser says no.
type Refuser struct {
	texts    texts
	problems map[domain.Refusal]problem
	log      *slog.Logger
	clock    application.Clock
	few      application.Few[string] // failures, by what they say
}

// NewRefuser returns a Refuser that logs to log what is the service's fault.
func NewRefuser(log *slog.Logger, clock application.Clock) (*Refuser, error) {
	f := &Refuser{log: log, clock: clock}
	if err := f.texts.read(); err != nil {
		return nil, err
	}
	f.problems = prepare(&f.texts)
	return f, nil
}

// Refuse is the one way to say no: the refusal in err as a problem document, and a line in the log when it is the
// service's fault. The origin in the request's context names the request.
func (f *Refuser) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal, _ := errors.AsType[domain.Refusal](err)
	p, known := f.problems[refusal]
	if !known {
		refusal, p = Internal, f.problems[Internal]
	}
	f.LogFailure(r, err, p.status)
	language := f.texts.language(r)
	w.Header().Set("Content-Language", f.texts.tags[language])
	w.Header().Add("Vary", "Accept-Language")
	msg, field, media, code := p.msg, "", wire.Problem, ""
	if words, is := errors.AsType[told](err); is {
		msg = words.msg
	}
	denied, _ := errors.AsType[*domain.Denied](err)
	if denied != nil {
		field = denied.Field
	}
	if c := challenge(refusal, err); c != "" {
		w.Header().Set("WWW-Authenticate", c)
	}
	if seconds := retryAfter(p.refusalRow, denied); seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if _, is := errors.AsType[inOAuth](err); is {
		media, code = wire.JSON, oauthCode(refusal)
	}
	write(w, p.status, media, p.document(language, application.OriginOf(r.Context()).RequestID, msg, field, code))
}

// challenge is the WWW-Authenticate header (RFC 6750 section 3). Without a token it has no error code, and every token
// that does not hold gets the same words.
func challenge(refusal domain.Refusal, err error) string {
	const realm = `Bearer realm="porteiro"`
	switch refusal {
	case domain.InvalidClient:
		return `Basic realm="porteiro", charset="UTF-8"`
	case domain.InvalidCredentials, domain.TokenMissing:
		return realm
	case domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked, domain.TokenReused, domain.SessionExpired:
		return realm + `, error="invalid_token", error_description="The token does not hold"`
	case domain.InsufficientRole:
		return realm + `, error="insufficient_scope"`
	case domain.RequestInvalid:
		if errors.As(err, new(told)) && !errors.As(err, new(*domain.Denied)) { // about how the token is sent, and no field
			return realm + `, error="invalid_request"`
		}
	}
	return ""
}

func retryAfter(row refusalRow, denied *domain.Denied) int {
	if denied != nil && denied.RetryAfter > 0 {
		return int((denied.RetryAfter + time.Second - 1) / time.Second)
	}
	return row.retryAfter
}
