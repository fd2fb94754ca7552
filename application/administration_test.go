package application_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// byEmail is every operation that names a user.
func byEmail(s *service) map[string]func(email string) error {
	return map[string]func(email string) error{
		"find":         func(email string) error { _, err := s.Find(s.ctx, email); return err },
		"sessions of":  func(email string) error { _, _, err := s.SessionsOf(s.ctx, email); return err },
		"disable":      func(email string) error { return s.Disable(s.ctx, email) },
		"enable":       func(email string) error { return s.Enable(s.ctx, email) },
		"set password": func(email string) error { return s.SetPassword(s.ctx, email, "another password") },
		"set roles":    func(email string) error { return s.SetRoles(s.ctx, email, "auditor") },
		"log out":      func(email string) error { return s.LogOut(s.ctx, email) },
		"delete":       func(email string) error { return s.Delete(s.ctx, email) },
	}
}

func TestAdministrationNamesUsersByEmail(t *testing.T) {
	for name := range byEmail(nil) {
		t.Run(name, func(t *testing.T) {
			s := withAna(t)
			do := byEmail(s)[name]
			only(t, "nobody", do("bea@example.com"), domain.NotFound)
			err := do("bea")
			field(t, "no email", err, domain.EmailInvalid, "email")
			if !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("got %q, want it to say %q", err, name)
			}
			before := s.user()
			if err := do("bea@example.com"); !before.Equal(s.user()) {
				t.Errorf("what was refused with %v changed Ana: %v", err, s.user())
			}
			if err := do("\tANA@Example.com "); err != nil {
				t.Errorf("in another form: got %v", err)
			}
		})
	}
}

func TestFindAndList(t *testing.T) {
	s := open(t)
	emails := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"}
	for _, e := range []int{2, 0, 3, 1} {
		if _, err := s.Add(s.ctx, emails[e], secret); err != nil {
			t.Fatal(err)
		}
	}
	u, err := s.Find(s.ctx, "C@EXAMPLE.com")
	if err != nil || u.Email != "c@example.com" {
		t.Errorf("find: got %v, %v", u, err)
	}
	for _, c := range []struct {
		after string
		n     int
		want  []string
	}{{"", 10, emails}, {"", 2, emails[:2]}, {"b@example.com", 10, emails[2:]}, {"b", 1, emails[1:2]}, {"d@example.com", 10, nil}} {
		users, err := s.List(s.ctx, c.after, c.n)
		var got []string
		for _, u := range users {
			got = append(got, string(u.Email))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("list %d after %q: got %v, %v, want %v", c.n, c.after, got, err, c.want)
		}
	}
}

func TestAdd(t *testing.T) {
	s := open(t, func(d *application.Deps) { d.Registration = false }) // open or not
	u, err := s.Add(s.ctx, "ANA@example.com", secret, "b", "a", "b")
	if err != nil || !u.Equal(s.user()) || !slices.Equal(u.Roles, []domain.Role{"a", "b"}) || u.Email != ana || u.CreatedAt != domain.Instant(noon) {
		t.Fatalf("got %+v, %v; the store has %+v", u, err, s.user())
	}
	s.passes("a login with it", s.login())
	refuse := func(what, email, password string, roles ...domain.Role) error {
		t.Helper()
		u, err := s.Add(s.ctx, email, password, roles...)
		if err == nil || u.ID != "" || !strings.HasPrefix(err.Error(), "add: ") {
			t.Errorf("%s: got %+v, %v", what, u, err)
		}
		return err
	}
	only(t, "taken", refuse("taken", ana, secret), domain.EmailTaken)
	field(t, "no email", refuse("no email", "ana", secret), domain.EmailInvalid, "email")
	field(t, "weak", refuse("weak", "bea@example.com", "short"), domain.PasswordWeak, "password")
	field(t, "no role", refuse("no role", "bea@example.com", secret, "a", "No"), domain.RequestInvalid, "role")
	field(t, "a NUL", refuse("a NUL", "\x00", secret), domain.RequestInvalid, "email")
	if users, err := s.List(s.ctx, "", 9); err != nil || len(users) != 1 {
		t.Errorf("got %v, %v, want Ana alone", users, err)
	}
}

func TestDisable(t *testing.T) {
	s := withAna(t)
	g := s.login()
	for range 2 { // twice is once
		if err := s.Disable(s.ctx, ana); err != nil {
			t.Fatal(err)
		}
		s.refused("while disabled", g, domain.TokenRevoked)
		if got := s.user().DisabledAt; got != domain.Instant(noon) {
			t.Errorf("got %v, want %v", got, noon)
		}
		s.clock.wait(second)
	}
	_, err := s.Login(s.ctx, ana, secret)
	only(t, "a login", err, domain.InvalidCredentials)
	if err := s.Enable(s.ctx, ana); err != nil {
		t.Fatal(err)
	}
	s.refused("a session from before", g, domain.TokenRevoked)
	s.passes("a login since", s.login())
}

