package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

func bodyRows() []row[*site] {
	return []row[*site]{
		{"media types", "A body is application/json, in UTF-8 if it says a charset; anything else is 415 media_type.", mediaTypes},
		{"no object", "What is not one JSON object, whole and nothing behind it, is 400 request_invalid.", noObject},
		{"members", "A member that is missing or of another type is 400 request_invalid and names the field.", wrongMembers},
		{"a member twice", "An object with a member twice is 400 request_invalid, also when nobody asks for that member.", memberTwice},
		{"unknown members", "Members that are not asked for have no effect, and names are told apart by case.", unknownMembers},
		{"text that is none", "Text that is not UTF-8, half a surrogate pair, and a NUL in an email are 400 request_invalid.", noText},
		{"NUL in a password", "A NUL in a password is a character like any other.", nulInPassword},
		{"too large", "A body over 16 KiB is 413 body_too_large.", tooLarge},
	}
}

func mediaTypes(ctx context.Context, s *site) error {
	g, err := s.guest(ctx)
	if err != nil {
		return err
	}
	body := object("email", g.email, "password", g.password)
	with := func(media string) call {
		c := post("/login", "", body)
		c.header = http.Header{"Content-Type": {media}}
		return c
	}
	for _, media := range []string{"application/json", "Application/JSON; charset=UTF-8", `application/json;charset="utf-8"`} {
		if _, err := s.fine(ctx, with(media), http.StatusOK); err != nil {
			return fmt.Errorf("with the Content-Type %q: %w", media, err)
		}
	}
	for _, media := range []string{
		"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=latin1",
		"application/jsonx", "application/problem+json", "application/json, text/plain", "json",
	} {
		if err := s.refuses(ctx, with(media), 415, "media_type"); err != nil {
			return fmt.Errorf("with the Content-Type %q: %w", media, err)
		}
	}
	return nil
}

// bothRefuse wants a body refused at both routes that anybody may send one to.
func (s *site) bothRefuse(ctx context.Context, body string, status int, code string) error {
	for _, path := range []string{"/login", "/register"} {
		if err := s.refuses(ctx, post(path, "", body), status, code); err != nil {
			return fmt.Errorf("with %.60q: %w", body, err)
		}
	}
	return nil
}

func noObject(ctx context.Context, s *site) error {
	good := object("email", freshEmail(), "password", "correct horse battery staple")
	for _, body := range []string{
		" ", "null", "1", `"a"`, `["a","b"]`, good[:len(good)-1], good + " x", good + good, good + ",", "\ufeff" + good, "{" + good + "}",
		strings.Replace(good, `"email"`, `email`, 1), strings.ReplaceAll(good, `"`, `'`), strings.Replace(good, "}", ",}", 1),
		`{"x":` + strings.Repeat("[", 5000),
	} {
		if err := s.bothRefuse(ctx, body, 400, "request_invalid"); err != nil {
			return err
		}
	}
	return nil
}

func wrongMembers(ctx context.Context, s *site) error {
	for field, bodies := range map[string][]string{
		"email":    {`{"password":"b"}`, `{"email":null,"password":"b"}`, `{"email":1,"password":"b"}`, `{"email":{"$ne":""},"password":"b"}`},
		"password": {`{"email":"a"}`, `{"email":"a","password":["b"]}`, `{"email":"a","password":true}`},
	} {
		for _, body := range bodies {
			for _, path := range []string{"/login", "/register"} {
				if err := s.refusesField(ctx, post(path, "", body), 400, "request_invalid", field); err != nil {
					return fmt.Errorf("with %s: %w", body, err)
				}
			}
		}
	}
	return nil
}

func memberTwice(ctx context.Context, s *site) error {
	g, err := s.guest(ctx)
	if err != nil {
		return err
	}
	good := object("email", g.email, "password", g.password)
	for _, more := range []string{`"password":"another one"`, fmt.Sprintf(`"password":%q`, g.password), fmt.Sprintf(`"email":%q`, g.email), `"x":1,"x":1`, `"x":{"y":1,"y":2}`} {
		if err := s.bothRefuse(ctx, good[:len(good)-1]+","+more+"}", 400, "request_invalid"); err != nil {
			return err
		}
	}
	return nil
}

func unknownMembers(ctx context.Context, s *site) error {
	email, password := freshEmail(), "correct horse battery staple"
	good := object("email", email, "password", password)
	odd := `{"EMAIL":"x@example.com","roles":["admin"],"admin":true,"nested":{"email":[1]},` + good[1:len(good)-1] + `,"Password":"y","eMail":"y@example.com"}`
	if _, err := s.fine(ctx, post("/register", "", odd), http.StatusCreated); err != nil {
		return err
	}
	a, err := s.fine(ctx, post("/login", "", odd), http.StatusOK)
	if err != nil {
		return err
	}
	me, err := s.fine(ctx, get("/me", a.text("access_token")), http.StatusOK)
	if err != nil {
		return err
	}
	if roles, _ := me.member["roles"].([]any); me.text("email") != email || len(roles) > 0 {
		return fmt.Errorf("%v: want %s without roles", me, email)
	}
	return nil
}

func noText(ctx context.Context, s *site) error {
	for _, body := range []string{
		"{\"email\":\"a@example.com\",\"password\":\"long enough \xff\"}", "{\"email\":\"a\xff@example.com\",\"password\":\"long enough\"}",
		`{"email":"a@example.com","password":"long enough \ud800"}`, `{"email":"a\u0000b@example.com","password":"long enough"}`,
	} {
		if err := s.bothRefuse(ctx, body, 400, "request_invalid"); err != nil {
			return err
		}
	}
	return nil
}

func nulInPassword(ctx context.Context, s *site) error {
	email, password := freshEmail(), "before the nul\x00after it"
	if _, err := s.fine(ctx, post("/register", "", object("email", email, "password", password)), http.StatusCreated); err != nil {
		return err
	}
	a, _, err := s.login(ctx, email, password)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%v: want 200", a)
	}
	cut, _, err2 := s.login(ctx, email, "before the nul")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return refusedWith(cut, 401, "invalid_credentials")
}

func tooLarge(ctx context.Context, s *site) error {
	for _, n := range []int{16 << 10, 1 << 20} {
		for _, body := range []string{object("email", freshEmail(), "password", strings.Repeat("x", n)), strings.Repeat(" ", n+1)} {
			if err := s.bothRefuse(ctx, body, 413, "body_too_large"); err != nil {
				return err
			}
		}
	}
	return nil
}
