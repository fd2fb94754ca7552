package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

func siteRefreshRows() []row[*site] {
	return []row[*site]{
		{"rotation", "A refresh answers a new pair for the same session, and the new refresh token works.", siteRotation},
		{"a lost answer", "A refresh that is repeated at once gets the same successor again.", siteLostAnswer},
		{"reuse ends the session", "A refresh token from before the last one is 401 token_reused, and ends the session for everybody.", siteReuse},
		{"one successor", "Refreshes of one token at the same time make one successor.", siteOneSuccessor},
	}
}

func siteRotation(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	p := pairs[0]
	first, err := s.fine(ctx, get("/me", p.access), http.StatusOK)
	if err != nil {
		return err
	}
	for range 3 {
		next, err := s.refreshed(ctx, p)
		if err != nil {
			return err
		}
		if next.access == p.access || next.refresh == p.refresh {
			return errors.New("the new pair is not new")
		}
		now, err := s.fine(ctx, get("/me", next.access), http.StatusOK)
		if err != nil {
			return err
		}
		if string(now.body) != string(first.body) {
			return fmt.Errorf("%s became %s", first.body, now.body)
		}
		p = next
	}
	return s.lives(ctx, "another session", pairs[1])
}

func siteLostAnswer(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	first, err1 := s.refreshed(ctx, pairs[0])
	again, err2 := s.refreshed(ctx, pairs[0])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if first.refresh != again.refresh {
		return errors.New("the repeated refresh got another successor")
	}
	_, err = s.refreshed(ctx, again)
	return err
}

func siteReuse(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	second, err := s.refreshed(ctx, pairs[0])
	if err != nil {
		return err
	}
	third, err := s.refreshed(ctx, second)
	if err != nil {
		return err
	}
	return errors.Join(
		s.refuses(ctx, post("/refresh", pairs[0].refresh, ""), 401, "token_reused"),
		s.dead(ctx, "the session whose token was reused", third), s.lives(ctx, "another session", pairs[1]))
}

func siteOneSuccessor(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	const n = 20
	got := make([]pair, n)
	if err := atOnce(n, func(i int) (err error) { got[i], err = s.refreshed(ctx, pairs[0]); return err }); err != nil {
		return err
	}
	for _, p := range got {
		if p.refresh != got[0].refresh {
			return errors.New("one refresh token has two successors")
		}
	}
	_, err = s.refreshed(ctx, got[0])
	return err
}

func siteLogoutRows() []row[*site] {
	return []row[*site]{
		{"global", "A logout ends every session of the user and nobody else's, unless it says otherwise, and the next login revives none.", siteGlobal},
		{"local", "?scope=local ends the caller's session and no other.", siteLocal},
		{"others", "?scope=others ends every session but the caller's.", siteOthers},
		{"an unknown scope", "A scope that is none, or two of them, is 400 request_invalid, and nothing ends.", siteUnknownScope},
		{"twice is once", "A logout by a session that is over is 200, and ends nothing that came later.", siteLogoutTwice},
	}
}

// logOut logs out at a path.
func (s *site) logOut(ctx context.Context, path string, p pair) error {
	_, err := s.fine(ctx, post(path, p.access, ""), http.StatusOK)
	return err
}

func siteGlobal(ctx context.Context, s *site) error {
	for _, path := range []string{"/logout", "/logout?scope=global"} {
		g, pairs, err1 := s.signedIn(ctx, 2)
		_, theirs, err2 := s.signedIn(ctx, 1)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if err := s.logOut(ctx, path, pairs[0]); err != nil {
			return err
		}
		for range 2 {
			err := errors.Join(s.dead(ctx, "the caller's session", pairs[0]), s.dead(ctx, "the user's other session", pairs[1]), s.lives(ctx, "another user's session", theirs[0]))
			if err != nil {
				return err
			}
			a, next, err := s.login(ctx, g.email, g.password)
			if err != nil {
				return err
			}
			if a.status != http.StatusOK {
				return fmt.Errorf("%v: want 200 after a logout", a)
			}
			if err := s.lives(ctx, "the next login", next); err != nil {
				return err
			}
		}
	}
	return nil
}

func siteLocal(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	return errors.Join(s.logOut(ctx, "/logout?scope=local", pairs[0]), s.dead(ctx, "the caller's session", pairs[0]), s.lives(ctx, "the other session", pairs[1]))
}

func siteOthers(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 3)
	if err != nil {
		return err
	}
	if err := s.logOut(ctx, "/logout?scope=others", pairs[1]); err != nil {
		return err
	}
	return errors.Join(s.dead(ctx, "a session before", pairs[0]), s.lives(ctx, "the caller's session", pairs[1]), s.dead(ctx, "a session after", pairs[2]))
}

func siteUnknownScope(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, scope := range []string{"everything", "", "Local", "local&scope=global", "local;x", "%zz"} {
		if err := s.refuses(ctx, post("/logout?scope="+scope, pairs[0].access, ""), 400, "request_invalid"); err != nil {
			return err
		}
	}
	return s.lives(ctx, "the session", pairs[0])
}

func siteLogoutTwice(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	if err := s.logOut(ctx, "/logout", pairs[0]); err != nil {
		return err
	}
	_, later, err := s.login(ctx, g.email, g.password)
	if err != nil {
		return err
	}
	for _, path := range []string{"/logout", "/logout?scope=global", "/logout?scope=local", "/logout?scope=others"} {
		if err := s.logOut(ctx, path, pairs[0]); err != nil {
			return err
		}
	}
	return s.lives(ctx, "a session from after the logout", later)
}