func TestSetPassword(t *testing.T) {
	s := withAna(t)
	g := s.login()
	if err := s.SetPassword(s.ctx, ana, "another password"); err != nil {
		t.Fatal(err)
	}
	s.refused("a session from before", g, domain.TokenRevoked)
	_, err := s.Login(s.ctx, ana, secret)
	only(t, "the old one", err, domain.InvalidCredentials)
	g, err = s.Login(s.ctx, ana, "another password")
	if err != nil {
		t.Fatal(err)
	}
	for _, weak := range []string{"short", "ANA@example.com"} {
		field(t, weak, s.SetPassword(s.ctx, ana, weak), domain.PasswordWeak, "password")
	}
	s.passwords.work()
	field(t, "no email", s.SetPassword(s.ctx, "ana", secret), domain.EmailInvalid, "email")
	if _, hashed := s.passwords.work(); hashed != 0 {
		t.Errorf("%d passwords were hashed for nobody", hashed)
	}
	field(t, "no UTF-8", s.SetPassword(s.ctx, ana, "\xffxxxxxxxx"), domain.RequestInvalid, "password")
	s.passwords.noHash = errBroken
	only(t, "a hasher that fails", s.SetPassword(s.ctx, ana, secret), domain.Unavailable)
	s.passes("what was refused ended nothing", g)
}

func TestSetRoles(t *testing.T) {
	s := withAna(t)
	g := s.login()
	if err := s.SetRoles(s.ctx, ana, "c", "b", "c"); err != nil || !slices.Equal(s.user().Roles, []domain.Role{"b", "c"}) {
		t.Errorf("got %v, %v", s.user().Roles, err)
	}
	field(t, "no role", s.SetRoles(s.ctx, ana, "a", "B"), domain.RequestInvalid, "role")
	if got := s.user().Roles; !slices.Equal(got, []domain.Role{"b", "c"}) {
		t.Errorf("what was refused changed them to %v", got)
	}
	s.passes("roles are no reason to log out", g)
}

func TestLogOutByAdministrator(t *testing.T) {
	s := withAna(t)
	g := s.login()
	if err := s.LogOut(s.ctx, ana); err != nil {
		t.Fatal(err)
	}
	s.refused("a session from before", g, domain.TokenRevoked)
	if got := s.user().LogoutReason; got != domain.ByAdministrator {
		t.Errorf("reason: got %q, want %q", got, domain.ByAdministrator)
	}
	s.passes("a login since", s.login())
}

func TestDelete(t *testing.T) {
	s := withAna(t)
	g := s.login()
	id := s.user().ID
	if err := s.Delete(s.ctx, ana); err != nil {
		t.Fatal(err)
	}
	s.refused("a session of who is gone", g, domain.TokenRevoked)
	again, err := s.Add(s.ctx, ana, secret)
	if err != nil || again.ID == id {
		t.Errorf("the same email later: got %v, %v, want another ID than %v", again.ID, err, id)
	}
	s.refused("a session of who is gone, after they came back", g, domain.TokenRevoked)
}

// TestStoreErrorsAreUnavailable: only what was read may refuse, so a store that fails revokes nobody and lets nobody
// pass (see TestAuthorizeRefuses, TestLogoutIsAnsweredOnceItIsSaved). Its own words stay inside for the log.
func TestStoreErrorsAreUnavailable(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(s *service, g application.Grant) error
		method string
	}{
		"login, user":      {func(s *service, _ application.Grant) error { _, err := s.Login(s.ctx, ana, secret); return err }, "ByEmail"},
		"login, session":   {func(s *service, _ application.Grant) error { _, err := s.Login(s.ctx, ana, secret); return err }, "Change"},
		"refresh":          {func(s *service, g application.Grant) error { _, err := s.Refresh(s.ctx, g.RefreshToken); return err }, "Change"},
		"logout":           {func(s *service, g application.Grant) error { return s.Logout(s.ctx, g.AccessToken, "") }, "Change"},
		"authorize":        {func(s *service, g application.Grant) error { _, err := s.Authorize(s.ctx, g.AccessToken); return err }, "Standings"},
		"register":         {func(s *service, _ application.Grant) error { _, err := s.Register(s.ctx, "b@c", secret); return err }, "Add"},
		"find":             {func(s *service, _ application.Grant) error { return byEmail(s)["find"](ana) }, "ByEmail"},
		"list":             {func(s *service, _ application.Grant) error { _, err := s.List(s.ctx, "", 1); return err }, "Page"},
		"add":              {func(s *service, _ application.Grant) error { _, err := s.Add(s.ctx, "b@c", secret); return err }, "Add"},
		"administer, user": {func(s *service, _ application.Grant) error { return s.Disable(s.ctx, ana) }, "ByEmail"},
		"administer":       {func(s *service, _ application.Grant) error { return s.Disable(s.ctx, ana) }, "Change"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withAna(t)
			g := s.login()
			s.wire.cut(c.method, errBroken)
			err := c.do(s, g)
			only(t, name, err, domain.Unavailable)
			if !errors.Is(err, errBroken) {
				t.Errorf("got %v, want it to keep the store's error", err)
			}
			s.wire.cut(c.method, nil)
			s.passes("afterwards", g)
			if err := c.do(s, g); err != nil {
				t.Errorf("once the store is back: got %v, want none", err)
			}
		})
	}
	t.Run("login, password", func(t *testing.T) {
		s := withAna(t)
		s.passwords.noVerify = errBroken
		_, err := s.Login(s.ctx, ana, secret)
		only(t, "a hasher that fails", err, domain.Unavailable)
		_, err = s.Login(s.ctx, "bea@example.com", secret)
		only(t, "and nobody's login the same", err, domain.Unavailable)
	})
}
