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

// ownLists changes the lists of one's own sessions.
func ownLists(wrong string, f func(l []application.SessionInfo) []application.SessionInfo, rows ...string) mutant[*stage] {
	return fronted(wrong, func(side *farSide, core *application.Core) {
		side.list = func(ctx context.Context, t string) ([]application.SessionInfo, error) {
			l, err := core.ListSessions(ctx, t)
			return f(l), err
		}
	}, rows...)
}

func brokenOwnSessions() []mutant[*stage] {
	return slices.Concat(brokenOwnLists(), brokenOwnEnds())
}

func brokenOwnLists() []mutant[*stage] {
	const own, stands, bounded, another = "a list of one's own", "a list shows what stands", "a list is bounded", "ending another of one's own"
	return []mutant[*stage]{
		ownLists("the mark of the caller's lost", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].Current = false
			}
			return l
		}, own),
		ownLists("every session marked", func(l []application.SessionInfo) []application.SessionInfo {
			for i := range l {
				l[i].Current = true
			}
			return l
		}, own),
		ownLists("the oldest first", func(l []application.SessionInfo) []application.SessionInfo { slices.Reverse(l); return l }, own),
		ownLists("when a session was refreshed is when it began", func(l []application.SessionInfo) []application.SessionInfo {
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
		ownLists("lists of 50", func(l []application.SessionInfo) []application.SessionInfo { return upToN(50, l) }, bounded),
		behind("the oldest of many", onStore(func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				u, all, err := s.madeUp.Sessions(ctx, id, 1<<20)
				return u, all[max(0, len(all)-n):], err
			}
		}), bounded),
	}
}

func brokenOwnEnds() []mutant[*stage] {
	const another, itself, nobody = "ending another of one's own", "ending one's own", "nobody ends another's"
	return []mutant[*stage]{
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
			lockFree(meeting(0))(s) // of two who read before either writes, one is not counted
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
