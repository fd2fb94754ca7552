package application

import (
	"context"
	"errors"
	"fmt"

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
	user, sessions, err := c.d.Store.Sessions(ctx, claims.Subject, MaxSessions)
	if errors.Is(err, domain.NotFound) { // deleted since it passed
		return nil, fmt.Errorf("list sessions: %w", domain.TokenRevoked)
	}
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", failure(err))
	}
	now := c.d.Clock()
	for _, s := range sessions {
		if domain.StandingOf(user, s).Refuse(now) != nil {
			continue
		}
		infos = append(infos, SessionInfo{
			ID: s.ID, Current: s.ID == claims.Session, LoginTime: s.LoginTime, RefreshedAt: s.RefreshedAt,
			UserAgent: s.UserAgent, IP: s.IP,
		})
	}
	return infos, nil
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
