package application_test

import (
	"time"

	"github.com/porteiro/porteiro/domain"
)

// events is what can be asked for, how it comes out, and the one event that tells of it.
func events() map[string]struct {
	do   func(*scene) error
	want told
} {
	type row = struct {
		do   func(*scene) error
		want told
	}
	login := func(email, password string) func(*scene) error {
		return func(s *scene) error { _, err := s.Login(s.ctx, email, password); return err }
	}
	refresh := func(token func(*scene) string) func(*scene) error {
		return func(s *scene) error { _, err := s.Refresh(s.ctx, token(s)); return err }
	}
	authorize := func(token func(*scene) string, roles ...domain.Role) func(*scene) error {
		return func(s *scene) error { _, err := s.Authorize(s.ctx, token(s), roles...); return err }
	}
	logout := func(scope domain.Scope) func(*scene) error {
		return func(s *scene) error { return s.Logout(s.ctx, s.grant.AccessToken, scope) }
	}
	access := func(s *scene) string { return s.grant.AccessToken }
	refreshToken := func(s *scene) string { return s.grant.RefreshToken }
	nothing := func(*scene) string { return "" }
	forged := func(*scene) string { return "x.y.z" }
	broken := func(method string, do func(*scene) error) func(*scene) error {
		return func(s *scene) error { s.wire.cut(method, errBroken); return do(s) }
	}
	return map[string]row{
		"login":                          {login(" ANA@example.com", secret), told{"login", "ok", "user", "USER", anaDigest, "NEW", ""}},
		"login, wrong password":          {login(ana, "x"), told{"login", "invalid_credentials", "anonymous", "USER", anaDigest, "", ""}},
		"login, nobody":                  {login("bea@example.com", secret), told{"login", "invalid_credentials", "anonymous", "", beaDigest, "", ""}},
		"login, no email":                {login("nobody", secret), told{"login", "invalid_credentials", "anonymous", "", "", "", ""}},
		"login, unreadable":              {login("\x00", secret), told{"login", "request_invalid", "anonymous", "", "", "", ""}},
		"login, store away":              {broken("ByEmail", login(ana, secret)), told{"login", "unavailable", "anonymous", "", anaDigest, "", ""}},
		"login, store away at the write": {broken("Change", login(ana, secret)), told{"login", "unavailable", "anonymous", "USER", anaDigest, "", ""}},
		"login, throttled": {func(s *scene) error {
			for range 10 {
				s.Login(s.ctx, ana, "x")
			}
			s.recorder().heard()
			return login(ana, secret)(s)
		}, told{"login", "too_many_attempts", "anonymous", "", anaDigest, "", ""}},

		"refresh":            {refresh(refreshToken), told{"refresh", "ok", "user", "USER", "", "SESSION", ""}},
		"refresh, no token":  {refresh(nothing), told{"refresh", "token_missing", "anonymous", "", "", "", ""}},
		"refresh, forged":    {refresh(forged), told{"refresh", "token_invalid", "anonymous", "", "", "", ""}},
		"refresh, wrong one": {refresh(access), told{"refresh", "token_invalid", "anonymous", "", "", "", ""}},
		"refresh, repeated": {func(s *scene) error {
			s.refresh(s.grant.RefreshToken)
			s.recorder().heard()
			return refresh(refreshToken)(s)
		}, told{"refresh", "ok", "user", "USER", "", "SESSION", "repeated"}},
		"refresh, reused": {func(s *scene) error {
			s.refresh(s.grant.RefreshToken)
			s.clock.wait(time.Minute)
			s.recorder().heard()
			return refresh(refreshToken)(s)
		}, told{"refresh", "token_reused", "user", "USER", "", "SESSION", "the session has ended"}},
		"refresh, store away": {broken("Change", refresh(refreshToken)), told{"refresh", "unavailable", "user", "USER", "", "SESSION", ""}},

		"authorize":             {authorize(access), told{"authorize", "ok", "user", "USER", "", "SESSION", ""}},
		"authorize, no role":    {authorize(access, "auditor"), told{"authorize", "insufficient_role", "user", "USER", "", "SESSION", ""}},
		"authorize, forged":     {authorize(forged), told{"authorize", "token_invalid", "anonymous", "", "", "", ""}},
		"authorize, not a role": {authorize(access, "No"), told{"authorize", "request_invalid", "anonymous", "", "", "", ""}},
		"authorize, store away": {broken("Standings", authorize(access)), told{"authorize", "unavailable", "user", "USER", "", "SESSION", ""}},
		"list sessions": {func(s *scene) error { _, err := s.ListSessions(s.ctx, s.grant.AccessToken); return err },
			told{"authorize", "ok", "user", "USER", "", "SESSION", "lists sessions"}},

		"logout":               {logout(""), told{"logout", "ok", "user", "USER", "", "SESSION", "global"}},
		"logout, local":        {logout("local"), told{"logout", "ok", "user", "USER", "", "SESSION", "local"}},
		"logout, what scope":   {logout("all"), told{"logout", "request_invalid", "anonymous", "", "", "", ""}},
		"logout, over already": {func(s *scene) error { s.LogOut(s.ctx, ana); s.recorder().heard(); return logout("")(s) }, told{"logout", "ok", "user", "USER", "", "SESSION", "global, over already"}},
		"logout, store away":   {broken("Change", logout("")), told{"logout", "unavailable", "user", "USER", "", "SESSION", "global"}},

		"register": {func(s *scene) error { _, err := s.Register(s.ctx, "bea@example.com", secret); return err },
			told{"register", "ok", "anonymous", "BEA", beaDigest, "", ""}},
		"register, taken": {func(s *scene) error { _, err := s.Register(s.ctx, ana, secret); return err },
			told{"register", "email_taken", "anonymous", "", anaDigest, "", ""}},
		"register, weak": {func(s *scene) error { _, err := s.Register(s.ctx, "bea@example.com", "x"); return err },
			told{"register", "password_weak", "anonymous", "", beaDigest, "", ""}},
		"register, store away": {broken("Add", func(s *scene) error { _, err := s.Register(s.ctx, "bea@example.com", secret); return err }),
			told{"register", "unavailable", "anonymous", "", beaDigest, "", ""}},

		"password": {func(s *scene) error {
			_, err := s.ChangePassword(s.ctx, s.grant.AccessToken, secret, "another password")
			return err
		}, told{"password_change", "ok", "user", "USER", "", "SESSION", "opened NEW"}},
		"password, wrong": {func(s *scene) error {
			_, err := s.ChangePassword(s.ctx, s.grant.AccessToken, "x", "another password")
			return err
		}, told{"password_change", "invalid_credentials", "user", "USER", "", "SESSION", ""}},
		"email": {func(s *scene) error {
			_, err := s.ChangeEmail(s.ctx, s.grant.AccessToken, secret, "bea@example.com")
			return err
		}, told{"email_change", "ok", "user", "USER", beaDigest, "SESSION", ""}},
		"own account": {func(s *scene) error { return s.DeleteAccount(s.ctx, s.grant.AccessToken, secret) },
			told{"account_delete", "ok", "user", "USER", "", "SESSION", ""}},
		"session": {func(s *scene) error { return s.EndSession(s.ctx, s.grant.AccessToken, s.claims.Session) },
			told{"session_end", "ok", "user", "USER", "", "SESSION", "ends SESSION"}},
		"session, no id": {func(s *scene) error { return s.EndSession(s.ctx, s.grant.AccessToken, "x\ny") },
			told{"session_end", "request_invalid", "anonymous", "", "", "", ""}},

		"add": {func(s *scene) error { _, err := s.Add(s.ctx, "bea@example.com", secret, "b", "a"); return err },
			told{"administration", "ok", "anonymous", "BEA", beaDigest, "", "add b,a"}},
		"add, taken":    {func(s *scene) error { _, err := s.Add(s.ctx, ana, secret); return err }, told{"administration", "email_taken", "anonymous", "", anaDigest, "", "add"}},
		"add, no role":  {func(s *scene) error { _, err := s.Add(s.ctx, ana, secret, "a\nb"); return err }, told{"administration", "request_invalid", "anonymous", "", anaDigest, "", "add"}},
		"disable":       {func(s *scene) error { return s.Disable(s.ctx, ana) }, told{"administration", "ok", "anonymous", "USER", anaDigest, "", "disable"}},
		"enable":        {func(s *scene) error { return s.Enable(s.ctx, ana) }, told{"administration", "ok", "anonymous", "USER", anaDigest, "", "enable"}},
		"log out":       {func(s *scene) error { return s.LogOut(s.ctx, ana) }, told{"administration", "ok", "anonymous", "USER", anaDigest, "", "log out"}},
		"delete":        {func(s *scene) error { return s.Delete(s.ctx, ana) }, told{"administration", "ok", "anonymous", "USER", anaDigest, "", "delete"}},
		"delete nobody": {func(s *scene) error { return s.Delete(s.ctx, "bea@example.com") }, told{"administration", "not_found", "anonymous", "", beaDigest, "", "delete"}},
		"set password": {func(s *scene) error { return s.SetPassword(s.ctx, ana, "another password") },
			told{"administration", "ok", "anonymous", "USER", anaDigest, "", "set password"}},
		"set password, weak": {func(s *scene) error { return s.SetPassword(s.ctx, ana, "x") },
			told{"administration", "password_weak", "anonymous", "", anaDigest, "", "set password"}},
		"set roles": {func(s *scene) error { return s.SetRoles(s.ctx, ana, "admin", "auditor") },
			told{"administration", "ok", "anonymous", "USER", anaDigest, "", "set roles admin,auditor"}},
		"set roles, none such": {func(s *scene) error { return s.SetRoles(s.ctx, ana, "No") },
			told{"administration", "request_invalid", "anonymous", "", anaDigest, "", "set roles"}},
		"disable, store away": {broken("Change", func(s *scene) error { return s.Disable(s.ctx, ana) }),
			told{"administration", "unavailable", "anonymous", "USER", anaDigest, "", "disable"}},

		"find decides nothing": {func(s *scene) error { _, err := s.Find(s.ctx, ana); return err }, told{}},
		"list decides nothing": {func(s *scene) error { _, err := s.List(s.ctx, "", 1); return err }, told{}},
	}
}
