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

// nodesAlike is two nodes with one fault.
func nodesAlike(f flaw) nodes {
	a := f.store()
	b := &flawed{}
	*b = *a
	return nodes{a, b}
}

// onNodes is a mutant of two nodes.
func onNodes(wrong string, open func() nodes, rows ...string) mutant[nodes] {
	return mutant[nodes]{wrong: wrong, rows: rows, open: func(testing.TB) nodes { return open() }}
}

// onBothNodes is a mutant of two nodes that have one fault.
func onBothNodes(wrong string, f flaw, rows ...string) mutant[nodes] {
	return onNodes(wrong, func() nodes { return nodesAlike(f) }, rows...)
}

// onSecondNode is a mutant of two nodes of which the second has the fault.
func onSecondNode(wrong string, f flaw, rows ...string) mutant[nodes] {
	return onNodes(wrong, func() nodes {
		b := f.store()
		a := &flawed{}
		*a = *b
		a.madeUp, a.add, a.byEmail, a.page, a.sessions = b.madeUp, b.madeUp.Add, b.madeUp.ByEmail, b.madeUp.Page, b.madeUp.Sessions
		a.standings, a.purge, a.change, a.now, a.count, a.forget = b.madeUp.Standings, b.madeUp.Purge, b.madeUp.Change, b.madeUp.Now, b.Store.Count, b.Store.Forget
		return nodes{a, b}
	}, rows...)
}

func sharedSuite() suite[nodes] {
	return suite[nodes]{
		name: "SharedStores", rows: sharedRows(), right: func(testing.TB) nodes { return nodesAlike(right) },
		mutants: brokenNodes(),
	}
}

func brokenNodes() []mutant[nodes] {
	const seen, lose = "a write on one node is seen on the other at once", "changes of two nodes at once lose nothing"
	const once, logins = "one refresh token on two nodes rotates once", "a logout on one node holds against logins on the other"
	const refreshes, half = "a refresh on one node sees the logout on the other", "one node never sees half a write of the other"
	const email, purge, tries = "an email on two nodes goes to one", "two nodes may purge beside everything else", "tries on two nodes pass up to the burst"
	const overlaps, forgets, clock = "overlapping buckets on two nodes in any order", "forgetting on two nodes beside counting", "the clock is the nodes' own"
	const apartClocks = "clocks an hour apart change no answer"
	own := flaw(func(s *flawed) { // counts on this node alone
		apart := newMadeUp()
		s.count, s.forget = apart.Store.Count, apart.Store.Forget
	})
	return []mutant[nodes]{
		onNodes("two databases", func() nodes { return nodes{flaw(right).store(), flaw(right).store()} }, seen, lose, once, logins, refreshes, half, email, tries,
			overlaps, forgets, apartClocks, "two nodes agree on a first key", "two nodes rotate once", "changes of keys on two nodes lose nothing", "a changed email on two nodes goes to one"),
		onBothNodes("locks that hold in one process", lockless(0), lose, "whoever waits on one node sees what the other wrote"),
		onBothNodes("two rotations on two nodes", lockless(1), once),
		onBothNodes("an email that is taken is nil on two nodes", takenIsNil, "a changed email on two nodes goes to one"),
		onBothNodes("a purge four hours too early", early(4*time.Hour), purge),
		onBothNodes("logouts in seconds", keepsUsers(func(u *domain.User) { u.LogoutTime = u.LogoutTime.Truncate(time.Second) }), logins, apartClocks),
		onBothNodes("changes decided on a replica that lags", lagging, refreshes),
		onSecondNode("a node that remembers standings", standings(func(_ *flawed, right standingsOf) standingsOf {
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
		onSecondNode("a node that purges everything", purges(func(_ *context.Context, before *time.Time, _ *domain.SessionID, _ *int) {
			*before = before.Add(100 * 24 * time.Hour)
		}), purge),
		onSecondNode("a node that counts by itself", own, tries, overlaps, forgets),
		onSecondNode("a node whose clock is an hour ahead", func(s *flawed) {
			s.now = func(ctx context.Context) (time.Time, error) { return time.Now().Add(time.Hour), ctx.Err() }
		}, clock),
	}
}
