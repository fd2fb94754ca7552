package contract

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func siteTokenRows() []row[*site] {
	return []row[*site]{
		{"protected", "/protected welcomes the user of an access token that passes by their email.", siteProtected},
		{"me", "/me answers who passed: id, email, roles as a list, the time of the login in UTC, and the session.", siteMe},
		{"tampered tokens", "A token that was altered, cut, put together or left unsigned is 401 token_invalid, everywhere.", tamperedTokens},
		{"kinds are kept apart", "A refresh token opens no door, and an access token refreshes nothing.", siteKindsApart},
		{"what a token says", "An access token is of the type at+jwt (RFC 9068) and names its user by id, session and times; no email and no roles.", whatATokenSays},
	}
}

func siteProtected(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	a, err := s.fine(ctx, get("/protected", pairs[0].access), http.StatusOK)
	if err == nil && a.text("msg") != "Welcome, "+g.email+"!" {
		err = fmt.Errorf("%v: want %s welcomed", a, g.email)
	}
	return err
}

func siteMe(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	var sessions []string
	for _, p := range pairs {
		a, err := s.fine(ctx, get("/me", p.access), http.StatusOK)
		if err != nil {
			return err
		}
		if err := isIdentity(a, g); err != nil {
			return err
		}
		sessions = append(sessions, a.text("session"))
	}
	if sessions[0] == sessions[1] {
		return errors.New("two logins are one session")
	}
	return nil
}

// isIdentity holds an answer to be that of /me about a guest, who has no roles.
func isIdentity(a answer, g guest) error {
	roles, list := a.member["roles"].([]any)
	at, err := time.Parse(time.RFC3339Nano, a.text("login_time"))
	switch {
	case a.text("id") != g.id || a.text("email") != g.email:
		return fmt.Errorf("%v: want %s, %s", a, g.id, g.email)
	case !list || len(roles) > 0:
		return fmt.Errorf("%v: want a list of no roles", a)
	case a.text("session") == "":
		return fmt.Errorf("%v: want a session", a)
	case err != nil || !strings.HasSuffix(a.text("login_time"), "Z") || at.Year() < 2020:
		return fmt.Errorf("%v: want a login_time in UTC, %w", a, err)
	}
	return nil
}

// doors is every call that an access token opens, harmless for whom it does not.
func doors(access string) []call {
	return []call{
		get("/protected", access), get("/me", access), get("/authorize", access), get("/sessions", access), post("/logout?scope=local", access, ""),
		{method: "DELETE", path: "/sessions/" + someSession, bearer: access},
		post("/password", access, object("current_password", "wrong", "new_password", "wrong")), post("/me/email", access, object("email", "x@example.com", "password", "wrong")),
		{method: "DELETE", path: "/me", bearer: access, body: object("password", "wrong")},
	}
}

func tamperedTokens(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	alter := func(token string, i int) string { // another character of the alphabet, which no padding bits excuse
		b := []byte(token)
		b[i] ^= 'A' ^ 'g'
		if b[i] == token[i] || !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", rune(b[i])) {
			b[i] = 'A'
			if token[i] == 'A' {
				b[i] = 'g'
			}
		}
		return string(b)
	}
	bad := func(token, other string) []string {
		parts, others := strings.Split(token, "."), strings.Split(other, ".")
		last := len(token) - 20 // in the signature, and not in its last bits
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
		return []string{
			alter(token, 10), alter(token, len(parts[0])+10), alter(token, last), token[:len(token)-4], token + "AAAA", token + "=", token[1:],
			parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".", parts[0] + "." + others[1] + "." + parts[2], parts[0] + "." + parts[1] + "." + others[2],
			none + "." + parts[1] + ".", none + "." + parts[1] + "." + parts[2], "a.b.c", strings.Repeat("A", 5000),
		}
	}
	for _, token := range bad(pairs[0].access, pairs[1].access) {
		for _, c := range doors(token) {
			if err := s.refuses(ctx, c, 401, "token_invalid"); err != nil {
				return fmt.Errorf("with %.60q: %w", token, err)
			}
		}
	}
	for _, token := range bad(pairs[0].refresh, pairs[1].refresh) {
		if err := s.refuses(ctx, post("/refresh", token, ""), 401, "token_invalid"); err != nil {
			return fmt.Errorf("with %.60q: %w", token, err)
		}
	}
	return errors.Join(s.lives(ctx, "the first session", pairs[0]), s.lives(ctx, "the second session", pairs[1]))
}

func siteKindsApart(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, c := range doors(pairs[0].refresh) {
		if err := s.refuses(ctx, c, 401, "token_invalid"); err != nil {
			return err
		}
	}
	if err := s.refuses(ctx, post("/refresh", pairs[0].access, ""), 401, "token_invalid"); err != nil {
		return err
	}
	return s.lives(ctx, "the session", pairs[0])
}

// part decodes a part of a token.
func part(token string, i int) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("a token has %d parts", len(parts))
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		return nil, err
	}
	var m map[string]any
	return m, json.Unmarshal(b, &m)
}

func whatATokenSays(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	a, _, err := s.login(ctx, g.email, g.password)
	if err != nil {
		return err
	}
	names := map[any]bool{}
	for _, token := range []string{pairs[0].access, pairs[1].access, a.text("access_token")} {
		header, err1 := part(token, 0)
		claims, err2 := part(token, 1)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		issued, _ := claims["iat"].(float64)
		expires, _ := claims["exp"].(float64)
		for _, name := range []string{"iss", "aud", "client_id", "sid", "jti"} {
			if claims[name] == nil || claims[name] == "" {
				return fmt.Errorf("an access token has no %s: %v", name, claims)
			}
		}
		switch {
		case header["typ"] != "at+jwt" || header["alg"] == nil || header["alg"] == "none":
			return fmt.Errorf("the header of an access token is %v", header)
		case claims["sub"] != g.id:
			return fmt.Errorf("the sub is %v, want %s", claims["sub"], g.id)
		case expires-issued != a.member["expires_in"]:
			return fmt.Errorf("the token lives for %v s, and its answer says %v", expires-issued, a.member["expires_in"])
		case claims["email"] != nil || claims["roles"] != nil || strings.Contains(fmt.Sprint(claims), g.email):
			return fmt.Errorf("an access token says %v", claims)
		case names[claims["jti"]]:
			return fmt.Errorf("two access tokens have the jti %v", claims["jti"])
		}
		names[claims["jti"]] = true
	}
	return nil
}
