package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func purgeRows() []row[application.Store] {
	return []row[application.Store]{
		{"what stands is never purged",
			"Purge removes nothing that stands, and nothing that is over for a shorter time, to the microsecond.", standingIsNotPurged},
		{"each kind of what is over is purged",
			"Purge removes what ended, what is past an age and what its user's logout ended, and says how many.", overIsPurged},
		{"what a token could begin anew is kept",
			"Purge keeps until its KeepUntil what ended or is past an age, and not what its user's logout ended.", keptUntil},
		{"a walk looks at all",
			"Purge, called with what it returned, looks at all sessions in the order of their IDs, and ends.", walksLookAtAll},
		{"a walk begins after its argument",
			"Purge looks at those whose IDs come after the given one, which need not be anybody's, nor an ID.", walksBegin},
		{"a purge keeps its bound",
			"Purge looks at n sessions at most: of none, or fewer, it removes none.", purgesInBounds},
		{"what was purged is unknown and nothing else is touched",
			"A purged session is one that nobody knows; its user and the others are as they were.", purgedIsUnknown},
		{"with a cancelled context a purge is a failure",
			"With a cancelled context Purge removes nothing.", purgeCancelled},
		{"walks at once beside everything else",
			"Any number of nodes may purge at any time: nothing fails for it, and nothing that stands is gone.", walksAtOnce},
	}
}

// purge is the time that rows about purging ask for.
func purge(ctx context.Context, s application.Store, before time.Time, n int) (removed int, looked []domain.SessionID, _ error) {
	after := domain.SessionID("")
	for range 10_000 {
		last, k, err := s.Purge(ctx, before, after, n)
		if err != nil {
			return removed, looked, fmt.Errorf("Purge after %q: %w", after, err)
		}
		removed += k
		if last == "" {
			return removed, looked, nil
		}
		if last <= after {
			return removed, looked, fmt.Errorf("Purge after %q returned %q, which is no way on", after, last)
		}
		looked = append(looked, last)
		after = last
	}
	return removed, looked, errors.New("a walk does not end")
}

// there returns which of the sessions are there, whether they stand or not.
func there(ctx context.Context, s application.Store, n int) ([]int, error) {
	var ids []domain.SessionID
	for i := range n {
		ids = append(ids, sessionID(i))
	}
	found, err := s.Standings(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("Standings: %w", err)
	}
	var left []int
	for i, id := range ids {
		if _, known := found[id]; known {
			left = append(left, i)
		}
	}
	return left, nil
}

func left(ctx context.Context, s application.Store, n int, want ...int) error {
	got, err := there(ctx, s, n)
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("of %d sessions those left are %v instead of %v", n, got, want)
	}
	return err
}

