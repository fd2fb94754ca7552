package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// ListSessions is documented at Sessions.
func (c *Core) ListSessions(ctx context.Context, access string) (infos []SessionInfo, err error) {
	e := Event{Name: EventPass, Detail: "lists sessions"} // that the token passes is all that is decided
	defer c.record(ctx, &e, &err)
	claims, _, err := c.pass(ctx, access, &e)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	// Those that rested too long may be newer than some that stand, and are not purged at once.
	for n := MaxSessions; ; n *= 10 {
		user, sessions, err := c.d.Store.Sessions(ctx, claims.Subject, n)
		if errors.Is(err, domain.NotFound) { // deleted since it passed
			return nil, fmt.Errorf("list sessions: %w", domain.TokenRevoked)
		}
		if err != nil {
			return nil, fmt.Errorf("list sessions: %w", failure(err))
		}
		infos = standing(user, sessions, c.d.Clock(), claims.Session)
		if len(sessions) < n || len(infos) >= MaxSessions {
			return infos[:min(len(infos), MaxSessions)], nil
		}
	}
}

// standing shows those of a user's sessions that stand.
func standing(user domain.User, sessions []domain.Session, now time.Time, current domain.SessionID) (infos []SessionInfo) {
	for _, s := range sessions {
		if domain.StandingOf(user, s).Refuse(now) != nil {
			continue
		}
		infos = append(infos, SessionInfo{
			ID: s.ID, Current: s.ID == current, LoginTime: s.LoginTime, RefreshedAt: s.RefreshedAt, UserAgent: s.UserAgent, IP: s.IP,
		})
	}
	return infos
}

// EndSession is documented at Sessions.
func (c *Core) EndSession(ctx context.Context, access string, id domain.SessionID) (err error) {
	e := Event{Name: EventEnd}
	defer c.record(ctx, &e, &err)
	if _, err := domain.ParseSessionID(string(id)); err != nil {
		return fmt.Errorf("end session: %w", &domain.Denied{Refusal: domain.RequestInvalid, Field: "id"})
	}
	claims, _, err := c.pass(ctx, access, &e)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	e.Detail = "ends " + string(id)
	err = c.d.Store.Change(ctx, claims.Subject, func(a *domain.Account) error {
		return a.End(c.d.Clock(), claims.Session, id)
	}, claims.Session, id)
	if errors.Is(err, domain.NotFound) {
		err = domain.TokenRevoked
	}
	if err != nil {
		return fmt.Errorf("end session: %w", failure(err))
	}
	return nil
}
