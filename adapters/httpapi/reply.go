package httpapi

import (
	"context"
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

const (
	levelWarn  = slog.LevelWarn
	levelError = slog.LevelError
)

// reply is the one way to answer.
func reply(w http.ResponseWriter, status int, media string, body any) error {
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

// refuse is the one way to say no: the refusal in err as a problem document, and a line in the log when it is the
// service's fault.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal := errInternal
	errors.As(err, &refusal)
	row, known := refusals[refusal]
	if !known {
		refusal, row = errInternal, refusals[errInternal]
	}
	s.logFailure(r, err, row.status)
	id := application.OriginOf(r.Context()).RequestID
	detail, language := s.texts.detail(r, refusal)
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
	media := wire.Problem
	if errors.As(err, new(oauthError)) {
		media, p.Error = wire.JSON, oauthCode(refusal)
	}
	reply(w, row.status, media, p) // a struct of strings always encodes
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

// logFailure logs what is the service's fault. A client that left before the answer is nobody's.
func (s *server) logFailure(r *http.Request, err error, status int) {
	if status < http.StatusInternalServerError || errors.Is(context.Cause(r.Context()), context.Canceled) {
		return
	}
	s.Logger.LogAttrs(r.Context(), levelWarn, "request failed", attrs(r, "status", status, "error", err.Error())...)
}

// attrs names the request in a log record.
func attrs(r *http.Request, more ...any) []slog.Attr {
	o := application.OriginOf(r.Context())
	as := []slog.Attr{slog.String("request_id", o.RequestID), slog.String("method", r.Method), slog.String("ip", o.IP)}
	for i := 0; i+1 < len(more); i += 2 {
		as = append(as, slog.Any(more[i].(string), more[i+1]))
	}
	return as
}
