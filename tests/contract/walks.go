package contract

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func walksLookAtAll(ctx context.Context, s application.Store) error {
	if last, removed, err := s.Purge(ctx, at(10*time.Hour), "", 10); err != nil || last != "" || removed != 0 {
		return fmt.Errorf("of no sessions Purge removed %d and goes on after %q, %v", removed, last, err)
	}
	const n = 11
	if _, err := pairs(ctx, s, n); err != nil {
		return err
	}
	for _, step := range []int{1, 2, n - 1, n, 1 << 20} { // nothing is over, yet all are looked at
		_, looked, err := purge(ctx, s, at(0), step)
		if err != nil {
			return err
		}
		if least := (n - 1) / step; len(looked) < least {
			return fmt.Errorf("%d steps of %d looked at %d sessions", len(looked)+1, step, n)
		}
	}
	removed, looked, err := purge(ctx, s, at(10*time.Hour), 3)
	if err != nil {
		return err
	}
	if removed != n/2 || len(looked) < 3 {
		return fmt.Errorf("%d were removed of %d that are over, in %d steps of three", removed, n/2, len(looked)+1)
	}
	return left(ctx, s, n, 0, 2, 4, 6, 8, 10)
}

func walksBegin(ctx context.Context, s application.Store) error {
	const n = 4
	bounds := append(strangers(string(sessionID(1))), string(sessionID(0)), string(sessionID(1)), string(sessionID(3)),
		string(sessionID(1))[:35], string(sessionID(0))+"\xff", string(sessionID(1))[:35]+"\xff", "0196a0c0-0000-7000-9000-", "0196a0bf",
		"0196a0c0-0000-7000-9000-000000000000\x00", "0196a0c0-0000-7000-9000:", "g", "f", "~", "-", "/", "\x00", "\xff", "ff",
		"ffffffff-ffff-ffff-ffff-ffffffffffff", "0196a0c0-0000-7000-8fff-ffffffffffff", "0196A0C0-0000-7000-9000-000000000001")
	if err := people(ctx, s, 1); err != nil {
		return err
	}
	for _, after := range bounds {
		var want []int
		for i := range n {
			err := s.Change(ctx, userID(0), func(a *domain.Account) error {
				if _, there := a.Session(sessionID(i)); there {
					return nil
				}
				_, err := a.Open(at(0), opening(sessionID(i)))
				return err
			}, sessionID(i))
			if err != nil {
				return fmt.Errorf("Change: %w", err)
			}
			if string(sessionID(i)) <= after {
				want = append(want, i)
			}
		}
		last, removed, err := s.Purge(ctx, at(10000*time.Hour), domain.SessionID(after), 100)
		if err != nil || last != "" || removed != n-len(want) {
			return fmt.Errorf("Purge after %q removed %d and goes on after %q, %v", after, removed, last, err)
		}
		if err := left(ctx, s, n, want...); err != nil {
			return fmt.Errorf("Purge after %q: %w", after, err)
		}
	}
	return nil
}

func purgesInBounds(ctx context.Context, s application.Store) error {
	const n = 5
	if _, err := pairs(ctx, s, n); err != nil {
		return err
	}
	for _, none := range []int{0, -1, -1 << 31} { // nonsense may be an error
		last, removed, _ := s.Purge(ctx, at(10*time.Hour), "", none)
		if removed != 0 || last != "" {
			return fmt.Errorf("Purge of %d removed %d and goes on after %q", none, removed, last)
		}
		if err := left(ctx, s, n, 0, 1, 2, 3, 4); err != nil {
			return err
		}
	}
	last, removed, err := s.Purge(ctx, at(10*time.Hour), "", 3)
	if err != nil || last == "" || last > sessionID(2) || removed > 1 {
		return fmt.Errorf("Purge of three removed %d and goes on after %q, %v", removed, last, err)
	}
	if got, err := there(ctx, s, n); err != nil || !slices.Contains(got, 3) {
		return fmt.Errorf("Purge of three looked at a fourth: left are %v, %v", got, err)
	}
	return nil
}
