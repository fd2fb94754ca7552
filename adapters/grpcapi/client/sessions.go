package client

import (
	"context"
	"fmt"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// ListSessions is documented at application.Sessions.
func (c *Client) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	ctx, err := as(ctx, access)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	r, err := c.sessions.ListSessions(ctx, &porteirov1.ListSessionsRequest{})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", failed(ctx, err))
	}
	infos := make([]application.SessionInfo, len(r.GetSessions()))
	for i, f := range r.GetSessions() {
		infos[i] = application.SessionInfo{
			ID: domain.SessionID(f.GetId()), Current: f.GetCurrent(), LoginTime: f.GetLoginTime().AsTime(),
			RefreshedAt: f.GetRefreshedAt().AsTime(), UserAgent: f.GetUserAgent(), IP: f.GetIp(),
		}
	}
	return infos, nil
}

// EndSession is documented at application.Sessions.
func (c *Client) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	if _, err := domain.ParseSessionID(string(id)); err != nil { // text that is not UTF-8 cannot be sent
		return fmt.Errorf("end session: %w", &domain.Denied{Refusal: domain.RequestInvalid, Field: "id"})
	}
	ctx, err := as(ctx, access)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if _, err := c.sessions.EndSession(ctx, &porteirov1.EndSessionRequest{Id: string(id)}); err != nil {
		return fmt.Errorf("end session: %w", failed(ctx, err))
	}
	return nil
}