// lifetimes opens a session of a user of its own for each.
func lifetimes(ctx context.Context, s application.Store, ages ...domain.Lifetime) ([]domain.Session, error) {
	if err := people(ctx, s, len(ages)); err != nil {
		return nil, err
	}
	sessions := make([]domain.Session, len(ages))
	for i, age := range ages {
		err := s.Change(ctx, userID(i), func(a *domain.Account) (err error) {
			o := opening(sessionID(i))
			o.Lifetime = age
			sessions[i], err = a.Open(at(0), o)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("Change: %w", err)
		}
	}
	return sessions, nil
}

// kinds are the ways for a session to be over: five sessions, each over at an hour after noon in its own way, and a
// sixth that stands.
func kinds(ctx context.Context, s application.Store) error {
	long := domain.Lifetime{Absolute: 100 * time.Hour, Idle: 50 * time.Hour}
	sessions, err := lifetimes(ctx, s, long, domain.Lifetime{Absolute: 100 * time.Hour, Idle: time.Hour},
		domain.Lifetime{Absolute: time.Hour, Idle: 50 * time.Hour}, long, long, long)
	if err != nil {
		return err
	}
	over := at(time.Hour)
	err = errors.Join(logOut(ctx, s, over, sessions[0], domain.Local), logOut(ctx, s, over, sessions[3], domain.Global),
		s.Change(ctx, userID(4), func(a *domain.Account) error { a.Disable(over); return nil }))
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	return nil
}

func standingIsNotPurged(ctx context.Context, s application.Store) error {
	if err := kinds(ctx, s); err != nil {
		return err
	}
	for _, before := range []time.Time{{}, at(-time.Hour), at(0), at(time.Hour - domain.Tick), at(time.Hour)} {
		for _, n := range []int{1, 4, 100} {
			removed, _, err := purge(ctx, s, before, n)
			if err != nil {
				return err
			}
			if removed != 0 {
				return fmt.Errorf("before %v %d sessions were removed, which were not over", before, removed)
			}
			if err := left(ctx, s, 6, 0, 1, 2, 3, 4, 5); err != nil {
				return err
			}
		}
	}
	return nil
}

func overIsPurged(ctx context.Context, s application.Store) error {
	if err := kinds(ctx, s); err != nil {
		return err
	}
	before := at(time.Hour + domain.Tick)
	removed, _, err := purge(ctx, s, before, 100)
	if err != nil {
		return err
	}
	if err := left(ctx, s, 6, 5); err != nil {
		return err
	}
	if removed != 5 {
		return fmt.Errorf("five sessions are gone, and Purge says %d", removed)
	}
	if removed, _, err = purge(ctx, s, before, 100); err != nil || removed > 0 {
		return fmt.Errorf("a second walk removed %d, %v", removed, err)
	}
	// What an old logout did not end lives on: the login came later.
	if _, err := signIn(ctx, s, at(2*time.Hour), userID(3), sessionID(3)); err != nil {
		return err
	}
	if _, _, err := purge(ctx, s, at(10*time.Hour), 100); err != nil {
		return err
	}
	return left(ctx, s, 6, 3, 5)
}

// pairs opens sessions of which those with odd numbers are over at an hour after noon.
func pairs(ctx context.Context, s application.Store, n int) ([]domain.Session, error) {
	ages := make([]domain.Lifetime, n)
	for i := range ages {
		ages[i] = domain.Lifetime{Absolute: 100 * time.Hour, Idle: 100 * time.Hour}
		if i%2 == 1 {
			ages[i].Idle = time.Hour
		}
	}
	return lifetimes(ctx, s, ages...)
}

func purgedIsUnknown(ctx context.Context, s application.Store) error {
	sessions, err := pairs(ctx, s, 4)
	if err != nil {
		return err
	}
	var users []domain.User
	for i := range 4 {
		user, _, err := look(ctx, s, userID(i))
		if err != nil {
			return err
		}
		users = append(users, user)
	}
	if _, _, err := purge(ctx, s, at(10*time.Hour), 100); err != nil {
		return err
	}
	if _, err := refresh(ctx, s, at(0), sessions[1], 0); !errors.Is(err, domain.TokenRevoked) {
		return fmt.Errorf("a refresh of a purged session answered %v", err)
	}
	for i, user := range users {
		kept := sessions[i : i+1]
		if i%2 == 1 {
			kept = nil
		}
		if err := errors.Join(sameAccount(ctx, s, user, kept...), sameList(ctx, s, 10, user, kept...)); err != nil {
			return err
		}
	}
	_, err = signIn(ctx, s, at(10*time.Hour), userID(1), sessionID(9))
	return errors.Join(err, expect("the next login", stands(ctx, s, at(10*time.Hour), sessionID(9)), nil))
}

func purgeCancelled(ctx context.Context, s application.Store) error {
	if _, err := pairs(ctx, s, 2); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, removed, err := s.Purge(gone, at(10*time.Hour), "", 10)
	if removed != 0 {
		return fmt.Errorf("Purge with a cancelled context removed %d", removed)
	}
	return errors.Join(failed("Purge", err), left(ctx, s, 2, 0, 1))
}
