package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func concurrencyRows() []row[application.Store] {
	return []row[application.Store]{
		{"whoever waits sees what was written",
			"A change that waited for another one is decided on what that one wrote.", waitersSee},
		{"changes at once lose nothing",
			"Change locks the user before it reads: whatever is written at once, nothing is overwritten.", changesLoseNothing},
		{"one refresh token at once rotates once",
			"100 refreshes of one token at once give one rotation, and each other one sees it.", refreshedAtOnce},
		{"what was opened before a logout is dead",
			"Whatever was opened before an acknowledged logout never stands again, however many log in at once.", logoutAgainstLogin},
		{"what begins after a logout sees it",
			"A change that begins after a logout was acknowledged is shown the logout.", lateRefresh},
		{"changes against deletions finish",
			"Changes of users and of their sessions do not deadlock with deletions.", changesAgainstDeletions},
		{"different users at once all finish",
			"Changes of different users, several sessions each in any order, all finish and mix nothing up.", differentUsers},
		{"an email at once goes to one",
			"Of additions at once with one email one succeeds, and each other one is EmailTaken.", additionsAtOnce},
		{"a changed email at once goes to one",
			"Of changes at once to one email one succeeds, and each other one is EmailTaken.", emailChangesAtOnce},
		{"one addition sent often adds one user",
			"The same addition sent many times at once is nil each time and adds one user.", sameAdditionAtOnce},
	}
}

// atOnce calls f n times at once, all let go together, and joins the errors.
func atOnce(n int, f func(i int) error) error {
	var all sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, n)
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = safely(func() error { return f(i) })
		})
	}
	close(start)
	all.Wait()
	return errors.Join(errs...)
}

func changesLoseNothing(ctx context.Context, s application.Store) error {
	return loseNothing(ctx, s, s)
}

// loseNothing adds a role in each of many changes at once, on all the handles.
func loseNothing(ctx context.Context, handles ...application.Store) error {
	const writers, each = 8, 10
	if err := people(ctx, handles[0], 1); err != nil {
		return err
	}
	err := atOnce(writers, func(w int) error {
		for i := range each {
			err := handles[w%len(handles)].Change(ctx, userID(0), func(a *domain.Account) error {
				a.User.Roles = append(a.User.Roles, domain.Role(fmt.Sprintf("w%d-%d", w, i)))
				return nil
			})
			if err != nil {
				return fmt.Errorf("Change: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	user, _, err := look(ctx, handles[0], userID(0))
	if err != nil {
		return err
	}
	for w := range writers {
		for i := range each {
			if role := domain.Role(fmt.Sprintf("w%d-%d", w, i)); !slices.Contains(user.Roles, role) {
				return fmt.Errorf("%s is lost of %d that were acknowledged", role, writers*each)
			}
		}
	}
	if want := len(person(0).Roles) + writers*each; len(user.Roles) != want {
		return fmt.Errorf("%d roles are there instead of %d: f was saved twice", len(user.Roles), want)
	}
	return nil
}

func refreshedAtOnce(ctx context.Context, s application.Store) error { return rotateOnce(ctx, s) }

func rotateOnce(ctx context.Context, handles ...application.Store) error {
	const presented = 100
	if err := people(ctx, handles[0], 1); err != nil {
		return err
	}
	session, err := signIn(ctx, handles[0], at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	outcomes := make([]domain.Rotation, presented)
	err = atOnce(presented, func(i int) (err error) {
		outcomes[i], err = refresh(ctx, handles[i%len(handles)], at(time.Minute), session, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("a refresh: %w", err)
	}
	rotated := 0
	for _, outcome := range outcomes {
		switch outcome {
		case domain.Rotated:
			rotated++
		case domain.Repeated:
		default:
			return fmt.Errorf("a refresh within its time was taken for reuse (%d)", outcome)
		}
	}
	now, err := look1(ctx, handles[0], userID(0), session.ID)
	if err != nil {
		return err
	}
	if rotated != 1 || now.RefreshCount != 1 || now.Ended() {
		return fmt.Errorf("%d refreshes rotated, the session's count is %d, it has ended: %t", rotated, now.RefreshCount, now.Ended())
	}
	return nil
}

func logoutAgainstLogin(ctx context.Context, s application.Store) error {
	return deadAfterLogout(ctx, s, s)
}

// deadAfterLogout logs in on one handle while it logs out on the other, all at the same instant of every clock.
func deadAfterLogout(ctx context.Context, login, logout application.Store) error {
	const logins, each, logouts = 4, 10, 10
	if err := people(ctx, login, 1); err != nil {
		return err
	}
	var mu sync.Mutex
	var opened []domain.SessionID // acknowledged so far
	err := atOnce(logins+1, func(w int) error {
		if w < logins {
			for i := range each {
				session, err := signIn(ctx, login, at(0), userID(0), sessionID(w*each+i))
				if err != nil {
					return err
				}
				mu.Lock()
				opened = append(opened, session.ID)
				mu.Unlock()
			}
			return nil
		}
		for range logouts {
			mu.Lock()
			before := slices.Clone(opened)
			mu.Unlock()
			err := logout.Change(ctx, userID(0), func(a *domain.Account) error { a.LogOutEverywhere(at(0)); return nil })
			if err != nil {
				return fmt.Errorf("logging out: %w", err)
			}
			if err := allRevoked(ctx, login, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = logout.Change(ctx, userID(0), func(a *domain.Account) error { a.LogOutEverywhere(at(0)); return nil })
	if err != nil {
		return fmt.Errorf("logging out: %w", err)
	}
	if _, err := signIn(ctx, login, at(0), userID(0), sessionID(logins*each)); err != nil {
		return err
	}
	if err := allRevoked(ctx, login, opened); err != nil {
		return err
	}
	return expect("a session opened after the logout", stands(ctx, logout, at(0), sessionID(logins*each)), nil)
}

func allRevoked(ctx context.Context, s application.Standings, ids []domain.SessionID) error {
	found, err := s.Standings(ctx, ids...)
	if err != nil {
		return fmt.Errorf("Standings: %w", err)
	}
	for _, id := range ids {
		if _, there := found[id]; !there {
			return fmt.Errorf("session %s, whose opening was acknowledged, is not there", id)
		}
		if err := expect("a session opened before the logout", found[id].Refuse(at(0)), domain.TokenRevoked); err != nil {
			return err
		}
	}
	return nil
}

func lateRefresh(ctx context.Context, s application.Store) error {
	return seenAfterLogout(ctx, s, s)
}

// seenAfterLogout refreshes on one handle until, after a logout was acknowledged on the other, it is refused.
func seenAfterLogout(ctx context.Context, refreshing, logout application.Store) error {
	const rounds = 5
	if err := people(ctx, logout, 1); err != nil {
		return err
	}
	for round := range rounds {
		session, err := signIn(ctx, logout, at(0), userID(0), sessionID(round))
		if err != nil {
			return err
		}
		acknowledged := make(chan struct{})
		err = atOnce(2, func(i int) error {
			if i == 0 {
				defer close(acknowledged)
				return logOut(ctx, logout, at(0), session, domain.Global)
			}
			for count := 0; ; count++ {
				after := false
				select {
				case <-acknowledged:
					after = true
				default:
				}
				_, err := refresh(ctx, refreshing, at(0), session, count)
				if err != nil {
					return expect("a refresh", err, domain.TokenRevoked)
				}
				if after {
					return errors.New("a refresh that began after the logout was acknowledged rotated")
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
