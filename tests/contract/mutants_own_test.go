package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// keepsLoggedIn leaves a user logged in where a decision of some kind logged them out.
func keepsLoggedIn(why domain.Reason) flaw {
	return func(s *flawed) {
		s.keepUser = func(old, u domain.User) domain.User {
			if u.LogoutReason == why {
				u.LogoutTime, u.LogoutReason = old.LogoutTime, old.LogoutReason
			}
			return u
		}
	}
}

func anyPassword(d *application.Deps) {
	d.Passwords = madeUpPasswords{verify: func(func(context.Context, string, string) (bool, bool, error)) func(context.Context, string, string) (bool, bool, error) {
		return func(_ context.Context, _, hash string) (bool, bool, error) { return hash != "", false, nil }
	}}
}

func brokenAccounts() []mutant[*stage] {
	return []mutant[*stage]{
		behind("passwords of three characters", func(d *application.Deps) { d.PasswordPolicy.Min, d.PasswordPolicy.Max = 3, 1000 }, "registration"),
		fronted("a taken email is told as one that is none", func(f *farSide, core *application.Core) {
			f.register = func(ctx context.Context, e, p string) (application.Registered, error) {
				r, err := core.Register(ctx, e, p)
				if errors.Is(err, domain.EmailTaken) {
					err = domain.EmailInvalid
				}
				return r, err
			}
		}, "registration", "one address is one account"),
		behind("disabling leaves sessions that enabling revives", onStore(keepsLoggedIn(domain.ByDisabling)), "disabling"),
		behind("a new password leaves the sessions", onStore(keepsLoggedIn(domain.ByPassword)), "a new password", "a new password of one's own"),
		behind("a deletion leaves the user", onStore(alters(func(c *domain.Changes) { c.Deleted = false })), "deleting", "deleting oneself"),
	}
}

func brokenOwn() []mutant[*stage] {
	const password, confirmed, email, confirmedEmail, inherited, deletes, passes, unreadable = "a new password of one's own", "a new password is confirmed", "a new email", "a new email is confirmed",
		"nothing is inherited", "deleting oneself", "only who passes", "unreadable input of one's own"
	valid := func(s string) string { return strings.ToValidUTF8(s, "?") }
	return []mutant[*stage]{
		behind("any password confirms", anyPassword, confirmed, confirmedEmail, deletes, password, "failures look alike"),
		fronted("a new password opens no session", func(f *farSide, core *application.Core) {
			f.password = func(ctx context.Context, t, c, n string) (application.Grant, error) {
				g, err := core.ChangePassword(ctx, t, c, n)
				_ = core.Logout(ctx, g.AccessToken, domain.Local)
				return g, err
			}
		}, password),
		fronted("the field is not named", func(f *farSide, core *application.Core) {
			f.password = func(ctx context.Context, t, c, n string) (application.Grant, error) {
				g, err := core.ChangePassword(ctx, t, c, n)
				var d *domain.Denied
				if errors.As(err, &d) {
					err = d.Refusal
				}
				return g, err
			}
		}, confirmed, unreadable),
		fronted("a new email ends the sessions", func(f *farSide, core *application.Core) {
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				r, err := core.ChangeEmail(ctx, t, p, e)
				if err == nil {
					_ = core.LogOut(ctx, e)
				}
				return r, err
			}
		}, email, inherited),
		fronted("the email in an identity is that of the first look", func(f *farSide, core *application.Core) {
			seen := map[domain.UserID]domain.Email{}
			f.allow = func(ctx context.Context, t string, r ...domain.Role) (application.Identity, error) {
				id, err := core.Authorize(ctx, t, r...)
				if first, found := seen[id.User]; err == nil && found {
					id.Email = first
				} else if err == nil {
					seen[id.User] = id.Email
				}
				return id, err
			}
		}, email),
		fronted("another's email is taken over", func(f *farSide, core *application.Core) {
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				r, err := core.ChangeEmail(ctx, t, p, e)
				if errors.Is(err, domain.EmailTaken) {
					_ = core.Delete(ctx, e)
					return core.ChangeEmail(ctx, t, p, e)
				}
				return r, err
			}
		}, confirmedEmail),
		behind("a user is their email", onStore(func(s *flawed) {
			ids := map[domain.Email]domain.UserID{}
			s.add = func(ctx context.Context, u domain.User) error {
				if id, before := ids[u.Email]; before {
					u.ID = id
				}
				ids[u.Email] = u.ID
				return s.madeUp.Add(ctx, u)
			}
		}), inherited),
		fronted("a deletion is a logout", func(f *farSide, core *application.Core) {
			f.remove = func(ctx context.Context, t, p string) error { return core.Logout(ctx, t, domain.Global) }
		}, deletes),
		fronted("nobody's list is empty", func(f *farSide, core *application.Core) {
			f.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				if t == "" {
					return nil, nil
				}
				return core.ListSessions(ctx, t)
			}
		}, passes),
		fronted("an expired token ends sessions", func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				err := core.EndSession(ctx, t, id)
				if errors.Is(err, domain.TokenExpired) {
					return nil
				}
				return err
			}
		}, passes),
		fronted("what is no text made text", func(f *farSide, core *application.Core) {
			f.email = func(ctx context.Context, t, p, e string) (application.Registered, error) {
				return core.ChangeEmail(ctx, t, valid(p), valid(e))
			}
			f.remove = func(ctx context.Context, t, p string) error { return core.DeleteAccount(ctx, t, valid(p)) }
		}, unreadable),
	}
}

