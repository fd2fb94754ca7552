package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/porteiro/porteiro/adapters/httpapi/internal/wire"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// ListSessions is documented at application.Sessions.
func (c *Client) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	var s sessionsAnswer
	if err := c.callAs(ctx, access, http.MethodGet, wire.Sessions, nil, &s); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	infos := make([]application.SessionInfo, len(s.Sessions))
	for i, f := range s.Sessions {
		infos[i] = application.SessionInfo{
			ID: domain.SessionID(f.ID), Current: f.Current, LoginTime: f.LoginTime, RefreshedAt: f.RefreshedAt,
			UserAgent: f.UserAgent, IP: f.IP,
		}
	}
	return infos, nil
}

// EndSession is documented at application.Sessions.
func (c *Client) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	if _, err := domain.ParseSessionID(string(id)); err != nil { // a path cannot carry just anything
		return fmt.Errorf("end session: %w", &domain.Denied{Refusal: domain.RequestInvalid, Field: "id"})
	}
	if err := c.callAs(ctx, access, http.MethodDelete, wire.Sessions+"/"+string(id), nil, nil); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
