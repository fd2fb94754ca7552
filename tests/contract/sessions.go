package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func presentedRows() []row[*stage] {
	return []row[*stage]{
		{"no token", "No token is TokenMissing, everywhere.", noToken},
		{"a token that is none", "What is not one of the service's tokens is TokenInvalid, whatever it looks like.", noneOfOurs},
		{"kinds are kept apart", "A refresh token opens no door, and an access token refreshes nothing.", kindsApart},
		{"expiry", "An access token passes until its life and the leeway are over, and is TokenExpired from then on.", expiry},
	}
}

func noToken(ctx context.Context, s *stage) error {
	_, authorized := s.Gate.Authorize(ctx, "")
	_, refreshed := s.Gate.Refresh(ctx, "")
	return errors.Join(
		is("authorize", authorized, domain.TokenMissing),
		is("refresh", refreshed, domain.TokenMissing),
		is("logout", s.Gate.Logout(ctx, "", domain.Global), domain.TokenMissing))
}

func noneOfOurs(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	good := grants[0].AccessToken
	for _, token := range []string{
		" ", ".", "..", "a.b.c", "null", good + " ", " " + good, good + "\n", good + "\t", good + ".", good + "=", good[:len(good)-2],
		good + "," + good, good + "\x00", "Bearer " + good, strings.Repeat("x", 1<<16), "çã", "\xff",
	} {
		_, authorized := s.Gate.Authorize(ctx, token)
		_, refreshed := s.Gate.Refresh(ctx, token)
		if err := errors.Join(
			is(fmt.Sprintf("authorize with %.40q", token), authorized, domain.TokenInvalid),
			is(fmt.Sprintf("refresh with %.40q", token), refreshed, domain.TokenInvalid),
			is(fmt.Sprintf("logout with %.40q", token), s.Gate.Logout(ctx, token, domain.Global), domain.TokenInvalid)); err != nil {
			return err
		}
	}
	return s.passes(ctx, "the good token", grants[0])
}

func kindsApart(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	g := grants[0]
	_, authorized := s.Gate.Authorize(ctx, g.RefreshToken)
	_, refreshed := s.Gate.Refresh(ctx, g.AccessToken)
	return errors.Join(
		is("authorize with a refresh token", authorized, domain.TokenInvalid),
		is("refresh with an access token", refreshed, domain.TokenInvalid),
		is("logout with a refresh token", s.Gate.Logout(ctx, g.RefreshToken, domain.Global), domain.TokenInvalid),
		s.passes(ctx, "the access token", g))
}

func expiry(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	s.wait(15*time.Minute + 28*time.Second)
	if err := s.passes(ctx, "a token within the leeway", grants[0]); err != nil {
		return err
	}
	s.wait(3 * time.Second)
	return s.refused(ctx, "a token after the leeway", grants[0], domain.TokenExpired)
}

func refreshRows() []row[*stage] {
	return []row[*stage]{
		{"rotation", "A refresh answers a new pair for the same session, and the new refresh token works.", rotation},
		{"a lost answer", "The refresh token before the current one gets the same successor again for a short while.", lostAnswer},
		{"reuse ends the session", "A refresh token that is used again later is TokenReused, and ends the session for everybody.", reuse},
		{"a grandparent is reuse", "Only the immediate parent may be retried: one that is older ends the session even at once.", grandparent},
		{"ages", "A session that rests too long or grows too old is over, and a refresh moves only the first.", ages},
		{"one successor", "T055: a hundred refreshes of one token at the same time make one successor, and the session lives.", oneSuccessor},
		{"after a logout", "After a logout no refresh token of the session works, not even a retry.", retryAfterLogout},
	}
}

func (s *stage) refresh(ctx context.Context, g application.Grant) (application.Grant, error) {
	next, err := s.Gate.Refresh(ctx, g.RefreshToken)
	if err != nil {
		return next, fmt.Errorf("refresh: %w", err)
	}
	return next, nil
}

func rotation(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	before, err := s.Gate.Authorize(ctx, grants[0].AccessToken)
	if err != nil {
		return err
	}
	g := grants[0]
	for range 3 {
		s.wait(time.Hour)
		next, err := s.refresh(ctx, g)
		if err != nil {
			return err
		}
		after, err := s.Gate.Authorize(ctx, next.AccessToken)
		if err != nil {
			return err
		}
		if after.Session != before.Session || after.User != before.User || !after.LoginTime.Equal(before.LoginTime) {
			return fmt.Errorf("%+v became %+v", before, after)
		}
		if next.RefreshToken == g.RefreshToken || next.AccessToken == g.AccessToken || next.ExpiresIn != 15*time.Minute {
			return errors.New("the new pair is not new")
		}
		g = next
	}
	return nil
}

func lostAnswer(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	first, err := s.refresh(ctx, grants[0])
	if err != nil {
		return err
	}
	s.wait(10 * time.Second)
	again, err := s.refresh(ctx, grants[0])
	if err != nil {
		return err
	}
	if again.RefreshToken != first.RefreshToken {
		return errors.New("the retry got another successor")
	}
	_, err = s.refresh(ctx, again)
	return err
}

func reuse(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	next, err := s.refresh(ctx, grants[0])
	if err != nil {
		return err
	}
	s.wait(10*time.Second + domain.Tick)
	_, reused := s.refresh(ctx, grants[0])
	_, dead := s.refresh(ctx, next)
	return errors.Join(
		is("the token a second time", reused, domain.TokenReused),
		is("its successor", dead, domain.TokenRevoked),
		s.refused(ctx, "an access token of the session", next, domain.TokenRevoked),
		s.passes(ctx, "another session", grants[1]))
}

func grandparent(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	second, err := s.refresh(ctx, grants[0])
	if err != nil {
		return err
	}
	if _, err := s.refresh(ctx, second); err != nil {
		return err
	}
	_, err = s.refresh(ctx, grants[0])
	return is("a token with two successors", err, domain.TokenReused)
}

func ages(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 2)
	if err != nil {
		return err
	}
	g, idle := grants[0], grants[1]
	for range 5 { // 30 days in steps of 6, each within the 7 of rest
		s.wait(6*24*time.Hour - time.Second)
		if g, err = s.refresh(ctx, g); err != nil {
			return err
		}
	}
	_, rested := s.refresh(ctx, idle)
	if err := errors.Join(is("a session that rested", rested, domain.SessionExpired), s.passes(ctx, "a session in use", g)); err != nil {
		return err
	}
	s.wait(5 * time.Second)
	_, old := s.refresh(ctx, g)
	return errors.Join(
		is("a session of 30 days", old, domain.SessionExpired),
		s.refused(ctx, "its access token", g, domain.SessionExpired))
}

func oneSuccessor(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	const n = 100
	answers := make([]application.Grant, n)
	err = atOnce(n, func(i int) (err error) {
		answers[i], err = s.refresh(ctx, grants[0])
		return err
	})
	if err != nil {
		return err
	}
	successors := map[string]application.Grant{}
	for _, g := range answers {
		successors[g.RefreshToken] = g
	}
	if len(successors) != 1 {
		return fmt.Errorf("%d refreshes made %d successors", n, len(successors))
	}
	for _, g := range successors {
		_, err = s.refresh(ctx, g)
	}
	return err
}

func retryAfterLogout(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	next, err := s.refresh(ctx, grants[0])
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, next.AccessToken, domain.Local); err != nil {
		return err
	}
	_, parent := s.refresh(ctx, grants[0])
	_, current := s.refresh(ctx, next)
	return errors.Join(is("a retry", parent, domain.TokenRevoked), is("the current one", current, domain.TokenRevoked))
}
