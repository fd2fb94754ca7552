package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// ended holds that the session of a grant is over, and that of another one is not.
func (s *inspected) ended(ctx context.Context, over, other application.Grant) error {
	if err := s.inactive(ctx, "a session that was revoked", over.AccessToken, over.RefreshToken); err != nil {
		return err
	}
	_, err := s.Gate.Refresh(ctx, over.RefreshToken)
	return errors.Join(is("Refresh", err, domain.TokenRevoked), s.refused(ctx, "its access token", over, domain.TokenRevoked),
		s.passes(ctx, "another session", other))
}

func refreshRevoked(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 3)
	if err != nil {
		return err
	}
	if err := s.Introspection.Revoke(ctx, s.by, g[0].RefreshToken); err != nil {
		return fmt.Errorf("Revoke: %w", err)
	}
	if err := s.ended(ctx, g[0], g[2]); err != nil {
		return err
	}
	next, err := s.Gate.Refresh(ctx, g[1].RefreshToken)
	if err != nil {
		return err
	}
	if err := s.Introspection.Revoke(ctx, s.by, g[1].RefreshToken); err != nil { // the one before: its session is the same
		return fmt.Errorf("Revoke: %w", err)
	}
	return s.ended(ctx, next, g[2])
}

func accessRevoked(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 3)
	if err != nil {
		return err
	}
	if err := s.Introspection.Revoke(ctx, s.by, g[0].AccessToken); err != nil {
		return fmt.Errorf("Revoke: %w", err)
	}
	if err := s.ended(ctx, g[0], g[2]); err != nil {
		return err
	}
	s.wait(time.Hour)
	if err := s.Introspection.Revoke(ctx, s.by, g[1].AccessToken); err != nil {
		return fmt.Errorf("Revoke of an expired token: %w", err)
	}
	_, err = s.Gate.Refresh(ctx, g[1].RefreshToken)
	if err := is("Refresh", err, domain.TokenRevoked); err != nil {
		return err
	}
	if _, err := s.Gate.Refresh(ctx, g[2].RefreshToken); err != nil {
		return fmt.Errorf("another session was ended: %w", err)
	}
	return nil
}

func revokedTwice(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 3)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, g[1].AccessToken, domain.Local); err != nil {
		return err
	}
	forged := g[2].RefreshToken[:len(g[2].RefreshToken)-4] + "AAAA"
	for _, token := range []string{
		g[0].RefreshToken, g[0].RefreshToken, g[0].AccessToken, g[1].AccessToken, g[1].RefreshToken, forged, "x", "é", "a b",
	} {
		if err := s.Introspection.Revoke(ctx, s.by, token); err != nil {
			return fmt.Errorf("Revoke of %.20q: %w", token, err)
		}
	}
	if err := s.passes(ctx, "another session", g[2]); err != nil {
		return err
	}
	if err := s.Administration.Delete(ctx, ana); err != nil {
		return err
	}
	return expect("Revoke of a user's who is gone", s.Introspection.Revoke(ctx, s.by, g[2].RefreshToken), nil)
}
