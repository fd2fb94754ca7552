package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// flawed is a good store, and the ways to fall short of it: each function that is set takes a method's place.
type flawed struct {
	*memory.Store
	sessions func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error)
	purge    func(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error)
	change   func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error
	count    func(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error
	forget   func(ctx context.Context, before time.Time, n int) (int, error)

	mu     sync.Mutex
	opened map[domain.SessionID]domain.UserID
}

func (s *flawed) Sessions(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
	if s.sessions != nil {
		return s.sessions(ctx, id, n)
	}
	return s.Store.Sessions(ctx, id, n)
}

func (s *flawed) Purge(ctx context.Context, before time.Time, after domain.SessionID, n int) (domain.SessionID, int, error) {
	if s.purge != nil {
		return s.purge(ctx, before, after, n)
	}
	return s.Store.Purge(ctx, before, after, n)
}

// Change remembers which sessions there are.
func (s *flawed) Change(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
	if s.change != nil {
		return s.change(ctx, id, f, about...)
	}
	return s.Store.Change(ctx, id, func(a *domain.Account) error {
		err := f(a)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, session := range a.Changes().Opened {
			s.opened[session.ID] = id
		}
		return err
	}, about...)
}

func (s *flawed) Count(ctx context.Context, buckets []string, f func([]time.Time) []time.Time) error {
	if s.count != nil {
		return s.count(ctx, buckets, f)
	}
	return s.Store.Count(ctx, buckets, f)
}

func (s *flawed) Forget(ctx context.Context, before time.Time, n int) (int, error) {
	if s.forget != nil {
		return s.forget(ctx, before, n)
	}
	return s.Store.Forget(ctx, before, n)
}

// all returns every session that was opened for one of the users and is there, ended or not, in the order of their IDs.
func (s *flawed) all(ctx context.Context, users ...domain.UserID) []domain.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sessions []domain.Session
	for id, user := range s.opened {
		if !slices.Contains(users, user) {
			continue
		}
		_, found, _ := look(ctx, s.Store, user, id)
		sessions = append(sessions, found...)
	}
	slices.SortFunc(sessions, func(a, b domain.Session) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return sessions
}

// flaw makes a store with one.
type flaw func(s *flawed)

func (f flaw) store() *flawed {
	s := &flawed{Store: memory.New(), opened: map[domain.SessionID]domain.UserID{}}
	f(s)
	return s
}

func latestFirst(sessions []domain.Session) []domain.Session {
	slices.SortFunc(sessions, func(a, b domain.Session) int { return b.LoginTime.Compare(a.LoginTime) })
	return sessions
}

func upTo(n int, sessions []domain.Session) []domain.Session { return sessions[:min(n, len(sessions))] }

// shows changes what Sessions shows.
func shows(alter func(user *domain.User, sessions []domain.Session) []domain.Session) flaw {
	return func(s *flawed) {
		s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
			user, sessions, err := s.Store.Sessions(ctx, id, 1<<20)
			if err != nil {
				return user, nil, err
			}
			return user, upTo(max(n, 0), alter(&user, sessions)), nil
		}
	}
}

