package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// texts reads a body of members that are text.
func texts(r *http.Request, names ...string) (map[string]string, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, domain.MediaType
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<10+1))
	switch {
	case err != nil:
		return nil, domain.Unavailable
	case len(body) > 16<<10:
		return nil, domain.BodyTooLarge
	case !utf8.Valid(body) || !json.Valid(body):
		return nil, domain.RequestInvalid
	}
	d := json.NewDecoder(bytes.NewReader(body))
	v, err := once(d)
	m, object := v.(map[string]any)
	if err != nil || !object {
		return nil, domain.RequestInvalid
	}
	found := map[string]string{}
	for _, name := range names {
		text, isText := m[name].(string)
		if !isText {
			return nil, &domain.Denied{Refusal: domain.RequestInvalid, Field: name}
		}
		// encoding/json makes U+FFFD of half a surrogate pair, which an escape alone can write.
		if strings.ContainsRune(text, utf8.RuneError) && bytes.Contains(bytes.ToLower(body), []byte(`\ud`)) {
			return nil, domain.RequestInvalid
		}
		found[name] = text
	}
	return found, nil
}

// once reads a value in which no object has a member twice.
func once(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		for d.More() {
			if _, err := once(d); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return []any{}, err
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			if _, twice := m[name.(string)]; twice {
				return nil, errors.New("a member twice")
			}
			if m[name.(string)], err = once(d); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return m, err
	}
	return token, nil
}

func say(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

func sayOr(w http.ResponseWriter, status int) func(body any, err error) error {
	return func(body any, err error) error {
		if err != nil {
			return err
		}
		return say(w, status, body)
	}
}

func nothing(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func granted(g application.Grant, err error) (any, error) {
	return map[string]any{
		"access_token": g.AccessToken, "refresh_token": g.RefreshToken, "token_type": "Bearer", "expires_in": int(g.ExpiresIn.Seconds()), "refresh_expires_in": int(g.RefreshExpiresIn.Seconds()),
	}, err
}

func known(r application.Registered, err error) (any, error) {
	return map[string]any{"id": r.User, "email": r.Email}, err
}

// worded is a refusal with the msg of its case.
type worded struct {
	error
	msg string
}

func (w worded) Unwrap() error { return w.error }

// inWords says of what form a token is that does not hold.
func inWords(err error, token string) error {
	if !errors.Is(err, domain.TokenInvalid) {
		return err
	}
	switch {
	case strings.Count(token, ".") < 2:
		return worded{err, "Not enough segments"}
	case strings.HasPrefix(token, head(domain.Refresh)+"."):
		return worded{err, "Only non-refresh tokens are allowed"}
	}
	return err
}

// problem is the one way to refuse.
func problem(w http.ResponseWriter, r *http.Request, err error) {
	refusal := domain.Refusal("internal")
	errors.As(err, &refusal)
	status, msg := http.StatusInternalServerError, string(refusal)
	challenge := ""
	switch refusal {
	case domain.InvalidCredentials:
		status, msg, challenge = 401, "Credenciais inválidas", "Bearer"
	case domain.TokenMissing:
		status, msg, challenge = 401, "Missing Authorization Header", "Bearer"
	case domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked, domain.TokenReused, domain.SessionExpired:
		status, msg, challenge = 401, "Token has been revoked", `Bearer error="invalid_token"`
		if refusal == domain.TokenInvalid {
			msg = "Signature verification failed"
		}
	case domain.InsufficientRole:
		status, challenge = 403, `Bearer error="insufficient_scope"`
	case domain.RegistrationClosed:
		status = 403
	case domain.EmailTaken:
		status = 409
	case domain.EmailInvalid, domain.PasswordWeak, domain.RequestInvalid:
		status = 400
	case domain.NotFound:
		status = 404
	case domain.MethodNotAllowed:
		status = 405
	case domain.MediaType:
		status = 415
	case domain.BodyTooLarge:
		status = 413
	case domain.TooManyAttempts:
		status = 429
	case domain.Unavailable:
		status = 503
	}
	var words worded
	if errors.As(err, &words) {
		msg = words.msg
	}
	document := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "code": refusal, "msg": msg}
	var denied *domain.Denied
	if errors.As(err, &denied) && denied.Field != "" {
		document["field"] = denied.Field
	}
	language := preferred(r.Header.Get("Accept-Language"))
	document["detail"] = map[string]string{"en": "It was refused: ", "pt-BR": "Foi recusado: "}[language] + string(refusal)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", language)
	h.Set("Vary", "Accept-Language")
	if challenge != "" {
		h.Set("WWW-Authenticate", challenge)
	}
	if err := say(w, status, document); err != nil {
		panic(fmt.Sprintf("a problem that cannot be written: %v", err))
	}
}

// preferred is the language of the two that is asked for most.
func preferred(accept string) string {
	best, weight := "en", 0.0
	for _, one := range strings.Split(accept, ",") {
		tag, q, _ := strings.Cut(strings.TrimSpace(one), ";q=")
		w, err := strconv.ParseFloat(q, 64)
		if q == "" {
			w, err = 1, nil
		}
		language := map[string]string{"en": "en", "pt": "pt-BR"}[strings.ToLower(tag[:min(2, len(tag))])]
		if err == nil && language != "" && w > weight {
			best, weight = language, w
		}
	}
	return best
}
