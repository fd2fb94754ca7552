package grpcapi

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// sessions serves porteirov1.Sessions.
type sessions struct {
	porteirov1.UnsafeSessionsServer
	application.Sessions
}

func (s sessions) ListSessions(ctx context.Context, _ *porteirov1.ListSessionsRequest) (*porteirov1.ListSessionsResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	infos, err := s.Sessions.ListSessions(ctx, access)
	if err != nil {
		return nil, err
	}
	list := make([]*porteirov1.Session, len(infos))
	for i, f := range infos {
		list[i] = &porteirov1.Session{
			Id: string(f.ID), Current: f.Current, LoginTime: timestamppb.New(f.LoginTime), RefreshedAt: timestamppb.New(f.RefreshedAt),
			UserAgent: f.UserAgent, Ip: f.IP,
		}
	}
	return &porteirov1.ListSessionsResponse{Sessions: list}, nil
}

func (s sessions) EndSession(ctx context.Context, r *porteirov1.EndSessionRequest) (*porteirov1.EndSessionResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.EndSession(ctx, access, domain.SessionID(r.GetId())); err != nil {
		return nil, err
	}
	return &porteirov1.EndSessionResponse{}, nil
}
