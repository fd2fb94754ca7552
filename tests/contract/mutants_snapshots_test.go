package contract

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func brokenStandings() []mutant[application.Store] {
	return slices.Concat(brokenStandingFields(), brokenAskedStandings(), brokenRememberedStandings(), brokenSnapshots())
}

func brokenStandingFields() []mutant[application.Store] {
	const both, each = "a standing is the session's and its user's", "each standing is that of its own user"
	const now, follows, half = "roles and email are as they are now", "a standing follows every change at once", "a change is seen whole or not at all"
	return []mutant[application.Store]{
		broken("a standing without its idle age", standing(func(s *domain.Standing) { s.IdleUntil = s.Until }), both, follows),
		broken("a standing without roles", standing(func(s *domain.Standing) { s.Roles = nil }), both, now),
		broken("a standing without the disabled flag", standing(func(s *domain.Standing) { s.Disabled = false }), follows, each),
		broken("a standing without the end", standing(func(s *domain.Standing) { s.Ended = false }), follows, each),
		broken("a standing without the logout", standing(func(s *domain.Standing) { s.LogoutTime = time.Time{} }), follows, each, "what was opened before a logout is dead"),
		broken("a login time in seconds", standing(func(s *domain.Standing) { s.LoginTime = s.LoginTime.Truncate(time.Second) }), both, half),
		broken("local times of a standing", standing(func(s *domain.Standing) { s.Until = s.Until.In(time.FixedZone("here", 60)) }), "times of a session come back as instants"),
		broken("all of a query are the first one's user", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, err := right(ctx, ids...)
				if err == nil && len(ids) > 1 {
					first := found[ids[0]]
					for id, st := range found {
						st.Roles, st.LogoutTime, st.Disabled = first.Roles, first.LogoutTime, first.Disabled
						found[id] = st
					}
				}
				return found, err
			}
		}), each),
		broken("the email as of the login", func(s *flawed) {
			seen := map[domain.SessionID]domain.Email{}
			s.showStanding = func(u domain.User, st domain.Standing) domain.Standing {
				if _, known := seen[st.Session]; !known {
					seen[st.Session] = "person-0@example.com"
				}
				st.Email = seen[st.Session]
				return st
			}
		}, now),
	}
}

func brokenAskedStandings() []mutant[application.Store] {
	const absent, twice, hundreds = "an unknown session is absent", "a session asked for twice is there once", "hundreds are shown at once"
	return []mutant[application.Store]{
		broken("an unknown session is there, empty", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, err := right(ctx, ids...)
				for _, id := range ids {
					if _, there := found[id]; err == nil && !there {
						found[id] = domain.Standing{}
					}
				}
				return found, err
			}
		}), absent, hundreds),
		broken("what is no ID fails them all", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				for _, id := range ids {
					if len(id) != 36 {
						return nil, errors.New("invalid input syntax for type uuid")
					}
				}
				return right(ctx, ids...)
			}
		}), absent),
		broken("an unknown session is NotFound for all", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, err := right(ctx, ids...)
				if err == nil && len(found) < len(ids) {
					return nil, domain.NotFound
				}
				return found, err
			}
		}), absent, twice),
		broken("asked for none it shows some", standings(func(s *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				if len(ids) == 0 {
					for _, n := range s.all(userID(0)) {
						ids = append(ids, n.ID)
					}
				}
				return right(ctx, ids...)
			}
		}), twice),
		broken("a hundred standings at most", standings(func(_ *flawed, right standingsOf) standingsOf {
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				return right(ctx, upToN(100, ids)...)
			}
		}), hundreds),
	}
}

func brokenRememberedStandings() []mutant[application.Store] {
	const now, follows, copies = "roles and email are as they are now", "a standing follows every change at once", "standings that came back are the caller's"
	return []mutant[application.Store]{
		broken("standings that are remembered", standings(func(_ *flawed, right standingsOf) standingsOf {
			kept := map[domain.SessionID]domain.Standing{}
			return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				if st, known := kept[ids[0]]; known && len(ids) == 1 {
					return map[domain.SessionID]domain.Standing{ids[0]: st}, nil
				}
				found, err := right(ctx, ids...)
				for id, st := range found {
					kept[id] = st
				}
				return found, err
			}
		}), follows, now),
		broken("standings that share their roles", func(s *flawed) {
			var roles []domain.Role
			s.showStanding = func(u domain.User, st domain.Standing) domain.Standing {
				if roles == nil {
					roles = st.Roles
				}
				st.Roles = roles
				return st
			}
		}, copies, now),
	}
}

func brokenSnapshots() []mutant[application.Store] {
	const half, snapshot = "a change is seen whole or not at all", "all of a query is one snapshot"
	return []mutant[application.Store]{
		broken("session and user in two reads", func(s *flawed) {
			s.standings = func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				before, err := s.madeUp.Standings(ctx, ids...)
				if st, found := before[sessionID(0)]; err == nil && found { // somebody writes between them
					_ = logOut(ctx, s.madeUp, at(0), domain.Session{ID: st.Session, UserID: st.User}, domain.Others)
				}
				after, err := s.madeUp.Standings(ctx, ids...)
				for id, st := range before {
					st.LogoutTime = after[id].LogoutTime
					before[id] = st
				}
				return before, err
			}
		}, half),
		broken("a query for each session", func(s *flawed) {
			s.standings = func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				all := map[domain.SessionID]domain.Standing{}
				for i, id := range ids {
					found, err := s.madeUp.Standings(ctx, id)
					if err != nil {
						return nil, err
					}
					for id, st := range found {
						all[id] = st
						if i == 0 && len(ids) > 1 { // somebody writes between them
							_ = logOut(ctx, s.madeUp, at(0), domain.Session{ID: st.Session, UserID: st.User}, domain.Others)
						}
					}
				}
				return all, nil
			}
		}, snapshot),
	}
}