func flawedLists() map[string][]flaw {
	return map[string][]flaw{
		"sessions are shown whole with their user": {
			shows(func(_ *domain.User, list []domain.Session) []domain.Session { list[0].UserAgent = ""; return list }),
			shows(func(_ *domain.User, list []domain.Session) []domain.Session { list[0].Methods = nil; return list }),
			shows(func(u *domain.User, list []domain.Session) []domain.Session { u.PasswordHash = ""; return list }),
		},
		"the latest login comes first": {
			shows(func(_ *domain.User, list []domain.Session) []domain.Session { slices.Reverse(list); return list }),
			shows(func(_ *domain.User, list []domain.Session) []domain.Session {
				slices.SortFunc(list, func(a, b domain.Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
				return list
			}),
			shows(func(_ *domain.User, list []domain.Session) []domain.Session {
				slices.SortFunc(list, func(a, b domain.Session) int { return b.RefreshedAt.Compare(a.RefreshedAt) })
				return list
			}),
			func(s *flawed) { // at least one
				s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
					return s.Store.Sessions(ctx, id, max(n, 1))
				}
			},
		},
		"sessions that ended are not shown": {
			func(s *flawed) { // ended ones too
				s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
					user, _, err := s.Store.Sessions(ctx, id, n)
					return user, upTo(n, latestFirst(s.all(ctx, id))), err
				}
			},
			func(s *flawed) { // ended ones count, and are left out then
				s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
					user, _, err := s.Store.Sessions(ctx, id, n)
					return user, slices.DeleteFunc(upTo(n, latestFirst(s.all(ctx, id))), domain.Session.Ended), err
				}
			},
			shows(func(u *domain.User, list []domain.Session) []domain.Session { // no logged-out ones
				return slices.DeleteFunc(list, func(s domain.Session) bool { return domain.StandingOf(*u, s).Refuse(at(0)) != nil })
			}),
		},
		"sessions of others are not shown": {func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				user, _, err := s.Store.Sessions(ctx, id, n)
				return user, upTo(n, latestFirst(s.all(ctx, userID(0), userID(1), userID(2)))), err
			}
		}},
		"sessions of nobody are not found": {func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				user, sessions, err := s.Store.Sessions(ctx, id, n)
				if errors.Is(err, domain.NotFound) {
					err = nil
				}
				return user, sessions, err
			}
		}},
		"a user and their sessions are one snapshot": {func(s *flawed) { // somebody writes between the two reads
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				_, sessions, err := s.Store.Sessions(ctx, id, n)
				if err == nil {
					err = logOut(ctx, s.Store, at(0), sessions[0], domain.Others)
				}
				user, _, _ := s.Store.Sessions(ctx, id, n)
				return user, sessions, err
			}
		}},
		"sessions that came back are the caller's": {func(s *flawed) {
			user, sessions, err := domain.User{}, []domain.Session(nil), error(nil)
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				if user.ID != id {
					user, sessions, err = s.Store.Sessions(ctx, id, n)
				}
				return user, sessions, err
			}
		}},
		"with a cancelled context sessions are a failure": {func(s *flawed) {
			s.sessions = func(ctx context.Context, id domain.UserID, n int) (domain.User, []domain.Session, error) {
				return s.Store.Sessions(context.WithoutCancel(ctx), id, n)
			}
		}},
	}
}

// takenIsNil answers nil where an email is taken.
func takenIsNil(s *flawed) {
	s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
		err := s.Store.Change(ctx, id, f, about...)
		if errors.Is(err, domain.EmailTaken) {
			return nil
		}
		return err
	}
}

func flawedChanges() map[string][]flaw {
	return map[string][]flaw{
		"an email moves with its user": {takenIsNil, func(s *flawed) { // some failure
			s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := s.Store.Change(ctx, id, f, about...)
				if errors.Is(err, domain.EmailTaken) {
					return errMine
				}
				return err
			}
		}},
		"a change to a taken email writes nothing": {takenIsNil, func(s *flawed) { // all but the email
			s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				err := s.Store.Change(ctx, id, f, about...)
				if errors.Is(err, domain.EmailTaken) {
					_ = s.Store.Change(ctx, id, func(a *domain.Account) error {
						email := a.User.Email
						err := f(a)
						a.User.Email = email
						return err
					}, about...)
				}
				return err
			}
		}},
		"a changed email at once goes to one": {takenIsNil},
	}
}

// refuseFlaws holds that each row refuses each flaw of its own, and that there is one for each row.
func refuseFlaws[S any](t *testing.T, rows []row[S], flaws map[string][]flaw, subject func(flaw) S) {
	t.Helper()
	for name, all := range flaws {
		i := slices.IndexFunc(rows, func(r row[S]) bool { return r.name == name })
		if i < 0 {
			t.Errorf("no row is called %q", name)
			continue
		}
		for n, f := range all {
			if err := rows[i].prove(t.Context(), subject(f)); err == nil {
				t.Errorf("the row %q takes the store that breaks it in way %d: %s", name, n, rows[i].why)
			} else {
				t.Logf("%s, way %d: %v", name, n, err)
			}
		}
	}
}

// flawedEach wants a flaw for each row.
func flawedEach[S any](t *testing.T, rows []row[S], flaws map[string][]flaw) {
	t.Helper()
	for _, r := range rows {
		if len(flaws[r.name]) == 0 {
			t.Errorf("no store breaks the row %q", r.name)
		}
	}
}

func TestStoreRowsRefuseWhatBreaksThem(t *testing.T) {
	store := func(f flaw) application.Store { return f.store() }
	flawedEach(t, listedRows(), flawedLists())
	flawedEach(t, purgeRows(), flawedPurges())
	refuseFlaws(t, listedRows(), flawedLists(), store)
	refuseFlaws(t, purgeRows(), flawedPurges(), store)
	refuseFlaws(t, append(changeRows(), concurrencyRows()...), flawedChanges(), store)
}
