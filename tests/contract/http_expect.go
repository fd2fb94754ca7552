package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// refusedWith holds an answer to be a problem document (RFC 9457) of a refusal.
func refusedWith(a answer, status int, code string) error {
	if a.status != status || a.text("code") != code {
		return fmt.Errorf("%v: want %d with the code %s", a, status, code)
	}
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	number, _ := a.member["status"].(float64)
	switch {
	case media != "application/problem+json":
		return fmt.Errorf("%v: the Content-Type is %q", a, media)
	case a.text("type") != "about:blank" || a.text("title") != http.StatusText(status) || int(number) != status:
		return fmt.Errorf("%v: want the type about:blank, the title %q and the status in the document", a, http.StatusText(status))
	case a.text("msg") == "" || a.text("detail") == "":
		return fmt.Errorf("%v: want a msg and a detail", a)
	case !strings.Contains(a.header.Get("Cache-Control"), "no-store"):
		return fmt.Errorf("%v: the Cache-Control is %q, want no-store", a, a.header.Get("Cache-Control"))
	}
	challenge := a.header.Get("WWW-Authenticate")
	if status == http.StatusUnauthorized && !strings.HasPrefix(challenge, "Bearer") {
		return fmt.Errorf("%v: the WWW-Authenticate is %q, want a challenge of the scheme Bearer", a, challenge)
	}
	return nil
}

// refuses makes a call that should be refused.
func (s *site) refuses(ctx context.Context, c call, status int, code string) error {
	a, err := s.do(ctx, c)
	if err != nil {
		return err
	}
	return refusedWith(a, status, code)
}

// refusesField wants the input at fault named too.
func (s *site) refusesField(ctx context.Context, c call, status int, code, field string) error {
	a, err := s.do(ctx, c)
	if err != nil {
		return err
	}
	if err := refusedWith(a, status, code); err != nil {
		return err
	}
	if a.text("field") != field {
		return fmt.Errorf("%v: want the field %q", a, field)
	}
	return nil
}

// fine makes a call that should be answered with a status and JSON that nobody may keep.
func (s *site) fine(ctx context.Context, c call, status int) (answer, error) {
	a, err := s.do(ctx, c)
	if err != nil {
		return a, err
	}
	if a.status != status {
		return a, fmt.Errorf("%v: want %d", a, status)
	}
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if status != http.StatusNoContent && media != "application/json" {
		return a, fmt.Errorf("%v: the Content-Type is %q", a, media)
	}
	if status == http.StatusNoContent && len(a.body) > 0 {
		return a, fmt.Errorf("%v: a 204 has no body", a)
	}
	if !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
		return a, fmt.Errorf("%v: the Cache-Control is %q, want no-store", a, a.header.Get("Cache-Control"))
	}
	return a, nil
}

func get(path, bearer string) call { return call{method: "GET", path: path, bearer: bearer} }

func post(path, bearer, body string) call {
	return call{method: "POST", path: path, bearer: bearer, body: body}
}

// lives holds a session to stand.
func (s *site) lives(ctx context.Context, what string, p pair) error {
	if _, err := s.fine(ctx, get("/protected", p.access), http.StatusOK); err != nil {
		return fmt.Errorf("%s does not pass: %w", what, err)
	}
	return nil
}

// dead holds a session to be over for both of its tokens.
func (s *site) dead(ctx context.Context, what string, p pair) error {
	err := errors.Join(s.refuses(ctx, get("/protected", p.access), 401, "token_revoked"), s.refuses(ctx, post("/refresh", p.refresh, ""), 401, "token_revoked"))
	if err != nil {
		return fmt.Errorf("%s is not over: %w", what, err)
	}
	return nil
}

// refreshed exchanges a refresh token.
func (s *site) refreshed(ctx context.Context, p pair) (pair, error) {
	a, err := s.fine(ctx, post("/refresh", p.refresh, ""), http.StatusOK)
	if err != nil {
		return pair{}, err
	}
	return pair{a.text("access_token"), a.text("refresh_token")}, isGrant(a)
}

// isGrant holds an answer to be a pair of tokens (RFC 6749 section 5.1).
func isGrant(a answer) error {
	expires, ok1 := a.member["expires_in"].(float64)
	rests, ok2 := a.member["refresh_expires_in"].(float64)
	if a.text("access_token") == "" || a.text("refresh_token") == "" || a.text("access_token") == a.text("refresh_token") || a.text("token_type") != "Bearer" {
		return fmt.Errorf("%v: want an access token, a refresh token and the type Bearer", a)
	}
	if !ok1 || !ok2 || expires < 1 || rests < expires || expires != float64(int64(expires)) {
		return fmt.Errorf("%v: want expires_in and refresh_expires_in in whole seconds, the second not before the first", a)
	}
	return nil
}
