package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

func authorizeRows() []row[*site] {
	return []row[*site]{
		{"who passed", "/authorize answers X-Auth-User, -Email, -Roles and -Session, all of them always, and the body of /me.", whoPassed},
		{"any method", "/authorize takes every method: a gateway asks with the one that it was asked with.", anyMethod},
		{"nobody passes", "Without a token that passes /authorize is 401, and names nobody.", nobodyPasses},
		{"roles that are not held", "A role that the user does not hold is 403 insufficient_role, and names nobody.", rolesNotHeld},
		{"parameters", "What is no role, and a parameter that is not known, is 400 request_invalid: it must not let everybody in.", authorizeParameters},
		{"a role " + needsGiveRole, "A role counts from the next request on; of several that are asked for one is enough.", roleGiven},
	}
}

// authHeaders are what a gateway reads.
func authHeaders() []string {
	return []string{"X-Auth-User", "X-Auth-Email", "X-Auth-Roles", "X-Auth-Session"}
}

func whoPassed(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	me, err := s.fine(ctx, get("/me", pairs[0].access), http.StatusOK)
	if err != nil {
		return err
	}
	for _, c := range []call{
		get("/authorize", pairs[0].access),
		{method: "GET", path: "/authorize", bearer: pairs[0].access, header: http.Header{"X-Auth-User": {"somebody"}, "X-Auth-Roles": {"admin"}, "X-Auth-Email": {"root@example.com"}}},
	} {
		a, err := s.fine(ctx, c, http.StatusOK)
		if err != nil {
			return err
		}
		want := map[string]string{"X-Auth-User": g.id, "X-Auth-Email": g.email, "X-Auth-Roles": "", "X-Auth-Session": me.text("session")}
		for _, name := range authHeaders() {
			if got := a.header.Values(name); len(got) != 1 || got[0] != want[name] {
				return fmt.Errorf("%v: %s is %q, want it there as %q", a, name, got, want[name])
			}
		}
		if string(a.body) != string(me.body) {
			return fmt.Errorf("%v: want the body of /me, %s", a, me.body)
		}
	}
	return nil
}

func anyMethod(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
		if _, err := s.fine(ctx, call{method: method, path: "/authorize", bearer: pairs[0].access}, http.StatusOK); err != nil {
			return err
		}
		a, err := s.do(ctx, call{method: method, path: "/authorize"})
		if err != nil {
			return err
		}
		if a.status != http.StatusUnauthorized {
			return fmt.Errorf("%v: want 401 without a token", a)
		}
	}
	return nil
}

// namesNobody holds an answer to have nothing that a gateway could take for an identity.
func namesNobody(a answer) error {
	for _, name := range authHeaders() {
		if a.header.Get(name) != "" {
			return fmt.Errorf("%v: it has %s: %s", a, name, a.header.Get(name))
		}
	}
	return nil
}

func nobodyPasses(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 2)
	if err != nil {
		return err
	}
	if err := s.logOut(ctx, "/logout?scope=local", pairs[1]); err != nil {
		return err
	}
	for token, code := range map[string]string{"": "token_missing", "a.b.c": "token_invalid", pairs[0].refresh: "token_invalid", pairs[1].access: "token_revoked"} {
		for _, path := range []string{"/authorize", "/authorize?role=admin"} {
			a, err := s.do(ctx, get(path, token))
			if err != nil {
				return err
			}
			if err := errors.Join(refusedWith(a, 401, code), namesNobody(a)); err != nil {
				return err
			}
		}
	}
	return nil
}

func rolesNotHeld(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, query := range []string{"role=admin", "role=admin&role=billing:read"} {
		a, err := s.do(ctx, get("/authorize?"+query, pairs[0].access))
		if err != nil {
			return err
		}
		if err := errors.Join(refusedWith(a, 403, "insufficient_role"), namesNobody(a)); err != nil {
			return err
		}
	}
	return nil
}

func authorizeParameters(ctx context.Context, s *site) error {
	_, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	for _, query := range []string{"role=", "role=Admin", "role=a%2Cb", "role=a%20b", "roles=admin", "Role=admin", "role=admin&x=1", "x=", "role=a;b", "role=%zz"} {
		if err := s.refuses(ctx, get("/authorize?"+query, pairs[0].access), 400, "request_invalid"); err != nil {
			return err
		}
	}
	return nil
}

func roleGiven(ctx context.Context, s *site) error {
	g, pairs, err := s.signedIn(ctx, 1)
	if err != nil {
		return err
	}
	const held = "contract.reader"
	if err := s.refuses(ctx, get("/authorize?role="+held, pairs[0].access), 403, "insufficient_role"); err != nil {
		return err
	}
	if err := s.GiveRole(ctx, g.email, held); err != nil {
		return fmt.Errorf("GiveRole: %w", err)
	}
	for _, query := range []string{"", "?role=" + held, "?role=admin&role=" + held} {
		a, err := s.fine(ctx, get("/authorize"+query, pairs[0].access), http.StatusOK)
		if err != nil {
			return err
		}
		if a.header.Get("X-Auth-Roles") != held {
			return fmt.Errorf("%v: X-Auth-Roles is %q, want %s", a, a.header.Get("X-Auth-Roles"), held)
		}
	}
	return s.refuses(ctx, get("/authorize?role=admin", pairs[0].access), 403, "insufficient_role")
}
