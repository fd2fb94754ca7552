package contract

import (
	"context"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func accessIsActive(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 1)
	if err != nil {
		return err
	}
	if err := s.Administration.SetRoles(ctx, ana, "writer", "admin"); err != nil {
		return err
	}
	id, err := s.Gate.Authorize(ctx, g[0].AccessToken)
	if err != nil {
		return err
	}
	issued := s.clock().Truncate(time.Second)
	want := application.TokenInfo{
		Active: true, Kind: domain.Access, User: id.User, Session: id.Session, Email: ana, Roles: []domain.Role{"admin", "writer"},
		IssuedAt: issued, Expires: s.clock().Add(15 * time.Minute).Truncate(time.Second),
	}
	if err := s.tells(ctx, "an access token", g[0].AccessToken, want); err != nil {
		return err
	}
	info, err := s.Introspection.Introspect(ctx, s.by, g[0].AccessToken)
	if err != nil || info.ID == "" {
		return fmt.Errorf("the token has the ID %q, %v", info.ID, err)
	}
	return nil
}

func refreshIsActive(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 1)
	if err != nil {
		return err
	}
	id, err := s.Gate.Authorize(ctx, g[0].AccessToken)
	if err != nil {
		return err
	}
	return s.tells(ctx, "a refresh token", g[0].RefreshToken, application.TokenInfo{
		Active: true, Kind: domain.Refresh, User: id.User, Session: id.Session,
		IssuedAt: s.clock().Truncate(time.Second), Expires: s.clock().Add(30 * 24 * time.Hour).Truncate(time.Second),
	})
}

func inactiveAlike(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 2)
	if err != nil {
		return err
	}
	forged := g[0].AccessToken[:len(g[0].AccessToken)-4] + "AAAA"
	if err := s.inactive(ctx, "what is no token of this service", "x", "a.b.c", "é", "a b", forged, g[0].AccessToken+"x", "eyJhbGciOiJub25lIn0.e30."); err != nil {
		return err
	}
	s.wait(time.Hour)
	if err := s.inactive(ctx, "an expired token", g[0].AccessToken, g[1].AccessToken); err != nil {
		return err
	}
	fresh, err := s.logins(ctx, ana, 2)
	if err != nil {
		return err
	}
	if err := s.Gate.Logout(ctx, fresh[0].AccessToken, domain.Local); err != nil {
		return err
	}
	if err := s.inactive(ctx, "a session that was logged out", fresh[0].AccessToken, fresh[0].RefreshToken); err != nil {
		return err
	}
	if err := s.Administration.Disable(ctx, ana); err != nil {
		return err
	}
	if err := s.inactive(ctx, "a user who is disabled", fresh[1].AccessToken, fresh[1].RefreshToken, g[1].RefreshToken); err != nil {
		return err
	}
	if err := s.Administration.Delete(ctx, ana); err != nil {
		return err
	}
	return s.inactive(ctx, "a user who is gone", fresh[1].AccessToken, fresh[1].RefreshToken)
}

func activeIsPass(ctx context.Context, s *inspected) error {
	all, err := s.begin(ctx, 3)
	if err != nil {
		return err
	}
	for i, step := range []func() error{
		func() error { return nil },
		func() error { return s.Gate.Logout(ctx, all[0].AccessToken, domain.Local) },
		func() error { return s.Gate.Logout(ctx, all[1].AccessToken, domain.Others) },
		func() error { g, err := s.logins(ctx, ana, 1); all = append(all, g...); return err },
		func() error { s.wait(14 * time.Minute); return nil },
		func() error { g, err := s.Gate.Refresh(ctx, all[1].RefreshToken); all = append(all, g); return err },
		func() error { s.wait(2 * time.Minute); return nil },
		func() error { return s.Administration.LogOut(ctx, ana) },
	} {
		if err := step(); err != nil {
			return err
		}
		for j, g := range all {
			_, refused := s.Gate.Authorize(ctx, g.AccessToken)
			info, err := s.Introspection.Introspect(ctx, s.by, g.AccessToken)
			if err != nil || info.Active != (refused == nil) {
				return fmt.Errorf("at step %d, Authorize says of login %d: %v; Introspect: %+v, %v", i, j, refused, info, err)
			}
		}
	}
	return nil
}

func askingChangesNothing(ctx context.Context, s *inspected) error {
	g, err := s.begin(ctx, 1)
	if err != nil {
		return err
	}
	next, err := s.Gate.Refresh(ctx, g[0].RefreshToken)
	if err != nil {
		return err
	}
	s.wait(time.Minute) // too late to repeat it
	if err := s.inactive(ctx, "a refresh token that has had its successor", g[0].RefreshToken); err != nil {
		return err
	}
	for range 2 {
		info, err := s.Introspection.Introspect(ctx, s.by, next.RefreshToken)
		if err != nil || !info.Active {
			return fmt.Errorf("of the current refresh token Introspect tells %+v, %v", info, err)
		}
	}
	if err := s.passes(ctx, "the session", next); err != nil {
		return err
	}
	if _, err := s.Gate.Refresh(ctx, next.RefreshToken); err != nil {
		return fmt.Errorf("the current refresh token was used up: %w", err)
	}
	return nil
}
