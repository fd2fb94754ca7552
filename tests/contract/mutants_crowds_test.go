package contract

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// meeting returns what has the first two of those who call it, after some, wait for each other: so that both have read
// before either writes.
func meeting(skip int64) func() {
	var came atomic.Int64
	both := make(chan struct{})
	return func() {
		switch came.Add(1) - skip {
		case 1:
			select {
			case <-both:
			case <-time.After(time.Second): // nobody else comes
			}
		case 2:
			close(both)
		}
	}
}

// lockless reads, calls f and writes, and holds nothing meanwhile.
func lockless(skip int64) flaw { return func(s *flawed) { unlocked(meeting(skip))(s) } }

func unlocked(meet func()) flaw {
	return func(s *flawed) {
		s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			account := s.account(id, about)
			if account == nil {
				return domain.NotFound
			}
			meet()
			if err := f(account); err != nil {
				return err
			}
			return s.save(id, account.Changes())
		}
	}
}

// lagging shows a change the user as they were one write ago.
func lagging(s *flawed) {
	was := map[domain.UserID]domain.User{}
	s.keepUser = func(old, u domain.User) domain.User { was[u.ID] = old; return u }
	s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
		if len(about) == 0 {
			return s.madeUp.Change(ctx, id, f)
		}
		if err := s.begin(ctx); err != nil {
			return err
		}
		defer s.end()
		s.mu.Lock()
		old, lags := was[id]
		named := s.madeUp.sessions[about[0]]
		s.mu.Unlock()
		account := s.account(id, about)
		if lags && old.ID != "" {
			account = domain.NewAccount(old, named)
		}
		if err := f(account); err != nil {
			return err
		}
		return s.save(id, account.Changes())
	}
}

func brokenCrowds() []mutant[application.Store] {
	return []mutant[application.Store]{
		broken("lost updates", lockless(0), "changes at once lose nothing"),
		broken("two rotations of one token", lockless(1), "one refresh token at once rotates once"),
		broken("a lock on sessions and none on the user", func(s *flawed) {
			without := unlocked(func() {})
			s.change = func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if len(about) > 0 {
					return s.madeUp.Change(ctx, id, f, about...)
				}
				return without.on(s)(ctx, id, f)
			}
		}, "whoever waits sees what was written"),
		broken("a change decided on a replica that lags", lagging, "what begins after a logout sees it"),
		broken("a deadlock now and then", changes(func(_ *flawed, right changing) changing {
			var n atomic.Int64
			return func(ctx context.Context, id domain.UserID, f func(*domain.Account) error, about ...domain.SessionID) error {
				if len(about) > 1 && n.Add(1)%5 == 0 {
					return errors.New("deadlock detected")
				}
				return right(ctx, id, f, about...)
			}
		}), "changes against deletions finish"),
		broken("check and addition are two", func(s *flawed) {
			meet := meeting(0)
			s.add = func(ctx context.Context, u domain.User) error {
				s.mu.Lock()
				_, taken := s.owner(u.Email)
				s.mu.Unlock()
				meet()
				if taken {
					return domain.EmailTaken
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				s.users[u.ID] = u
				return nil
			}
		}, "an email at once goes to one"),
	}
}

// on returns the Change that the flaw gives.
func (f flaw) on(s *flawed) changing {
	other := &flawed{madeUp: s.madeUp}
	f(other)
	return other.change
}

func sharedSuite() suite[nodes] {
	alike := func(f flaw) nodes { // two nodes with one fault
		a := f.store()
		b := &flawed{}
		*b = *a
		return nodes{a, b}
	}
	pair := func(wrong string, open func() nodes, rows ...string) mutant[nodes] {
		return mutant[nodes]{wrong: wrong, rows: rows, open: func(testing.TB) nodes { return open() }}
	}
	both := func(wrong string, f flaw, rows ...string) mutant[nodes] {
		return pair(wrong, func() nodes { return alike(f) }, rows...)
	}
	beside := func(wrong string, f flaw, rows ...string) mutant[nodes] { // the second node has it
		return pair(wrong, func() nodes {
			b := f.store()
			a := &flawed{}
			*a = *b
			a.madeUp, a.add, a.byEmail, a.page, a.sessions = b.madeUp, b.madeUp.Add, b.madeUp.ByEmail, b.madeUp.Page, b.madeUp.Sessions
			a.standings, a.purge, a.change, a.now, a.count, a.forget = b.madeUp.Standings, b.madeUp.Purge, b.madeUp.Change, b.madeUp.Now, b.Store.Count, b.Store.Forget
			return nodes{a, b}
		}, rows...)
	}
	const seen, lose, once, logins, refreshes, half = "a write on one node is seen on the other at once", "changes of two nodes at once lose nothing",
		"one refresh token on two nodes rotates once", "a logout on one node holds against logins on the other", "a refresh on one node sees the logout on the other",
		"one node never sees half a write of the other"
	const email, purge, tries, overlaps, forgets, clock, apartClocks = "an email on two nodes goes to one", "two nodes may purge beside everything else", "tries on two nodes pass up to the burst",
		"overlapping buckets on two nodes in any order", "forgetting on two nodes beside counting", "the clock is the nodes' own", "clocks an hour apart change no answer"
	own := flaw(func(s *flawed) { // counts on this node alone
		apart := newMadeUp()
		s.count, s.forget = apart.Store.Count, apart.Store.Forget
	})
	return suite[nodes]{
		name: "SharedStores", rows: sharedRows(), right: func(testing.TB) nodes { return alike(right) },
		mutants: []mutant[nodes]{
			pair("two databases", func() nodes { return nodes{flaw(right).store(), flaw(right).store()} }, seen, lose, once, logins, refreshes, half, email, tries,
				overlaps, forgets, apartClocks, "two nodes agree on a first key", "two nodes rotate once", "changes of keys on two nodes lose nothing", "a changed email on two nodes goes to one"),
			both("locks that hold in one process", lockless(0), lose, "whoever waits on one node sees what the other wrote"),
			both("two rotations on two nodes", lockless(1), once),
			both("an email that is taken is nil on two nodes", takenIsNil, "a changed email on two nodes goes to one"),
			both("a purge four hours too early", early(4*time.Hour), purge),
			both("logouts in seconds", keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) }), logins, apartClocks),
			both("changes decided on a replica that lags", lagging, refreshes),
			beside("a node that remembers standings", standings(func(_ *flawed, right standingsOf) standingsOf {
				kept := map[domain.SessionID]domain.Standing{}
				return func(ctx context.Context, ids ...domain.SessionID) (map[domain.SessionID]domain.Standing, error) {
					if st, known := kept[ids[0]]; known {
						return map[domain.SessionID]domain.Standing{ids[0]: st}, nil
					}
					found, err := right(ctx, ids...)
					for id, st := range found {
						kept[id] = st
					}
					return found, err
				}
			}), seen, apartClocks),
			beside("a node that purges everything", purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) {
				*before = before.Add(100 * 24 * time.Hour)
			}), purge),
			beside("a node that counts by itself", own, tries, overlaps, forgets),
			beside("a node whose clock is an hour ahead", func(s *flawed) {
				s.now = func(ctx context.Context) (time.Time, error) { return time.Now().Add(time.Hour), ctx.Err() }
			}, clock),
		},
	}
}

