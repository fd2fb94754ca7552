package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

func credentialRows() []row[*site] {
	return []row[*site]{
		{"registration", "A registration is 201 with the id and the email; an email that is taken, in whatever case, is 409 email_taken.", siteRegistration},
		{"what is refused of a registration", "What is no email and a password that the policy refuses are 400 and name the field.", refusedRegistration},
		{"login", "A login is 200 with a pair of tokens of its own, in whatever case and with whatever space the email is typed.", siteLogin},
		{"failures look alike", "A wrong password, an unknown email and an unreadable one cannot be told apart.", siteFailuresAlike},
		{"passwords are taken as they are", "No password is trimmed, folded, normalised or cut.", sitePasswordsExact},
	}
}

func siteRegistration(ctx context.Context, s *site) error {
	email := freshEmail()
	typed := " " + strings.ToUpper(email[:9]) + email[9:]
	a, err := s.fine(ctx, post("/register", "", object("email", typed, "password", "correct horse battery staple")), http.StatusCreated)
	if err != nil {
		return err
	}
	if a.text("id") == "" || a.text("email") != email || strings.Contains(string(a.body), "correct horse") {
		return fmt.Errorf("%v: want an id and %s, and no password", a, email)
	}
	for _, again := range []string{email, typed, strings.ToUpper(email)} {
		if err := s.refuses(ctx, post("/register", "", object("email", again, "password", "another good password")), 409, "email_taken"); err != nil {
			return err
		}
	}
	return nil
}

func refusedRegistration(ctx context.Context, s *site) error {
	for _, email := range []string{"", "no address", "a@b@c", "ana@exa mple.com", "çã@example.com", "@example.com", strings.Repeat("a", 300) + "@example.com"} {
		c := post("/register", "", object("email", email, "password", "correct horse battery staple"))
		if err := s.refusesField(ctx, c, 400, "email_invalid", "email"); err != nil {
			return fmt.Errorf("with %.40q: %w", email, err)
		}
	}
	email := freshEmail()
	for _, weak := range []string{"", "seven77", "password123", "QWERTYUIOP", email, strings.Repeat("é", 257)} {
		c := post("/register", "", object("email", email, "password", weak))
		if err := s.refusesField(ctx, c, 400, "password_weak", "password"); err != nil {
			return fmt.Errorf("with %.40q: %w", weak, err)
		}
	}
	return nil
}

func siteLogin(ctx context.Context, s *site) error {
	g, err := s.guest(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, typed := range []string{g.email, strings.ToUpper(g.email), "  " + g.email + "\n"} {
		a, err := s.fine(ctx, post("/login", "", object("email", typed, "password", g.password)), http.StatusOK)
		if err != nil {
			return err
		}
		if err := isGrant(a); err != nil {
			return err
		}
		for _, token := range []string{a.text("access_token"), a.text("refresh_token")} {
			if seen[token] {
				return errors.New("two logins have a token in common")
			}
			seen[token] = true
		}
	}
	return nil
}

// siteFailuresAlike compares all of the answers but what names the request, its time and its length.
func siteFailuresAlike(ctx context.Context, s *site) error {
	g, err := s.guest(ctx)
	if err != nil {
		return err
	}
	var first string
	for _, try := range [][2]string{
		{g.email, g.password + "x"}, {g.email, ""}, {freshEmail(), g.password}, {"no address", g.password}, {"", ""}, {g.email + ".", g.password}, {"çã@example.com", g.password},
	} {
		a, _, err := s.login(ctx, try[0], try[1])
		if err != nil {
			return err
		}
		if err := refusedWith(a, 401, "invalid_credentials"); err != nil {
			return fmt.Errorf("login as %q: %w", try[0], err)
		}
		delete(a.member, "instance")
		for _, own := range []string{"X-Request-Id", "Date", "Content-Length"} {
			a.header.Del(own)
		}
		b, err := json.Marshal([]any{a.header, a.member})
		if err != nil {
			return err
		}
		if first == "" {
			first = string(b)
		}
		if string(b) != first {
			return fmt.Errorf("login as %q answers\n\t%s\nand the first one\n\t%s", try[0], b, first)
		}
	}
	return nil
}

func sitePasswordsExact(ctx context.Context, s *site) error {
	for _, password := range []string{"  Spaces Around  ", "caf\u00e9 composed", strings.Repeat("X", 72) + "y", "\"quotes\" \\ <tags> & more\r\n"} {
		email := freshEmail()
		if _, err := s.fine(ctx, post("/register", "", object("email", email, "password", password)), http.StatusCreated); err != nil {
			return err
		}
		right, _, err := s.login(ctx, email, password)
		if err == nil && right.status != http.StatusOK {
			err = fmt.Errorf("%v: want 200 for %q", right, password)
		}
		if err != nil {
			return err
		}
		for _, other := range []string{
			strings.TrimSpace(password) + " ", " " + password, strings.ToLower(password), strings.ToUpper(password), strings.ReplaceAll(password, "\u00e9", "e\u0301"), password[:len(password)-1],
		} {
			if other == password {
				continue
			}
			wrong, _, err := s.login(ctx, email, other)
			if err != nil {
				return err
			}
			if err := refusedWith(wrong, 401, "invalid_credentials"); err != nil {
				return fmt.Errorf("%q in place of %q: %w", other, password, err)
			}
		}
	}
	return nil
}
