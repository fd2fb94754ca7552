package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

func problemRows() []row[*site] {
	return []row[*site]{
		{"words that never change", "msg is, to the byte, what the service before porteiro answered, whatever the language.", frozenWords},
		{"languages", "detail is in English, or in Brazilian Portuguese where Accept-Language prefers it; nothing else of a refusal differs.", languages},
		{"challenges", "A 401 has a challenge of the scheme Bearer: without an error where no token was sent, with invalid_token where one does not hold.", challenges},
		{"where a token may be", "A token is in the one Authorization header and nowhere else; the name of the scheme is in any case.", tokenPlaces},
	}
}

func frozenWords(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	out, err := s.fine(ctx, post("/logout", pairs[0].access, ""), http.StatusOK)
	if err != nil {
		return err
	}
	if out.text("msg") != "Logout bem-sucedido" {
		return fmt.Errorf("%v: want the msg of the service before", out)
	}
	for _, try := range []struct {
		call call
		msg  string
	}{
		{post("/login", "", object("email", g.email, "password", "wrong")), "Credenciais inválidas"},
		{get("/protected", ""), "Missing Authorization Header"},
		{get("/protected", pairs[0].access), "Token has been revoked"},
		{get("/protected", pairs[0].access+"x"), "Signature verification failed"},
		{get("/protected", "garbage"), "Not enough segments"},
		{get("/protected", pairs[0].refresh), "Only non-refresh tokens are allowed"},
	} {
		for _, language := range []string{"", "pt-BR"} {
			try.call.header = http.Header{"Accept-Language": {language}}
			a, err := s.do(ctx, try.call)
			if err != nil {
				return err
			}
			if a.text("msg") != try.msg {
				return fmt.Errorf("%v: want the msg %q", a, try.msg)
			}
		}
	}
	return nil
}

func languages(ctx context.Context, s *site) error {
	in := func(languages ...string) (answer, error) {
		a, err := s.do(ctx, call{method: "GET", path: "/protected", header: http.Header{"Accept-Language": languages}})
		if err != nil {
			return a, err
		}
		return a, refusedWith(a, 401, "token_missing")
	}
	english, err1 := in()
	portuguese, err2 := in("pt-BR")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if english.text("detail") == portuguese.text("detail") || english.text("msg") != portuguese.text("msg") || english.text("title") != portuguese.text("title") {
		return fmt.Errorf("in English %v, in Portuguese %v: want another detail and nothing else", english, portuguese)
	}
	if !strings.Contains(strings.Join(english.header.Values("Vary"), ","), "Accept-Language") {
		return fmt.Errorf("%v: Vary does not name Accept-Language", english)
	}
	for want, accepts := range map[string][]string{
		"en":    {"en", "en-GB", "fr", "fr;q=0.9, en;q=0.5", "*", ";;;", strings.Repeat("x", 2000), "en, pt-BR;q=0.9"},
		"pt-BR": {"pt-BR", "pt", "fr, pt;q=0.5", "pt-BR;q=0.8, en;q=0.7"},
	} {
		for _, accept := range accepts {
			a, err := in(accept)
			if err != nil {
				return err
			}
			detail := map[string]string{"en": english.text("detail"), "pt-BR": portuguese.text("detail")}[want]
			if a.text("detail") != detail || a.header.Get("Content-Language") != want {
				return fmt.Errorf("for %.40q the detail is %q in %q, want %s", accept, a.text("detail"), a.header.Get("Content-Language"), want)
			}
		}
	}
	return nil
}

func challenges(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, try := range []struct {
		call call
		has  string // "" is no error at all
	}{
		{get("/protected", ""), ""}, {post("/refresh", "", ""), ""}, {get("/authorize", ""), ""},
		{post("/login", "", object("email", g.email, "password", "wrong")), ""},
		{get("/protected", "a.b.c"), `error="invalid_token"`}, {post("/refresh", "a.b.c", ""), `error="invalid_token"`},
		{get("/authorize?role=nobody-has-it", pairs[0].access), `error="insufficient_scope"`},
	} {
		a, err := s.do(ctx, try.call)
		if err != nil {
			return err
		}
		challenge := a.header.Get("WWW-Authenticate")
		if !strings.HasPrefix(challenge, "Bearer") || !strings.Contains(challenge, try.has) || try.has == "" && strings.Contains(challenge, "error") {
			return fmt.Errorf("%v: the WWW-Authenticate is %q, want Bearer with %q", a, challenge, try.has)
		}
	}
	return nil
}

func tokenPlaces(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	token := pairs[0].access
	with := func(path string, authorization ...string) call {
		return call{method: "GET", path: path, header: http.Header{"Authorization": authorization}}
	}
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		if _, err := s.fine(ctx, with("/me", scheme+" "+token), http.StatusOK); err != nil {
			return err
		}
	}
	for _, path := range []string{"/protected", "/me", "/authorize", "/sessions"} {
		for _, c := range []call{with(path, "Basic YTpi"), with(path, token), with(path, "Token "+token)} {
			if err := s.refuses(ctx, c, 401, "token_missing"); err != nil {
				return err
			}
		}
		for _, c := range []call{
			with(path, "Bearer"), with(path, "Bearer "+token, "Bearer "+token), with(path + "?access_token=" + token), with(path+"?access_token="+token, "Bearer "+token),
		} {
			if err := s.refuses(ctx, c, 400, "request_invalid"); err != nil {
				return err
			}
		}
		for _, odd := range []string{"Bearer  " + token, "Bearer " + token + " x", "Bearer " + token + "," + token} {
			if err := s.refuses(ctx, with(path, odd), 401, "token_invalid"); err != nil {
				return err
			}
		}
	}
	return nil
}
