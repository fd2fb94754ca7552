package contract

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	return slices.Concat(brokenOwnPasswords(), brokenOwnEmails(), brokenOwnAccess())
}

func brokenOwnPasswords() []mutant[*stage] {
	const password, confirmed, confirmedEmail = "a new password of one's own", "a new password is confirmed", "a new email is confirmed"
	const deletes, unreadable = "deleting oneself", "unreadable input of one's own"
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
	}
}

func brokenOwnEmails() []mutant[*stage] {
	const email, confirmedEmail, inherited = "a new email", "a new email is confirmed", "nothing is inherited"
	return []mutant[*stage]{
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
	}
}

func brokenOwnAccess() []mutant[*stage] {
	const deletes, passes, unreadable = "deleting oneself", "only who passes", "unreadable input of one's own"
	valid := func(s string) string { return strings.ToValidUTF8(s, "?") }
	return []mutant[*stage]{
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
