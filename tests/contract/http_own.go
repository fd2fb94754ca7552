package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

func siteOwnRows() []row[*site] {
	return []row[*site]{
		{"a new password", "A new password needs the current one, ends every session but the fresh one that it answers, and the old one is wrong from then on.", siteNewPassword},
		{"a new email", "A new email needs the password; the sessions go on, and the old one is nobody's.", siteNewEmail},
		{"deleting oneself", "A deletion needs the password, is 204, and leaves no session and no account; the email is free.", siteDeletion},
		{"sessions", "/sessions lists the caller's sessions that stand, the newest first, and marks the caller's.", siteSessions},
		{"ending a session", "Ending a session is 204 and ends that one; one that is unknown or another's is 204 too, and stays as it is.", siteEndSession},
		{"only who passes", "What people do with their own is 401 without an access token that passes, and nothing happens.", siteOnlyWhoPasses},
	}
}

// noLogin holds credentials to be refused.
func (s *site) noLogin(ctx context.Context, what, email, password string) error {
	a, _, err := s.login(ctx, email, password)
	if err != nil {
		return err
	}
	if err := refusedWith(a, 401, "invalid_credentials"); err != nil {
		return fmt.Errorf("%s logs in: %w", what, err)
	}
	return nil
}

func siteNewPassword(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	change := func(current, next string) call {
		return post("/password", pairs[0].access, object("current_password", current, "new_password", next))
	}
	err = errors.Join(
		s.refusesField(ctx, change("wrong", renewed), 401, "invalid_credentials", "current_password"),
		s.refusesField(ctx, change(g.password, "seven77"), 400, "password_weak", "new_password"),
		s.refusesField(ctx, post("/password", pairs[0].access, object("current_password", g.password)), 400, "request_invalid", "new_password"),
		s.lives(ctx, "after refusals the session", pairs[1]))
	if err != nil {
		return err
	}
	a, err := s.fine(ctx, change(g.password, renewed), http.StatusOK)
	if err != nil {
		return err
	}
	fresh := pair{a.text("access_token"), a.text("refresh_token")}
	if err := errors.Join(isGrant(a), s.dead(ctx, "the caller's old session", pairs[0]), s.dead(ctx, "another session", pairs[1]), s.lives(ctx, "the fresh session", fresh)); err != nil {
		return err
	}
	now, _, err := s.login(ctx, g.email, renewed)
	if err == nil && now.status != http.StatusOK {
		err = fmt.Errorf("%v: want 200 with the new password", now)
	}
	return errors.Join(err, s.noLogin(ctx, "the old password", g.email, g.password))
}

