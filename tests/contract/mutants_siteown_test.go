package contract

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func brokenSiteOwn() []mutant[*site] {
	return slices.Concat(brokenSiteChanges(), brokenSiteDeletions(), brokenSiteLists(), brokenSiteEnds())
}

func brokenSiteChanges() []mutant[*site] {
	const password, email, deletes = "a new password", "a new email", "deleting oneself"
	return []mutant[*site]{
		sited("a new password leaves the sessions", made{deps: onStore(keepsLoggedIn(domain.ByPassword))}, password),
		sited("any password confirms", made{deps: anyPassword}, password, email, deletes, "failures look alike"),
		asked("a new password answers no tokens", members(func(r *http.Request, _ *recorded, m map[string]any) {
			if r.URL.Path == "/password" {
				delete(m, "access_token")
			}
		}), password),
		sited("a new email ends the sessions", made{front: func(f *farSide, core *application.Core) {
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				r, err := core.ChangeEmail(ctx, t, p, e)
				if err == nil {
					_ = core.LogOut(ctx, e)
				}
				return r, err
			}
		}}, email),
		sited("the old email goes on", made{front: func(f *farSide, core *application.Core) {
			old := map[string]string{}
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				old[e] = e
				return core.Register(ctx, e, p)
			}
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				id, _ := core.Authorize(ctx, t)
				r, err := core.ChangeEmail(ctx, t, p, e)
				if err == nil {
					old[string(id.Email)] = e
				}
				return r, err
			}
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if now := old[e]; now != "" {
					e = now
				}
				return core.Login(ctx, e, p)
			}
		}}, email),
	}
}

func brokenSiteDeletions() []mutant[*site] {
	const deletes, ends = "deleting oneself", "ending a session"
	return []mutant[*site]{
		sited("a deletion leaves the user", made{deps: onStore(alters(func(c *domain.Changes) { c.Deleted = false }))}, deletes),
		answered("a deletion is 200", func(r *http.Request, a *recorded) {
			if a.status == 204 {
				a.status, a.body = 200, "{}"
			}
		}, deletes, ends),
		sited("a user is their email", made{deps: onStore(func(s *flawed) {
			ids := map[domain.Email]domain.UserID{}
			s.add = func(ctx context.Context, u domain.User) error {
				if id, before := ids[u.Email]; before {
					u.ID = id
				}
				ids[u.Email] = u.ID
				return s.madeUp.Add(ctx, u)
			}
		}), front: func(f *farSide, core *application.Core) {
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				r, err := core.Register(ctx, e, p)
				if u, none := core.Find(ctx, e); none == nil {
					r.User = u.ID
				}
				return r, err
			}
		}}, deletes),
	}
}

func brokenSiteLists() []mutant[*site] {
	const lists = "sessions"
	list := func(wrong string, alter func(sessions []any) []any, rows ...string) mutant[*site] {
		return asked(wrong, members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["sessions"].([]any); found {
				m["sessions"] = alter(all)
			}
		}), rows...)
	}
	return []mutant[*site]{
		list("no mark", func(all []any) []any {
			for _, s := range all {
				s.(map[string]any)["current"] = false
			}
			return all
		}, lists),
		list("the oldest first", func(all []any) []any {
			for i := range len(all) / 2 {
				all[i], all[len(all)-1-i] = all[len(all)-1-i], all[i]
			}
			return all
		}, lists),
		list("no device", func(all []any) []any {
			for _, s := range all {
				delete(s.(map[string]any), "user_agent")
			}
			return all
		}, lists),
		list("one session", func(all []any) []any { return upToN(1, all) }, lists),
		sited("ended sessions are listed", made{deps: onStore(func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, _, err := s.madeUp.Sessions(ctx, id, n)
				all := s.all(id)
				for i := range all {
					all[i].EndedAt = time.Time{}
				}
				return u, upToN(n, latestFirst(all)), err
			}
		})}, lists),
	}
}

func brokenSiteEnds() []mutant[*site] {
	const ends, passes = "ending a session", "only who passes"
	return []mutant[*site]{
		sited("ending a session is not done", made{front: func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if _, err := domain.ParseSessionID(string(id)); err != nil {
					return core.EndSession(ctx, t, id)
				}
				_, err := core.Authorize(ctx, t)
				return err
			}
		}}, ends),
		answered("an unknown session is 404", func(r *http.Request, a *recorded) {
			if strings.HasSuffix(r.URL.Path, someSession) && a.status == 204 {
				a.status = 404
			}
		}, ends),
		sited("another's session is ended", made{front: func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if err := core.EndSession(ctx, t, id); err != nil {
					return err
				}
				all, _ := core.List(ctx, "", 1000)
				for _, u := range all {
					_, sessions, _ := core.SessionsOf(ctx, string(u.Email))
					for _, s := range sessions {
						if s.ID == id {
							_ = core.LogOut(ctx, string(u.Email))
						}
					}
				}
				return nil
			}
		}}, ends),
		sited("a session that is over still lists", made{front: func(f *farSide, core *application.Core) {
			f.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, err := core.ListSessions(ctx, t)
				if errors.Is(err, domain.TokenRevoked) {
					return nil, nil
				}
				return l, err
			}
		}}, passes),
	}
}

func brokenPublished() []mutant[*site] {
	const set, outside = "a set of keys", "services verify by themselves"
	keys := func(wrong string, alter func(key map[string]any), rows ...string) mutant[*site] {
		return asked(wrong, members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["keys"].([]any); found {
				for _, k := range all {
					alter(k.(map[string]any))
				}
			}
		}), rows...)
	}
	return []mutant[*site]{
		keys("a private member", func(k map[string]any) { k["d"] = "c2VjcmV0" }, set, outside),
		keys("no kid", func(k map[string]any) { delete(k, "kid") }, set),
		keys("no use", func(k map[string]any) { delete(k, "use") }, set),
		keys("no alg", func(k map[string]any) { delete(k, "alg") }, set),
		keys("another key under the same name", func(k map[string]any) { k["x"] = strings.Repeat("A", 43) }, outside),
		keys("other names", func(k map[string]any) { k["kid"] = "1" }, outside),
		answered("keys as application/json", func(_ *http.Request, a *recorded) {
			if strings.Contains(a.body, `"keys"`) {
				a.header.Set("Content-Type", "application/json")
			}
		}, set),
		asked("the secret of refresh tokens", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if all, found := m["keys"].([]any); found {
				m["keys"] = append(all, map[string]any{"kty": "oct", "kid": "r", "alg": "HS256", "use": "sig", "k": "c2VjcmV0"})
			}
		}), set),
		asked("no keys", members(func(_ *http.Request, _ *recorded, m map[string]any) {
			if m["keys"] != nil {
				m["keys"] = json.RawMessage("[]")
			}
		}), outside),
	}
}