func brokenOwnSessions() []mutant[*stage] {
	const own, stands, bounded, another, itself, nobody = "a list of one's own", "a list shows what stands", "a list is bounded", "ending another of one's own", "ending one's own", "nobody ends another's"
	lists := func(wrong string, f func(l []application.SessionInfo) []application.SessionInfo, rows ...string) mutant[*stage] {
		return fronted(wrong, func(side *farSide, core *application.Core) {
			side.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
				l, err := core.ListSessions(ctx, t)
				return f(l), err
			}
		}, rows...)
	}
	return []mutant[*stage]{
		lists("the mark of the caller's lost", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].Current = false
			}
			return l
		}, own),
		lists("every session marked", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].Current = true
			}
			return l
		}, own),
		lists("the oldest first", func(l []application.SessionInfo) []application.SessionInfo { slices.Reverse(l); return l }, own),
		lists("when a session was refreshed is when it began", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].RefreshedAt = l[i].LoginTime
			}
			return l
		}, own),
		behind("ended sessions are listed", onStore(func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, _, err := s.madeUp.Sessions(ctx, id, n)
				u.LogoutTime = time.Time{}
				all := s.all(id)
				for i := range all {
					all[i].EndedAt = time.Time{}
				}
				return u, upToN(n, latestFirst(all)), err
			}
		}), stands, another),
		behind("everybody's sessions are listed", onStore(func(s *flawed) {
			everybody := map[domain.UserID]bool{}
			s.keepUser = func(_, u domain.User) domain.User { everybody[u.ID] = true; return u }
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, own, err := s.madeUp.Sessions(ctx, id, n)
				for other := range everybody {
					if _, theirs, _ := s.madeUp.Sessions(ctx, other, n); other != id {
						for _, t := range theirs {
							t.UserID = id
							own = append(own, t)
						}
					}
				}
				return u, own, err
			}
		}), stands),
		lists("lists of 50", func(l []application.SessionInfo) []application.SessionInfo { return upToN(50, l) }, bounded),
		behind("the oldest of many", onStore(func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, all, err := s.madeUp.Sessions(ctx, id, 1<<20)
				return u, all[max(0, len(all)-n):], err
			}
		}), bounded),
		fronted("ending a session is not done", func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				_, err := core.Authorize(ctx, t)
				return err
			}
		}, another, itself, nobody),
		fronted("no session ends itself", func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if who, err := core.Authorize(ctx, t); err != nil || who.Session == id {
					return err
				}
				return core.EndSession(ctx, t, id)
			}
		}, itself),
		fronted("ending one ends all", func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				if err := core.EndSession(ctx, t, id); err != nil {
					return err
				}
				return core.Logout(ctx, t, domain.Others)
			}
		}, another),
		fronted("an unknown session is NotFound", func(f *farSide, core *application.Core) {
			f.end = func(ctx context.Context, t string, id domain.SessionID) error {
				list, err := core.ListSessions(ctx, t)
				if err != nil {
					return err
				}
				if _, none := domain.ParseSessionID(string(id)); none == nil && !slices.ContainsFunc(list, func(i application.SessionInfo) bool { return i.ID == id }) {
					return domain.NotFound
				}
				return core.EndSession(ctx, t, id)
			}
		}, nobody),
	}
}

func brokenGuessing() []mutant[*stage] {
	const bounded, atOnce, waits, free, nobody, paths, alone = "guessing is bounded", "guessing at once is bounded", "whoever waits gets in", "success gives the charge back", "nobody is bounded alike", "every path counts", "one account alone"
	limits := func(n int) domain.Limit { return domain.Limit{Burst: n, Every: 6 * time.Second} }
	return []mutant[*stage]{
		behind("no limit", func(d *application.Deps) {
			d.LoginLimit, d.AddressLimit = application.Unlimited(), application.Unlimited()
		}, bounded, atOnce, nobody, paths),
		behind("one attempt more", func(d *application.Deps) { d.LoginLimit = limits(11) }, bounded, atOnce, paths),
		behind("attempts are counted without a lock", onStore(func(s *flawed) {
			// Whoever comes within a moment reads before any of them writes.
			lockFree(func() { time.Sleep(20 * time.Millisecond) })(s)
		}), atOnce),
		fronted("it says to wait half as long", loginErrors(func(err error) error {
			var d *domain.Denied
			if errors.As(err, &d) {
				return &domain.Denied{Refusal: d.Refusal, RetryAfter: d.RetryAfter / 2}
			}
			return err
		}), waits),
		fronted("it does not say how long to wait", loginErrors(func(err error) error {
			var d *domain.Denied
			if errors.As(err, &d) {
				return d.Refusal
			}
			return err
		}), bounded),
		behind("success is charged", onStore(keeps(func(empty, kept []time.Time) []time.Time {
			for i := range kept {
				if kept[i].Before(empty[i]) {
					kept[i] = empty[i]
				}
			}
			return kept
		})), free),
		fronted("an account that nobody has is not bounded", func(f *farSide, core *application.Core) {
			f.login = func(ctx context.Context, e, p string) (application.Grant, error) {
				if _, err := core.Find(ctx, e); errors.Is(err, domain.NotFound) {
					return application.Grant{}, domain.InvalidCredentials
				}
				return core.Login(ctx, e, p)
			}
		}, nobody),
		fronted("a deletion does not count", func(f *farSide, core *application.Core) {
			f.remove = func(ctx context.Context, t, p string) error {
				if p != password {
					return domain.InvalidCredentials
				}
				return core.DeleteAccount(ctx, t, p)
			}
		}, paths),
		behind("one bound for all accounts", onStore(renames(func(name string) string { kind, _, _ := strings.Cut(name, ":"); return kind })), alone),
	}
}
