package grpcapi

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// gate serves porteirov1.Gate. A method that it lacks does not compile, here and in the other services.
type gate struct {
	porteirov1.UnsafeGateServer
	application.Gate
}

func (g gate) Login(ctx context.Context, r *porteirov1.LoginRequest) (*porteirov1.LoginResponse, error) {
	granted, err := g.Gate.Login(ctx, r.GetEmail(), r.GetPassword())
	if err != nil {
		return nil, err
	}
	return &porteirov1.LoginResponse{Grant: grant(granted)}, nil
}

func (g gate) Refresh(ctx context.Context, _ *porteirov1.RefreshRequest) (*porteirov1.RefreshResponse, error) {
	refresh, err := token(ctx)
	if err != nil {
		return nil, err
	}
	granted, err := g.Gate.Refresh(ctx, refresh)
	if err != nil {
		return nil, err
	}
	return &porteirov1.RefreshResponse{Grant: grant(granted)}, nil
}

func (g gate) Logout(ctx context.Context, r *porteirov1.LogoutRequest) (*porteirov1.LogoutResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := scopeOf(r.GetScope())
	if err != nil {
		return nil, err
	}
	if err := g.Gate.Logout(ctx, access, scope); err != nil {
		return nil, err
	}
	return &porteirov1.LogoutResponse{}, nil
}

func scopeOf(s porteirov1.Scope) (domain.Scope, error) {
	switch s {
	case porteirov1.Scope_SCOPE_UNSPECIFIED, porteirov1.Scope_SCOPE_GLOBAL:
		return domain.Global, nil
	case porteirov1.Scope_SCOPE_LOCAL:
		return domain.Local, nil
	case porteirov1.Scope_SCOPE_OTHERS:
		return domain.Others, nil
	}
	return "", &domain.Denied{Refusal: domain.RequestInvalid, Field: "scope"}
}

func (g gate) Authorize(ctx context.Context, r *porteirov1.AuthorizeRequest) (*porteirov1.AuthorizeResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	var anyOf []domain.Role
	for _, name := range r.GetRole() {
		anyOf = append(anyOf, domain.Role(name)) // the gate looks at them
	}
	id, err := g.Gate.Authorize(ctx, access, anyOf...)
	if err != nil {
		return nil, err
	}
	roles := make([]string, len(id.Roles))
	for i, role := range id.Roles {
		roles[i] = string(role)
	}
	return &porteirov1.AuthorizeResponse{Identity: &porteirov1.Identity{
		Id: string(id.User), Email: string(id.Email), Roles: roles, Session: string(id.Session),
		LoginTime: timestamppb.New(id.LoginTime),
	}}, nil
}

func grant(g application.Grant) *porteirov1.Grant {
	return &porteirov1.Grant{
		AccessToken: g.AccessToken, RefreshToken: g.RefreshToken,
		ExpiresIn: durationpb.New(g.ExpiresIn), RefreshExpiresIn: durationpb.New(g.RefreshExpiresIn),
	}
}
