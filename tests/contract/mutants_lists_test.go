package contract

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const whatWasChanged = "everything f changed is saved together"

func latestFirst(sessions []domain.Session) []domain.Session {
	slices.SortFunc(sessions, func(a, b domain.Session) int { return b.LoginTime.Compare(a.LoginTime) })
	return sessions
}

// listing replaces Sessions; it is given all that the right one shows.
func listing(alter func(s *flawed, user *domain.User, all []domain.Session, n int) []domain.Session) flaw {
	return func(s *flawed) {
		s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
			user, all, err := s.madeUp.Sessions(ctx, id, 1<<20)
			if err != nil {
				return user, nil, err
			}
			return user, alter(s, &user, all, n), nil
		}
	}
}

// listedBy shows the latest first by another time.
func listedBy(key func(domain.Session) time.Time) flaw {
	return listing(func(_ *flawed, _ *domain.User, all []domain.Session, n int) []domain.Session {
		slices.SortFunc(all, func(a, b domain.Session) int { return key(b).Compare(key(a)) })
		return upToN(n, all)
	})
}

func brokenLists() []mutant[application.Store] {
	return slices.Concat(brokenListing(), brokenListMembers(), brokenListSnapshots())
}

func brokenListing() []mutant[application.Store] {
	const whole, order = "sessions are shown whole with their user", "the latest login comes first"
	return []mutant[application.Store]{
		broken("a list without user agents", listing(func(_ *flawed, _ *domain.User, all []domain.Session, n int) []domain.Session {
			for i := range all {
				all[i].UserAgent = ""
			}
			return upToN(n, all)
		}), whole),
		broken("a list without methods", listing(func(_ *flawed, _ *domain.User, all []domain.Session, n int) []domain.Session {
			for i := range all {
				all[i].Methods = nil
			}
			return upToN(n, all)
		}), whole),
		broken("a list whose user has no hash", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				user, all, err := s.madeUp.Sessions(ctx, id, n)
				user.PasswordHash = ""
				return user, all, err
			}
		}, whole),
		broken("the oldest login first", listing(func(_ *flawed, _ *domain.User, all []domain.Session, n int) []domain.Session {
			slices.Reverse(all)
			return upToN(n, all)
		}), order),
		broken("the latest creation first", listedBy(func(n domain.Session) time.Time { return n.CreatedAt }), order),
		broken("the latest rotation first", listedBy(func(n domain.Session) time.Time { return n.RefreshedAt }), order),
		broken("one session at least", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				return s.madeUp.Sessions(ctx, id, max(n, 1))
			}
		}, order),
		broken("a hundred sessions at most", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				return s.madeUp.Sessions(ctx, id, min(n, 100))
			}
		}, "a list is as long as it was asked for"),
	}
}

func brokenListMembers() []mutant[application.Store] {
	const ended, others, nobody = "sessions that ended are not shown", "sessions of others are not shown", "sessions of nobody are not found"
	return []mutant[application.Store]{
		broken("ended sessions too", listing(func(s *flawed, user *domain.User, _ []domain.Session, n int) []domain.Session {
			return upToN(n, latestFirst(s.all(user.ID)))
		}), ended),
		broken("ended sessions count, and are left out then", listing(func(s *flawed, user *domain.User, _ []domain.Session, n int) []domain.Session {
			return slices.DeleteFunc(upToN(n, latestFirst(s.all(user.ID))), domain.Session.Ended)
		}), ended),
		broken("no sessions that were logged out", listing(func(_ *flawed, user *domain.User, all []domain.Session, n int) []domain.Session {
			return upToN(n, slices.DeleteFunc(all, func(s domain.Session) bool { return domain.StandingOf(*user, s).Refuse(at(0)) != nil }))
		}), ended),
		broken("everybody's sessions", listing(func(s *flawed, user *domain.User, _ []domain.Session, n int) []domain.Session {
			return upToN(n, latestFirst(s.all(userID(0), userID(1), userID(2))))
		}), others),
		broken("a list of nobody is empty", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				user, all, err := s.madeUp.Sessions(ctx, id, n)
				if errors.Is(err, domain.NotFound) {
					err = nil
				}
				return user, all, err
			}
		}, nobody),
		broken("a list of a user without sessions is NotFound", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				user, all, err := s.madeUp.Sessions(ctx, id, n)
				if err == nil && len(all) == 0 {
					err = domain.NotFound // an inner join
				}
				return user, all, err
			}
		}, others),
	}
}

func brokenListSnapshots() []mutant[application.Store] {
	return []mutant[application.Store]{
		broken("somebody writes between the reads of sessions and user", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				_, sessions, err := s.madeUp.Sessions(ctx, id, n)
				if err == nil && len(sessions) > 0 {
					err = logOut(ctx, s.madeUp, at(0), sessions[0], domain.Others)
				}
				user, _, _ := s.madeUp.Sessions(ctx, id, n)
				return user, sessions, err
			}
		}, "a user and their sessions are one snapshot"),
		broken("a list that is kept and handed out again", func(s *flawed) {
			user, sessions, err := domain.User{}, []domain.Session(nil), error(nil)
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				if user.ID != id {
					user, sessions, err = s.madeUp.Sessions(ctx, id, n)
				}
				return user, sessions, err
			}
		}, "sessions that came back are the caller's"),
		broken("Sessions looks at no context", func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				return s.madeUp.Sessions(context.WithoutCancel(ctx), id, n)
			}
		}, "with a cancelled context sessions are a failure"),
	}
}
