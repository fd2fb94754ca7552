package application_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// TestATokenOfTheServiceBeforeNeedsAnAnswer: only what was read may refuse it.
func TestATokenOfTheServiceBeforeNeedsAnAnswer(t *testing.T) {
	store := &broken{Store: memory.New()}
	core := formerCore(t, store)
	if _, err := core.Import(t.Context(), &roster{users: many(1)}, func(application.LeftOut) {}); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"Authorize": func() error { _, err := core.Authorize(t.Context(), "access user-0@example.com"); return err },
		"Refresh":   func() error { _, err := core.Refresh(t.Context(), "refresh user-0@example.com"); return err },
		"Explain":   func() error { _, err := core.Explain(t.Context(), "access user-0@example.com"); return err },
		"Logout":    func() error { return core.Logout(t.Context(), "access user-0@example.com", domain.Global) },
	}
	store.on = true
	for name, call := range calls {
		if err := call(); !errors.Is(err, domain.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	store.on = false
	for _, name := range []string{"Explain", "Authorize", "Refresh", "Logout"} {
		if err := calls[name](); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := calls["Authorize"](); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("after the logout: %v", err)
	}
}

// TestWhoeverActsOnTheirAccountMayDoSoWithAnOldToken: it has a session as any other token has.
func TestWhoeverActsOnTheirAccountMayDoSoWithAnOldToken(t *testing.T) {
	core := formerCore(t, memory.New())
	if _, err := core.Import(t.Context(), &roster{users: many(1)}, func(application.LeftOut) {}); err != nil {
		t.Fatal(err)
	}
	const access = "access 1"
	sessions, err := core.ListSessions(t.Context(), access)
	if err != nil || len(sessions) != 1 || !sessions[0].Current {
		t.Errorf("%+v, %v", sessions, err)
	}
	if _, err := core.ChangeEmail(t.Context(), access, "secret", "other@example.com"); err != nil {
		t.Error(err)
	}
	if _, err := core.ChangePassword(t.Context(), access, "secret", "another good one"); err != nil {
		t.Error(err)
	}
	if _, err := core.Authorize(t.Context(), access); !errors.Is(err, domain.TokenRevoked) {
		t.Errorf("after the password was changed: %v", err)
	}
}

// TestClientsAskAboutOldTokens: what is active is what passes, and what is revoked never begins a session.
func TestClientsAskAboutOldTokens(t *testing.T) {
	for _, begun := range []bool{false, true} {
		core := formerCore(t, memory.New())
		if _, err := core.Import(t.Context(), &roster{users: many(1)}, func(application.LeftOut) {}); err != nil {
			t.Fatal(err)
		}
		_, secret, err := core.AddClient(t.Context(), "gate")
		if err != nil {
			t.Fatal(err)
		}
		by := application.Credentials{ID: "gate", Secret: secret}
		for token, use := range map[string]func(token string) error{
			"access 1":  func(token string) error { _, err := core.Authorize(t.Context(), token); return err },
			"refresh 1": func(token string) error { _, err := core.Refresh(t.Context(), token); return err },
		} {
			if begun {
				info, err := core.Introspect(t.Context(), by, token)
				if err != nil || !info.Active || info.User == "" {
					t.Errorf("%s: %+v, %v", token, info, err)
				}
				if err := use(token); err != nil {
					t.Errorf("%s: %v", token, err)
				}
			}
			if err := core.Revoke(t.Context(), by, token); err != nil {
				t.Errorf("%s: %v", token, err)
			}
			if err := use(token); !errors.Is(err, domain.TokenRevoked) {
				t.Errorf("%s, revoked, its session begun by others %t: %v", token, begun, err)
			}
			if info, err := core.Introspect(t.Context(), by, token); err != nil || info.Active {
				t.Errorf("%s, revoked: %+v, %v", token, info, err)
			}
		}
		if err := core.Revoke(t.Context(), by, "access 77"); err != nil { // of nobody
			t.Error(err)
		}
	}
}

// TestAskingAboutAnOldTokenBeginsNothing: it is answered as the token would be, and neither that nor its user's sessions change.
func TestAskingAboutAnOldTokenBeginsNothing(t *testing.T) {
	core := formerCore(t, memory.New())
	if _, err := core.Import(t.Context(), &roster{users: many(2)}, func(application.LeftOut) {}); err != nil {
		t.Fatal(err)
	}
	_, secret, err := core.AddClient(t.Context(), "gate")
	if err != nil {
		t.Fatal(err)
	}
	by := application.Credentials{ID: "gate", Secret: secret}
	ask := func(what, token string, want bool) {
		t.Helper()
		info, err := core.Introspect(t.Context(), by, token)
		if err != nil || info.Active != want || want && (info.User == "" || info.Session == "" || strings.HasPrefix(token, "access") != (info.Email == "user-0@example.com")) {
			t.Errorf("%s %s: %+v, %v; want %t", token, what, info, err, want)
		}
	}
	const access, refresh = "access user-0@example.com", "refresh 1"
	for range 2 {
		ask("before it was used", access, true)
		ask("before it was used", refresh, true)
	}
	ask("of nobody", "access 77", false)
	if user, sessions, err := core.SessionsOf(t.Context(), "user-0@example.com"); err != nil || len(sessions) != 0 || !user.LoginTime.IsZero() {
		t.Errorf("asking about them began %+v of %+v, %v", sessions, user, err)
	}
	if _, err := core.Authorize(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	if err := core.Logout(t.Context(), access, domain.Global); err != nil {
		t.Fatal(err)
	}
	ask("after the logout", access, false)
	ask("after the logout", refresh, false)
}

// TestAnEmailThatMovedThere: tokens that name it from before it was the user's are nobody's, and neither are those that
// name the one before.
func TestAnEmailThatMovedThere(t *testing.T) {
	core := formerCore(t, memory.New())
	from := &roster{users: many(1)}
	for _, email := range []string{"user-0@example.com", "moved@example.com"} {
		from.users[0].Email = email
		if _, err := core.Import(t.Context(), from, func(application.LeftOut) {}); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{"access moved@example.com", "access user-0@example.com", "access 1"} {
		if _, err := core.Authorize(t.Context(), token); !errors.Is(err, domain.TokenRevoked) {
			t.Errorf("%s: %v", token, err)
		}
	}
}

// TestASessionThatBeganStaysItsUsers: whatever becomes of the email that its token names, who passes by it can be logged out.
func TestASessionThatBeganStaysItsUsers(t *testing.T) {
	for name, end := range map[string]func(core *application.Core, by application.Credentials, token string) error{
		"a logout": func(core *application.Core, _ application.Credentials, token string) error {
			return core.Logout(context.Background(), token, domain.Global)
		},
		"a revocation": func(core *application.Core, by application.Credentials, token string) error {
			return core.Revoke(context.Background(), by, token)
		},
	} {
		core := formerCore(t, memory.New())
		from := &roster{users: many(1)}
		_, secret, err := core.AddClient(t.Context(), "gate")
		if err != nil {
			t.Fatal(err)
		}
		by := application.Credentials{ID: "gate", Secret: secret}
		const token = "access user-0@example.com"
		imports := func() {
			t.Helper()
			if _, err := core.Import(t.Context(), from, func(application.LeftOut) {}); err != nil {
				t.Fatal(err)
			}
			if id, err := core.Authorize(t.Context(), token); err != nil || string(id.Email) != from.users[0].Email {
				t.Fatalf("%+v, %v", id, err)
			}
		}
		imports()
		from.users[0].Email = "moved@example.com"
		imports()
		if x, err := core.Explain(t.Context(), token); err != nil || x.Verdict != nil || x.User.Email != "moved@example.com" {
			t.Errorf("it passes, and is explained as %v of %q, %v", x.Verdict, x.User.Email, err)
		}
		if info, err := core.Introspect(t.Context(), by, token); err != nil || info.Email != "moved@example.com" {
			t.Errorf("it passes, and a client is told %+v, %v", info, err)
		}
		if err := end(core, by, token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := core.Authorize(t.Context(), token); !errors.Is(err, domain.TokenRevoked) {
			t.Errorf("after %s: %v", name, err)
		}
	}
}