func siteNewEmail(ctx context.Context, s *site) error {
	g, pairs, err1 := s.signedIn(ctx, 2)
	other, err2 := s.guest(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	change := func(email, password string) call {
		return post("/me/email", pairs[0].access, object("email", email, "password", password))
	}
	moved := freshEmail()
	err := errors.Join(
		s.refusesField(ctx, change(moved, "wrong"), 401, "invalid_credentials", "password"),
		s.refusesField(ctx, change("no address", g.password), 400, "email_invalid", "email"),
		s.refuses(ctx, change(other.email, g.password), 409, "email_taken"))
	if err != nil {
		return err
	}
	a, err := s.fine(ctx, change(moved, g.password), http.StatusOK)
	if err != nil {
		return err
	}
	if a.text("id") != g.id || a.text("email") != moved {
		return fmt.Errorf("%v: want %s, %s", a, g.id, moved)
	}
	for _, p := range pairs {
		me, err := s.fine(ctx, get("/me", p.access), http.StatusOK)
		if err != nil {
			return err
		}
		if err := isIdentity(me, guest{id: g.id, email: moved}); err != nil {
			return err
		}
	}
	now, _, err := s.login(ctx, moved, g.password)
	if err == nil && now.status != http.StatusOK {
		err = fmt.Errorf("%v: want 200 with the new email", now)
	}
	return errors.Join(err, s.noLogin(ctx, "the old email", g.email, g.password))
}

func siteDeletion(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	remove := func(password string) call {
		return call{method: "DELETE", path: "/me", bearer: pairs[0].access, body: object("password", password)}
	}
	if err := errors.Join(s.refusesField(ctx, remove("wrong"), 401, "invalid_credentials", "password"), s.lives(ctx, "after a refusal the session", pairs[1])); err != nil {
		return err
	}
	if _, err := s.fine(ctx, remove(g.password), http.StatusNoContent); err != nil {
		return err
	}
	err = errors.Join(s.dead(ctx, "a session", pairs[0]), s.dead(ctx, "another session", pairs[1]), s.noLogin(ctx, "a deleted user", g.email, g.password))
	if err != nil {
		return err
	}
	heir, err := s.fine(ctx, post("/register", "", object("email", g.email, "password", renewed)), http.StatusCreated)
	if err == nil && heir.text("id") == g.id {
		err = fmt.Errorf("%v: the id of a deleted user is used again", heir)
	}
	return errors.Join(err, s.dead(ctx, "a session of the deleted user", pairs[0]))
}

// list returns the IDs of the caller's sessions in their order, and which one is marked.
func (s *site) list(ctx context.Context, p pair) (ids []string, current string, _ error) {
	a, err := s.fine(ctx, get("/sessions", p.access), http.StatusOK)
	if err != nil {
		return nil, "", err
	}
	entries, _ := a.member["sessions"].([]any)
	for _, e := range entries {
		m, _ := e.(map[string]any)
		id, _ := m["id"].(string)
		mark, marked := m["current"].(bool)
		login, _ := m["login_time"].(string)
		rotated, _ := m["refreshed_at"].(string)
		_, err1 := time.Parse(time.RFC3339Nano, login)
		_, err2 := time.Parse(time.RFC3339Nano, rotated)
		if err := errors.Join(err1, err2); err != nil || id == "" || !marked || m["user_agent"] != userAgent || m["ip"] == nil {
			return nil, "", fmt.Errorf("%v: a session is shown as %v, %w", a, m, err)
		}
		ids = append(ids, id)
		if mark {
			current += id
		}
	}
	return ids, current, nil
}

func siteSessions(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 3)
	if err != nil {
		return err
	}
	var own []string
	for _, p := range pairs {
		me, err := s.fine(ctx, get("/me", p.access), http.StatusOK)
		if err != nil {
			return err
		}
		own = append([]string{me.text("session")}, own...)
	}
	for i, p := range pairs {
		ids, current, err := s.list(ctx, p)
		if err != nil {
			return err
		}
		if fmt.Sprint(ids) != fmt.Sprint(own) || current != own[len(own)-1-i] {
			return fmt.Errorf("session %d sees %v with %q marked, want %v with %s", i, ids, current, own, own[len(own)-1-i])
		}
	}
	if err := s.logOut(ctx, "/logout?scope=local", pairs[2]); err != nil {
		return err
	}
	ids, _, err := s.list(ctx, pairs[0])
	if err == nil && fmt.Sprint(ids) != fmt.Sprint(own[1:]) {
		err = fmt.Errorf("after a logout %v are shown, want %v", ids, own[1:])
	}
	return err
}

func siteEndSession(ctx context.Context, s *site) error {
	_, pairs, err1 := s.signedIn(ctx, 3)
	_, theirs, err2 := s.signedIn(ctx, 1)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	id := func(p pair) string {
		me, _ := s.do(ctx, get("/me", p.access))
		return me.text("session")
	}
	end := func(id string) call {
		return call{method: "DELETE", path: "/sessions/" + id, bearer: pairs[0].access}
	}
	for _, target := range []string{id(pairs[1]), id(pairs[1]), id(theirs[0]), someSession} {
		if target == "" { // ended, and asked for once more
			target = someSession
		}
		if _, err := s.fine(ctx, end(target), http.StatusNoContent); err != nil {
			return err
		}
	}
	for _, none := range []string{"x", "..%2f", "018F0000-0000-7000-8000-000000000002", "%20"} {
		if err := s.refuses(ctx, end(none), 400, "request_invalid"); err != nil {
			return err
		}
	}
	return errors.Join(s.dead(ctx, "the session that was ended", pairs[1]), s.lives(ctx, "the caller's", pairs[0]),
		s.lives(ctx, "a third one", pairs[2]), s.lives(ctx, "another user's", theirs[0]))
}

func siteOnlyWhoPasses(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	if err := s.logOut(ctx, "/logout?scope=local", pairs[1]); err != nil {
		return err
	}
	for token, code := range map[string]string{"": "token_missing", pairs[1].access: "token_revoked"} {
		for _, c := range []call{
			get("/me", token), get("/sessions", token), get("/protected", token), {method: "DELETE", path: "/sessions/" + someSession, bearer: token},
			post("/password", token, object("current_password", g.password, "new_password", renewed)),
			post("/me/email", token, object("email", freshEmail(), "password", g.password)),
			{method: "DELETE", path: "/me", bearer: token, body: object("password", g.password)},
		} {
			if err := s.refuses(ctx, c, 401, code); err != nil {
				return err
			}
		}
	}
	a, _, err := s.login(ctx, g.email, g.password)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%v: want 200, for nothing has changed", a)
	}
	return errors.Join(err, s.lives(ctx, "the session", pairs[0]))
}