func durableSuite() suite[func() application.Store] {
	// Each opening is on the same place, to which something happens first.
	reopened := func(happens func(m *madeUp, opening int)) func() application.Store {
		m, n := newMadeUp(), 0
		return func() application.Store {
			n++
			m.mu.Lock()
			defer m.mu.Unlock()
			happens(m, n)
			return m
		}
	}
	lost := func(wrong string, happens func(m *madeUp, opening int), rows ...string) mutant[func() application.Store] {
		return mutant[func() application.Store]{wrong: wrong, rows: rows, open: func(testing.TB) func() application.Store { return reopened(happens) }}
	}
	users := func(alter func(u *domain.User)) func(*madeUp, int) {
		return func(m *madeUp, _ int) {
			for id, u := range m.users {
				alter(&u)
				m.users[id] = u
			}
		}
	}
	sessions := func(alter func(n *domain.Session)) func(*madeUp, int) {
		return func(m *madeUp, _ int) {
			for id, n := range m.sessions {
				alter(&n)
				m.sessions[id] = n
			}
		}
	}
	const people, logins, logouts, tokens, deleted, refusals = "users are there again", "sessions are there again", "a logout holds for ever",
		"a refresh token that was used stays used", "what was deleted stays deleted", "what was refused is not there"
	const taken, keys, attempts, purged, many = "emails and IDs stay taken", "keys are there again", "attempts are there again", "what was purged stays purged", "many re-opens lose nothing"
	return suite[func() application.Store]{
		name: "Durable", rows: durableRows(), right: func(testing.TB) func() application.Store { return reopened(func(*madeUp, int) {}) },
		mutants: []mutant[func() application.Store]{
			lost("nothing lasts", func(m *madeUp, _ int) { clear(m.users); clear(m.sessions); m.Store = newMadeUp().Store }, people, logins, logouts, tokens, taken, keys, attempts, purged, many),
			lost("roles do not last", users(func(u *domain.User) { u.Roles = nil }), people),
			lost("logouts are in memory", users(func(u *domain.User) { u.LogoutTime = time.Time{} }), logouts, people),
			lost("ends are in memory", sessions(func(n *domain.Session) { n.EndedAt, n.EndReason = time.Time{}, "" }), logins, logouts),
			lost("counts are in memory", sessions(func(n *domain.Session) { n.RefreshCount = 0 }), tokens, logins),
			lost("sessions older than the process are gone", func(m *madeUp, _ int) { clear(m.sessions) }, logins, many),
			lost("what was deleted comes back", comesBack(func(m *madeUp) {
				if _, there := m.users[userID(0)]; !there && len(m.users) > 0 {
					m.users[userID(0)] = person(0)
				}
			}), deleted),
			lost("the sessions of a deleted user come back to an heir", comesBack(func(m *madeUp) {
				if _, there := m.users[userID(0)]; !there && len(m.users) > 0 {
					m.sessions[sessionID(0)] = domain.Session{ID: sessionID(0), UserID: userID(1), LoginTime: at(0), IdleUntil: at(time.Hour), Until: at(time.Hour)}
				}
			}), deleted),
			lost("what was refused is in the log that is played again", users(func(u *domain.User) { u.Roles = []domain.Role{"refused"} }), refusals),
			lost("what was purged comes back", comesBack(func(m *madeUp) {
				for i := range 4 {
					if _, there := m.users[userID(i)]; there {
						m.sessions[sessionID(i)] = domain.Session{ID: sessionID(i), UserID: userID(i)}
					}
				}
			}), purged),
			lost("attempts are in memory", func(m *madeUp, _ int) { m.Store = newMadeUp().Store }, attempts, keys),
			lost("IDs are forgotten and emails kept", func(m *madeUp, _ int) {
				for id, u := range m.users {
					delete(m.users, id)
					u.ID = userID(1000 + len(m.users))
					m.users[u.ID] = u
				}
			}, taken, many),
		},
	}
}

// comesBack happens at each opening but the first.
func comesBack(f func(m *madeUp)) func(*madeUp, int) {
	return func(m *madeUp, opening int) {
		if opening > 1 {
			f(m)
		}
	}
}
