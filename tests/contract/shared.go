package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// nodes is one database seen through the stores of two nodes.
type nodes struct{ a, b application.Store }

// both calls f for a and b, then for b and a.
func (n nodes) both(f func(n nodes, round int) error) error {
	for i, pair := range []nodes{n, {n.b, n.a}} {
		if err := f(pair, i); err != nil {
			return fmt.Errorf("writing on the %s handle: %w", []string{"first", "second"}[i], err)
		}
	}
	return nil
}

// SharedStores proves that nodes may share a database. The function opens two handles, each of which knows of the
// other no more than two processes would, on one empty database.
func SharedStores(t *testing.T, open func(t *testing.T) (a, b application.Store)) {
	t.Helper()
	run(t, "shared", func(t *testing.T) nodes {
		a, b := open(t)
		return nodes{a, b}
	}, sharedRows())
}

func sharedRows() []row[nodes] {
	return []row[nodes]{
		{"a write on one node is seen on the other at once",
			"Once a write was acknowledged on one node, every other node sees it.", writesAreSeen},
		{"whoever waits on one node sees what the other wrote",
			"A change that waited for one of another node is decided on what that one wrote.", func(ctx context.Context, n nodes) error { return seenByWaiters(ctx, n.a, n.b) }},
		{"changes of two nodes at once lose nothing",
			"The user's lock holds between nodes: nothing is overwritten.", func(ctx context.Context, n nodes) error { return loseNothing(ctx, n.a, n.b) }},
		{"one refresh token on two nodes rotates once",
			"One refresh token that is presented to two nodes at once rotates once.", func(ctx context.Context, n nodes) error { return rotateOnce(ctx, n.a, n.b) }},
		{"a logout on one node holds against logins on the other",
			"Whatever was opened on one node before a logout was acknowledged on another never stands again.", func(ctx context.Context, n nodes) error { return deadAfterLogout(ctx, n.a, n.b) }},
		{"a refresh on one node sees the logout on the other",
			"A refresh that begins after a logout was acknowledged on another node is refused.", func(ctx context.Context, n nodes) error { return seenAfterLogout(ctx, n.a, n.b) }},
		{"one node never sees half a write of the other",
			"A user and their session, written together on one node, are never seen half on another.", func(ctx context.Context, n nodes) error { return neverHalf(ctx, n.a, n.b) }},
		{"an email on two nodes goes to one",
			"Of additions on two nodes at once with one email one succeeds, and each other one is EmailTaken.", func(ctx context.Context, n nodes) error { return oneEmailOneUser(ctx, n.a, n.b) }},
		{"two nodes agree on a first key",
			"Nodes that start at once on one database agree on one first key.", func(ctx context.Context, n nodes) error { return n.keys(ctx, firstOfAll) }},
		{"two nodes rotate once",
			"Of two nodes that find a rotation due at once one makes the key.", func(ctx context.Context, n nodes) error { return n.keys(ctx, rotateKeysOnce) }},
		{"changes of keys on two nodes lose nothing",
			"The lock on the ring holds between nodes.", func(ctx context.Context, n nodes) error { return n.keys(ctx, keepEveryKey) }},
		{"a changed email on two nodes goes to one",
			"Of changes on two nodes at once to one email one succeeds, and each other one is EmailTaken.", func(ctx context.Context, n nodes) error { return oneChangeOneEmail(ctx, n.a, n.b) }},
		{"two nodes may purge beside everything else",
			"Nodes may purge at any time: nothing fails for it on any node, and nothing that stands is gone.", func(ctx context.Context, n nodes) error { return walkBeside(ctx, n.a, n.b) }},
		{"tries on two nodes pass up to the burst",
			"Of a hundred tries at once, spread over nodes, exactly as many pass as the limit has room for (T042, T043, T045).", counting(burstPasses)},
		{"overlapping buckets on two nodes in any order",
			"Counts of overlapping buckets do not wait for each other in a circle between nodes, and lose nothing.", counting(overlap)},
		{"forgetting on two nodes beside counting",
			"No node forgets what is not empty, however much another one counts.", counting(forgetBeside)},
		{"the clock is the nodes' own",
			"Now is one clock for all nodes.", nodesShareAClock},
		{"clocks an hour apart change no answer",
			"What is logged out stays so and what is opened afterwards stands, whichever node's clock is an hour ahead.", clocksApart},
	}
}

func writesAreSeen(ctx context.Context, n nodes) error {
	return n.both(func(n nodes, round int) error {
		for i := 10 * round; i < 10*round+10; i++ {
			if err := n.a.Add(ctx, person(i)); err != nil {
				return fmt.Errorf("Add: %w", err)
			}
			got, err := n.b.ByEmail(ctx, person(i).Email)
			if err != nil {
				return fmt.Errorf("ByEmail: %w", err)
			}
			if err := sameUser("ByEmail", got, person(i)); err != nil {
				return err
			}
			session, err := signIn(ctx, n.a, at(0), userID(i), sessionID(i))
			if err != nil {
				return err
			}
			if err := expect("a login", stands(ctx, n.b, at(0), session.ID), nil); err != nil {
				return err
			}
			if err := logOut(ctx, n.a, at(0), session, domain.Global); err != nil {
				return err
			}
			if err := expect("a logout", stands(ctx, n.b, at(0), session.ID), domain.TokenRevoked); err != nil {
				return err
			}
			if err := n.a.Change(ctx, userID(i), func(a *domain.Account) error { a.Delete(); return nil }); err != nil {
				return fmt.Errorf("deleting: %w", err)
			}
			_, _, err = look(ctx, n.b, userID(i))
			if err := expect("Change of a deleted user", err, domain.NotFound); err != nil {
				return err
			}
		}
		return nil
	})
}

// keys calls f for the handles as stores of keys, if that is what they are.
func (n nodes) keys(ctx context.Context, f func(context.Context, ...application.KeyStore) error) error {
	a, keeps := n.a.(application.KeyStore)
	b, both := n.b.(application.KeyStore)
	if !keeps && !both {
		return nil // the keys of such a store are kept elsewhere
	}
	if keeps != both {
		return errors.New("one handle keeps keys, the other does not")
	}
	return f(ctx, a, b)
}

// counting is a row about stores that count attempts too; those of other stores are counted elsewhere.
func counting(check func(ctx context.Context, handles ...application.Attempts) error) func(context.Context, nodes) error {
	return func(ctx context.Context, n nodes) error {
		a, counts := n.a.(application.Attempts)
		b, both := n.b.(application.Attempts)
		if counts != both {
			return errors.New("one handle counts attempts, the other does not")
		}
		if !counts {
			return nil
		}
		return check(ctx, a, b)
	}
}

func nodesShareAClock(ctx context.Context, n nodes) error {
	var last time.Time
	for i := range 20 {
		now, err := []application.Store{n.a, n.b}[i%2].Now(ctx)
		if err != nil {
			return fmt.Errorf("Now: %w", err)
		}
		if now.Before(last) {
			return fmt.Errorf("Now shows %v on one node after %v on the other", now, last)
		}
		last = now
	}
	return nil
}
