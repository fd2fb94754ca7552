package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func claimsComeBack(_ context.Context, sut application.Tokens) error {
	first := refreshClaims()
	first.Count = 0
	for _, want := range append(bothKinds(), first) {
		token, err := sut.Issue(want)
		if err != nil {
			return err
		}
		got, err := sut.Read(want.Kind, token)
		if err != nil {
			return fmt.Errorf("a fresh %s token: %w", want.Kind, err)
		}
		if err := sameClaims(got, want); err != nil {
			return err
		}
	}
	return nil
}

func fractionsAreCut(_ context.Context, sut application.Tokens) error {
	for _, whole := range bothKinds() {
		exact := whole
		exact.IssuedAt = whole.IssuedAt.Add(999_999_999 * time.Nanosecond).In(time.FixedZone("", -3*60*60))
		exact.Expires = whole.Expires.Add(500 * time.Millisecond)
		token, err := sut.Issue(exact)
		if err != nil {
			return err
		}
		got, err := sut.Read(whole.Kind, token)
		if err != nil {
			return fmt.Errorf("a fresh %s token: %w", whole.Kind, err)
		}
		if err := sameClaims(got, whole); err != nil {
			return err
		}
	}
	return nil
}

func refreshTokensRepeat(_ context.Context, sut application.Tokens) error {
	want, err := sut.Issue(refreshClaims())
	if err != nil {
		return err
	}
	for range 20 {
		if _, err := sut.Issue(accessClaims()); err != nil {
			return err
		}
		same := refreshClaims() // to the second
		same.IssuedAt = same.IssuedAt.Add(time.Millisecond).Local()
		got, err := sut.Issue(same)
		if err != nil {
			return err
		}
		if got != want {
			return errors.New("the same claims gave another token")
		}
	}
	return nil
}

func otherClaimsMakeAnotherToken(_ context.Context, sut application.Tokens) error {
	changes := map[string]func(*domain.Claims){
		"nothing": func(*domain.Claims) {},
		"subject": func(c *domain.Claims) { c.Subject = "0198f2a0-1111-7abc-8def-00000000000f" },
		"session": func(c *domain.Claims) { c.Session = "0198f2a0-2222-7abc-8def-00000000000f" },
		"issued":  func(c *domain.Claims) { c.IssuedAt = c.IssuedAt.Add(time.Second) },
		"expires": func(c *domain.Claims) { c.Expires = c.Expires.Add(time.Second) },
		"its own": func(c *domain.Claims) {
			if c.Kind == domain.Access {
				c.ID = "0198f2a0-3333-7abc-8def-00000000000f"
			} else {
				c.Count++
			}
		},
	}
	seen := make(map[string]string)
	for _, base := range bothKinds() {
		for name, change := range changes {
			c := base
			change(&c)
			token, err := sut.Issue(c)
			if err != nil {
				return err
			}
			if before, found := seen[token]; found {
				return fmt.Errorf("%s, %s changed: the same token as with %s changed", c.Kind, name, before)
			}
			seen[token] = name
			got, err := sut.Read(c.Kind, token)
			if err != nil {
				return fmt.Errorf("%s, %s changed: %w", c.Kind, name, err)
			}
			if err := sameClaims(got, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func timesAreNotLookedAt(_ context.Context, sut application.Tokens) error {
	for _, year := range []int{1971, 2000, 2100, 2999} {
		for _, c := range bothKinds() {
			life := c.Expires.Sub(c.IssuedAt)
			c.IssuedAt = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			for _, life := range []time.Duration{life, time.Second, 0} { // the last: in the last second of its session
				c.Expires = c.IssuedAt.Add(life)
				token, err := sut.Issue(c)
				if err != nil {
					return err
				}
				got, err := sut.Read(c.Kind, token)
				if err != nil {
					return fmt.Errorf("a %s token of the year %d that lives for %v: %w", c.Kind, year, life, err)
				}
				if err := sameClaims(got, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func tokensAboutNobody(_ context.Context, sut application.Tokens) error {
	at := accessClaims().IssuedAt
	for _, kind := range []domain.Kind{domain.Access, domain.Refresh} {
		token, err := sut.Issue(domain.Claims{Kind: kind, IssuedAt: at, Expires: at})
		if err != nil {
			return fmt.Errorf("a %s token without a user: %w", kind, err)
		}
		if err := refused(sut, "a token about nobody", token); err != nil {
			return err
		}
	}
	return nil
}

func tokensTravel(_ context.Context, sut application.Tokens) error {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
	for _, c := range bothKinds() {
		token, err := sut.Issue(c)
		if err != nil {
			return err
		}
		if len(token) > 4<<10 {
			return fmt.Errorf("a %s token has %d bytes", c.Kind, len(token))
		}
		if rest := strings.Trim(strings.TrimRight(token, "="), allowed); rest != "" {
			return fmt.Errorf("a %s token has %.20q in it", c.Kind, rest)
		}
	}
	return nil
}

func manyAtOnce(ctx context.Context, sut application.Tokens) error {
	const workers, rounds = 8, 50
	failures := make(chan error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for n := range rounds {
				if ctx.Err() != nil {
					return
				}
				for _, want := range bothKinds() {
					want.Session = domain.SessionID(fmt.Sprintf("0198f2a0-2222-7abc-8def-%06d%06d", w, n))
					token, err := sut.Issue(want)
					if err == nil {
						var got domain.Claims
						if got, err = sut.Read(want.Kind, token); err == nil {
							err = sameClaims(got, want)
						}
					}
					if err != nil {
						failures <- err
						return
					}
				}
			}
		})
	}
	all.Wait()
	close(failures)
	return <-failures
}
