package contract

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func guessingRows() []row[*stage] {
	return []row[*stage]{
		{"guessing is bounded", "T042: of wrong passwords for one account ten are looked at, and then none, not even the right one, for a while.", guessingBounded},
		{"guessing at once is bounded", "T042: of a hundred wrong passwords at the same time ten are looked at.", guessingAtOnce},
		{"whoever waits gets in", "T044: who waits as long as RetryAfter says, a minute at most, gets in with the right password.", whoWaitsGetsIn},
		{"success gives the charge back", "A right password gives its charge back: any number of them in turn pass.", successIsFree},
		{"nobody is bounded alike", "T039: an account that nobody has is bounded like any other one, so that nothing is told.", nobodyIsBounded},
		{"every path counts", "T047: whatever asks for the password counts against the same bound.", everyPathCounts},
		{"one account alone", "Guessing at one account bounds no other one, and ends no session.", oneAccountAlone},
	}
}

const allowed = 10 // attempts at once

// guess tries wrong passwords until none is looked at any more.
func (s *stage) guess(ctx context.Context, email string) (int, time.Duration, error) {
	for n := range 2 * allowed {
		_, err := s.Gate.Login(ctx, email, fmt.Sprintf("wrong %d", n))
		var d *domain.Denied
		switch {
		case errors.Is(err, domain.TooManyAttempts) && errors.As(err, &d):
			return n, d.RetryAfter, nil
		case !errors.Is(err, domain.InvalidCredentials):
			return n, 0, fmt.Errorf("wrong password %d: %w", n, err)
		}
	}
	return 2 * allowed, 0, errors.New("guessing is not bounded")
}

func (s *stage) locked(ctx context.Context, email string) (time.Duration, error) {
	n, wait, err := s.guess(ctx, email)
	if err != nil {
		return 0, err
	}
	if n != allowed || wait <= 0 || wait > time.Minute {
		return 0, fmt.Errorf("%d wrong passwords were looked at, and then it says to wait %v", n, wait)
	}
	return wait, nil
}

func guessingBounded(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	if _, err := s.locked(ctx, ana); err != nil {
		return err
	}
	_, err := s.Gate.Login(ctx, ana, password)
	if err := is("the right password then", err, domain.TooManyAttempts); err != nil {
		return err
	}
	s.wait(time.Hour)
	_, err = s.locked(ctx, ana)
	return err
}

func guessingAtOnce(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	var looked atomic.Int64
	err := atOnce(100, func(i int) error {
		switch _, err := s.Gate.Login(ctx, ana, fmt.Sprintf("wrong %d", i)); {
		case errors.Is(err, domain.InvalidCredentials):
			looked.Add(1)
		case !errors.Is(err, domain.TooManyAttempts):
			return fmt.Errorf("a wrong password answered %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := looked.Load(); n != allowed {
		return fmt.Errorf("%d were looked at", n)
	}
	return nil
}

func whoWaitsGetsIn(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	for range 3 {
		_, wait, err := s.guess(ctx, ana)
		if err != nil {
			return err
		}
		s.wait(wait)
		if _, err := s.Gate.Login(ctx, ana, password); err != nil {
			return fmt.Errorf("after %v: %w", wait, err)
		}
	}
	return nil
}

func successIsFree(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 3*allowed); err != nil {
		return err
	}
	_, err := s.locked(ctx, ana)
	return err
}

func nobodyIsBounded(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	known, err := s.locked(ctx, ana)
	if err != nil {
		return err
	}
	nobody, err := s.locked(ctx, "nobody@example.com")
	if err != nil {
		return err
	}
	if known != nobody {
		return fmt.Errorf("an account says to wait %v, one that nobody has %v", known, nobody)
	}
	return nil
}

func everyPathCounts(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	access := grants[0].AccessToken
	paths := map[string]func() error{
		"Login":          func() error { _, err := s.Gate.Login(ctx, ana, renewed); return err },
		"ChangePassword": func() error { _, err := s.Accounts.ChangePassword(ctx, access, renewed, renewed+"!"); return err },
		"ChangeEmail":    func() error { _, err := s.Accounts.ChangeEmail(ctx, access, renewed, bea); return err },
		"DeleteAccount":  func() error { return s.Accounts.DeleteAccount(ctx, access, renewed) },
	}
	for tried := 0; tried < allowed; {
		for path, try := range paths {
			if tried++; tried > allowed {
				break
			}
			if err := is(fmt.Sprintf("attempt %d, by %s", tried, path), try(), domain.InvalidCredentials); err != nil {
				return err
			}
		}
	}
	for path, try := range paths {
		if err := is("then "+path, try(), domain.TooManyAttempts); err != nil {
			return err
		}
	}
	return s.passes(ctx, "meanwhile the session", grants[0])
}

func oneAccountAlone(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	if _, err := s.locked(ctx, ana); err != nil {
		return err
	}
	_, login := s.Gate.Login(ctx, bea, password)
	next, refreshed := s.refresh(ctx, grants[0])
	return errors.Join(login, refreshed, s.passes(ctx, "a session of the account", next))
}
