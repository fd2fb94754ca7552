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
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(status)
	w.Write(append(b, '\n')) // a client that is gone is no error of ours
	return nil
}

// Refuser says no.
type Refuser struct {
	texts texts
	log   *slog.Logger
}

// NewRefuser returns a Refuser that logs to log what is the service's fault.
func NewRefuser(log *slog.Logger) (*Refuser, error) {
	t, err := readTexts()
	return &Refuser{t, log}, err
}

// Refuse is the one way to say no: the refusal in err as a problem document, and a line in the log when it is the
// service's fault. The origin in the request's context names the request.
func (f *Refuser) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal := Internal
	errors.As(err, &refusal)
	row, known := refusals[refusal]
	if !known {
		refusal, row = Internal, refusals[Internal]
	}
	f.LogFailure(r, err, row.status)
	id := application.OriginOf(r.Context()).RequestID
	detail, language := f.texts.detail(r, refusal)
	w.Header().Set("Content-Language", language)
	w.Header().Add("Vary", "Accept-Language")
	p := wire.Refused{
		Type: "about:blank", Title: http.StatusText(row.status), Status: row.status, Detail: detail,
		Instance: "urn:porteiro:request:" + id, Code: string(refusal), Msg: row.msg,
	}
	var words told
	if errors.As(err, &words) {
		p.Msg = words.msg
	}
	var denied *domain.Denied
	if errors.As(err, &denied) {
		p.Field = denied.Field
	}
	if c := challenge(refusal, err); c != "" {
		w.Header().Set("WWW-Authenticate", c)
	}
	if seconds := retryAfter(row, denied); seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	JSON(w, row.status, wire.Problem, p) // a struct of strings always encodes
}

// challenge is the WWW-Authenticate header (RFC 6750 section 3). Without a token it has no error code, and every token
// that does not hold gets the same words.
func challenge(refusal domain.Refusal, err error) string {
	const realm = `Bearer realm="porteiro"`
	switch refusal {
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
