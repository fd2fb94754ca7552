package contract

import (
	"context"
	"errors"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func brokenPanickedChanges() []mutant[application.Store] {
	const panics = "a panic in f saves nothing and the store goes on"
	return []mutant[application.Store]{
		broken("a panic that leaves the lock behind", changes(func(s *flawed, right changing) changing {
			held := false
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if held {
					return errors.New("the lock is taken")
				}
				return right(ctx, id, func(a *domain.Account) error {
					held = true
					err := f(a)
					held = false
					return err
				}, about...)
			}
		}), panics),
		broken("a panic taken for a success", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) (err error) {
				return right(ctx, id, func(a *domain.Account) error {
					defer func() { _ = recover() }()
					return f(a)
				}, about...)
			}
		}), panics),
	}
}

func brokenDeletions() []mutant[application.Store] {
	const deletes = "a deletion takes the sessions and nothing else"
	return []mutant[application.Store]{
		broken("a deletion that leaves the sessions", func(s *flawed) {
			s.standings = func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
				found, err := s.madeUp.Standings(ctx, ids...)
				for _, id := range ids {
					if _, there := found[id]; err == nil && !there && s.keptSince(id) {
						found[id] = domain.Standing{Session: id}
					}
				}
				return found, err
			}
			s.remembers()
		}, deletes, "changes against deletions finish"),
		broken("a deletion that leaves the email taken", func(s *flawed) {
			gone := map[domain.Email]bool{}
			s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return s.madeUp.Change(ctx, id, func(a *domain.Account) error {
					err := f(a)
					if a.Changes().Deleted {
						gone[a.User.Email] = true
					}
					return err
				}, about...)
			}
			s.add = func(ctx context.Context, u domain.User) error {
				if gone[u.Email] {
					return domain.EmailTaken
				}
				return s.madeUp.Add(ctx, u)
			}
		}, deletes),
		broken("a deletion of everybody who is named", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				deleted := false
				err := right(ctx, id, func(a *domain.Account) error { err := f(a); deleted = a.Changes().Deleted; return err }, about...)
				s.mu.Lock()
				defer s.mu.Unlock()
				for _, n := range about {
					if deleted {
						delete(s.madeUp.sessions, n)
					}
				}
				return err
			}
		}), deletes),
	}
}

// remembers keeps which sessions there have been.
func (s *flawed) remembers() {
	kept := map[domain.SessionID]bool{}
	s.keepSession = func(_, n domain.Session) domain.Session { kept[n.ID] = true; return n }
	s.keptSince = func(id domain.SessionID) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return kept[id]
	}
}

func brokenSharing() []mutant[application.Store] {
	const shares = "a change and its caller share nothing"
	return []mutant[application.Store]{
		broken("the account goes on living in the store", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				var kept *domain.Account
				err := right(ctx, id, func(a *domain.Account) error { err := f(a); kept = a; return err }, about...)
				if err == nil && !kept.Changes().Deleted {
					s.mu.Lock()
					s.users[id] = kept.User // and not what Changes made of it
					s.mu.Unlock()
				}
				return err
			}
		}), shares),
		broken("the account read once and handed out for ever", changes(func(s *flawed, right changing) changing {
			cached := map[domain.UserID]*domain.Account{}
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(ctx, id, func(a *domain.Account) error {
					if c := cached[id]; c != nil {
						a.User = c.User
					}
					err := f(a)
					cached[id] = a
					return err
				}, about...)
			}
		}), shares),
		broken("f run twice on one account", changes(func(s *flawed, right changing) changing {
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				return right(ctx, id, func(a *domain.Account) error {
					if err := f(a); err != nil {
						return err
					}
					return f(a)
				}, about...)
			}
		}), "changes at once lose nothing"),
	}
}
