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

func brokenSessions() []mutant[application.Store] {
	return slices.Concat(brokenSessionFields(), brokenShownSessions(), brokenNamedSessions(), brokenOpenings())
}

func brokenSessionFields() []mutant[application.Store] {
	const opened, changed, instants = "a session comes back as opened", "a session comes back as changed", "times of a session come back as instants"
	const years = "a session may be refreshed for years"
	return []mutant[application.Store]{
		broken("times of sessions cut to seconds", keepsSessions(func(n *domain.Session) { n.IdleUntil = n.IdleUntil.Truncate(time.Second) }), opened),
		broken("user agents cut to 255 bytes", keepsSessions(func(n *domain.Session) { n.UserAgent = n.UserAgent[:min(255, len(n.UserAgent))] }), opened),
		broken("addresses must be addresses", keepsSessions(func(n *domain.Session) {
			if strings.Contains(n.IP, "%") {
				n.IP = ""
			}
		}), opened),
		broken("methods sorted", keepsSessions(func(n *domain.Session) { slices.Sort(n.Methods) }), opened),
		broken("user agents in latin1", keepsSessions(func(n *domain.Session) {
			n.UserAgent = strings.ToValidUTF8(strings.ReplaceAll(n.UserAgent, "🚪", "?"), "?")
		}), opened),
		broken("the login is the creation", keepsSessions(func(n *domain.Session) { n.LoginTime = n.CreatedAt }), changed, "a change is seen whole or not at all"),
		broken("no reason for an end", keepsSessions(func(n *domain.Session) { n.EndReason = "" }), changed),
		broken("an UPDATE without refreshed_at", func(s *flawed) {
			s.keepSession = func(old, n domain.Session) domain.Session {
				if old.ID != "" {
					n.RefreshedAt = old.RefreshedAt
				}
				return n
			}
		}, changed),
		broken("an UPDATE without refresh_count", func(s *flawed) {
			s.keepSession = func(old, n domain.Session) domain.Session {
				n.RefreshCount = old.RefreshCount
				return n
			}
		}, changed, "one refresh token at once rotates once", years),
		broken("an end that is not kept", keepsSessions(func(n *domain.Session) { n.EndedAt, n.EndReason = time.Time{}, "" }), changed, "a standing follows every change at once"),
		broken("local times of sessions", func(s *flawed) {
			s.showSession = func(n domain.Session) domain.Session { n.Until = n.Until.In(time.FixedZone("here", 3600)); return n }
		}, instants),
		broken("a smallint for the count", keepsSessions(func(n *domain.Session) { n.RefreshCount = int(int16(n.RefreshCount)) }), years),
	}
}

func brokenShownSessions() []mutant[application.Store] {
	const named, own = "f is shown the named sessions only", "f is shown the user's own sessions only"
	return []mutant[application.Store]{
		broken("every session of the user is shown", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				for _, n := range s.all(id) {
					about = append(about, n.ID)
				}
				return right(ctx, id, f, about...)
			}
		}), named),
		broken("no session is shown", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, _ ...domain.SessionID) error {
				return right(ctx, id, f)
			}
		}), named, own, whatWasChanged),
		broken("another's session is given to whoever names it", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				s.mu.Lock()
				for _, n := range about {
					if theirs, found := s.madeUp.sessions[n]; found {
						theirs.UserID = id
						s.madeUp.sessions[n] = theirs
					}
				}
				s.mu.Unlock()
				return right(ctx, id, f, about...)
			}
		}), own, "different users at once all finish"),
	}
}

func brokenNamedSessions() []mutant[application.Store] {
	const unknown, twice = "a session that is unknown or no ID is absent", "a session named twice is one"
	return []mutant[application.Store]{
		broken("an unknown session is NotFound", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				found, _ := s.madeUp.Standings(ctx, about...)
				for _, n := range about {
					if _, there := found[n]; !there {
						return domain.NotFound
					}
				}
				return right(ctx, id, f, about...)
			}
		}), unknown),
		broken("a NUL in an ID is a failure", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				for _, n := range about {
					if strings.Contains(string(n), "\x00") {
						return errors.New("invalid byte sequence: 0x00")
					}
				}
				return right(ctx, id, f, about...)
			}
		}), unknown),
		broken("a session named twice is an error", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if len(slices.Compact(slices.Sorted(slices.Values(about)))) < len(about) {
					return errors.New("2 rows where 1 was expected")
				}
				return right(ctx, id, f, about...)
			}
		}), twice),
	}
}

func brokenOpenings() []mutant[application.Store] {
	const once = "the ID of a session is opened once"
	return []mutant[application.Store]{
		broken("an ID that is there is written over", func(s *flawed) {
			s.alter = func(c *domain.Changes) { c.Changed, c.Opened = append(c.Changed, c.Opened...), nil }
		}, once),
		broken("any unique index is the one on emails", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				mine := errors.New("nothing")
				err := right(ctx, id, func(a *domain.Account) error { mine = f(a); return mine }, about...)
				if err != nil && mine == nil {
					return domain.EmailTaken
				}
				return err
			}
		}), once),
		broken("half of a change is kept when the rest fails", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var c domain.Changes
				err := right(ctx, id, func(a *domain.Account) error { err := f(a); c = a.Changes(); return err }, about...)
				s.mu.Lock()
				defer s.mu.Unlock()
				if err != nil && len(c.Opened) > 1 {
					s.madeUp.sessions[c.Opened[0].ID] = c.Opened[0]
				}
				return err
			}
		}), once),
	}
}
