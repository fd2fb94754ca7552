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

// meet lets a first caller rest inside of its lock until a second one has come as far as it can: into its own f, where
// a store is optimistic or has no lock at all, or to the lock. Both are given what their f calls when it is entered.
func meet(ctx context.Context, first, second func(inside func()) error) error {
	entered, released, came := make(chan struct{}), make(chan struct{}), make(chan struct{})
	done := make(chan error, 2)
	go func() {
		once := false
		done <- safely(func() error {
			return first(func() {
				if once { // f may run again
					return
				}
				once = true
				close(entered)
				select {
				case <-released:
				case <-ctx.Done():
				}
			})
		})
	}()
	select {
	case <-entered:
	case err := <-done:
		return fmt.Errorf("the first of two came back before its f was called: %w", err)
	}
	go func() {
		once := false
		done <- safely(func() error {
			return second(func() {
				if !once {
					once = true
					close(came)
				}
			})
		})
	}()
	select {
	case <-came:
		time.Sleep(lead) // so that it would write first
	case <-time.After(lead):
	}
	close(released)
	return errors.Join(<-done, <-done)
}

// lead is how far the second caller may come while the first one rests.
const lead = 30 * time.Millisecond

func waitersSee(ctx context.Context, s application.Store) error { return seenByWaiters(ctx, s, s) }

// seenByWaiters has, on two handles, a login and a logout each wait for another decision about the same user.
func seenByWaiters(ctx context.Context, a, b application.Store) error {
	if err := people(ctx, a, 1); err != nil {
		return err
	}
	session, err := signIn(ctx, a, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	err = meet(ctx, func(inside func()) error {
		return a.Change(ctx, userID(0), func(account *domain.Account) error {
			inside()
			account.SetRoles("first")
			return nil
		})
	}, func(inside func()) error {
		return b.Change(ctx, userID(0), func(account *domain.Account) error {
			inside()
			account.LogOutEverywhere(at(time.Minute))
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("Change: %w", err)
	}
	user, _, err := look(ctx, a, userID(0))
	if err != nil {
		return err
	}
	if !slices.Equal(user.Roles, []domain.Role{"first"}) || user.LogoutTime.IsZero() {
		return fmt.Errorf("of two changes at once one is lost: %+v", user)
	}
	var seen error
	err = meet(ctx, func(inside func()) error {
		return a.Change(ctx, userID(0), func(account *domain.Account) error {
			inside()
			account.Disable(at(time.Minute))
			return nil
		})
	}, func(inside func()) error {
		err := b.Change(ctx, userID(0), func(account *domain.Account) error {
			inside()
			if _, found := account.Session(session.ID); !found {
				return errors.New("f is not shown the session that was named")
			}
			_, err := account.Open(at(time.Hour), opening(sessionID(1)))
			return err
		}, session.ID)
		seen = expect("a login that waited for a disabling", err, domain.InvalidCredentials)
		return nil
	})
	return errors.Join(err, seen)
}

func countersSee(ctx context.Context, s application.Attempts) error {
	limit := domain.Limit{Burst: 1, Every: time.Hour}
	var passed [2]bool
	charge := func(i int) func(func()) error {
		return func(inside func()) error {
			return s.Count(ctx, []string{"a"}, func(empty []time.Time) []time.Time {
				inside()
				next, wait := limit.Charge(at(0), empty[0])
				passed[i] = wait == 0
				if !passed[i] {
					return nil
				}
				return []time.Time{next}
			})
		}
	}
	if err := meet(ctx, charge(0), charge(1)); err != nil {
		return fmt.Errorf("Count: %w", err)
	}
	if passed[0] == passed[1] {
		return fmt.Errorf("of two tries at once, with room for one, passed %v", passed)
	}
	return full(ctx, s, []string{"a"}, at(time.Hour))
}

func keyChangersSee(ctx context.Context, s application.KeyStore) error {
	put := func(i int) func(func()) error {
		return func(inside func()) error {
			return changeKeys(ctx, s, func(r *domain.Ring) {
				inside()
				r.First(at(0), key(fmt.Sprint("key-", i), domain.Access, time.Duration(i)))
			})
		}
	}
	if err := meet(ctx, put(0), put(1)); err != nil {
		return err
	}
	keys, err := s.Keys(ctx)
	if err != nil || len(keys) != 1 {
		return fmt.Errorf("two first keys at once are %d keys, %v", len(keys), err)
	}
	return nil
}

func keysWaiting(ctx context.Context, s application.KeyStore) error {
	holding, gaveUp, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		entered := false
		held <- safely(func() error {
			return changeKeys(ctx, s, func(r *domain.Ring) {
				if !entered {
					entered = true
					close(holding)
				}
				select {
				case <-gaveUp:
				case <-ctx.Done():
				}
				r.Put(key("holder", domain.Access, 0))
			})
		})
	}()
	select {
	case <-holding:
	case err := <-held:
		return fmt.Errorf("the first ChangeKeys came back before f was called: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	waited := addKeys(short, s, key("waiter", domain.Access, 0))
	close(gaveUp)
	return errors.Join(
		expect("the ChangeKeys that held the ring", <-held, nil), failed("the ChangeKeys that waited", waited),
		sameKeys(ctx, s, key("holder", domain.Access, 0)),
	)
}
