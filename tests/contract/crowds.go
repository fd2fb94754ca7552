package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func changesAgainstDeletions(ctx context.Context, s application.Store) error {
	const users, writers = 4, 4
	if err := people(ctx, s, users); err != nil {
		return err
	}
	for u := range users {
		for i := range 2 {
			if _, err := signIn(ctx, s, at(0), userID(u), sessionID(2*u+i)); err != nil {
				return err
			}
		}
	}
	for u := range users {
		err := atOnce(writers+1, func(w int) error {
			if w == writers {
				return s.Change(ctx, userID(u), func(a *domain.Account) error { a.Delete(); return nil })
			}
			about := []domain.SessionID{sessionID(2 * u), sessionID(2*u + 1)}
			if w%2 == 1 {
				about[0], about[1] = about[1], about[0]
			}
			for i := range 5 {
				err := s.Change(ctx, userID(u), func(a *domain.Account) error {
					a.LogOut(at(time.Duration(i)*time.Second), about[0], domain.Others)
					_, err := a.Open(at(0), opening(sessionID(1000*u+100*w+i+100)))
					return err
				}, about...)
				if errors.Is(err, domain.NotFound) {
					return nil
				}
				if err != nil {
					return fmt.Errorf("Change beside a deletion: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var ids []domain.SessionID
	for i := range 1000 * users {
		ids = append(ids, sessionID(i))
	}
	found, err := s.Standings(ctx, ids...)
	if err != nil || len(found) > 0 {
		return fmt.Errorf("of deleted users %d sessions are left, %v", len(found), err)
	}
	return samePage(ctx, s, "", 10, nil)
}

func differentUsers(ctx context.Context, s application.Store) error {
	const users, each = 8, 5
	if err := people(ctx, s, users); err != nil {
		return err
	}
	err := atOnce(users, func(u int) error {
		for i := range each {
			if _, err := signIn(ctx, s, at(0), userID(u), sessionID(u*each+i)); err != nil {
				return err
			}
		}
		// Everybody names the sessions of everybody, in an order of their own.
		var about []domain.SessionID
		for i := range users * each {
			about = append(about, sessionID((i+u*each)%(users*each)))
		}
		if u%2 == 1 {
			slices.Reverse(about)
		}
		return s.Change(ctx, userID(u), func(a *domain.Account) error {
			for i := range each {
				if !a.LogOut(at(time.Second), sessionID(u*each+i), domain.Local) {
					return fmt.Errorf("user %d is not shown their session %d", u, i)
				}
			}
			for i := range users * each {
				if _, seen := a.Session(sessionID(i)); seen && i/each != u {
					return fmt.Errorf("user %d is shown session %d of user %d", u, i%each, i/each)
				}
			}
			return nil
		}, about...)
	})
	if err != nil {
		return err
	}
	for u := range users {
		for i := range each {
			session, err := look1(ctx, s, userID(u), sessionID(u*each+i))
			if err != nil {
				return err
			}
			if !session.Ended() {
				return fmt.Errorf("session %d of user %d has not ended", i, u)
			}
		}
	}
	return nil
}

func additionsAtOnce(ctx context.Context, s application.Store) error { return oneEmailOneUser(ctx, s) }

func oneEmailOneUser(ctx context.Context, handles ...application.Store) error {
	const additions = 20
	var won atomic.Int64
	winner := make(chan domain.UserID, additions)
	err := atOnce(additions, func(i int) error {
		user := person(i)
		user.Email = "everybody@example.com"
		err := handles[i%len(handles)].Add(ctx, user)
		if err == nil {
			won.Add(1)
			winner <- user.ID
			return nil
		}
		return expect("Add", err, domain.EmailTaken)
	})
	if err != nil {
		return err
	}
	if won.Load() != 1 {
		return fmt.Errorf("%d additions succeeded", won.Load())
	}
	for _, s := range handles {
		page, err := s.Page(ctx, "", additions)
		if err != nil {
			return fmt.Errorf("Page: %w", err)
		}
		if len(page) != 1 {
			return fmt.Errorf("%d users are there", len(page))
		}
	}
	user, err := handles[0].ByEmail(ctx, "everybody@example.com")
	if id := <-winner; err != nil || user.ID != id {
		return fmt.Errorf("%s was added, ByEmail shows %s, %w", id, user.ID, err)
	}
	return nil
}

func sameAdditionAtOnce(ctx context.Context, s application.Store) error {
	if err := atOnce(20, func(int) error { return s.Add(ctx, person(0)) }); err != nil {
		return fmt.Errorf("Add: %w", err)
	}
	return samePage(ctx, s, "", 10, []domain.Email{person(0).Email})
}
