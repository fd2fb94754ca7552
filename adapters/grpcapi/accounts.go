package grpcapi

import (
	"context"

	porteirov1 "github.com/porteiro/porteiro/adapters/grpcapi/porteiro/v1"
	"github.com/porteiro/porteiro/application"
)

// accounts serves porteirov1.Accounts.
type accounts struct {
	porteirov1.UnsafeAccountsServer
	application.Accounts
}

func (a accounts) Register(ctx context.Context, r *porteirov1.RegisterRequest) (*porteirov1.RegisterResponse, error) {
	registered, err := a.Accounts.Register(ctx, r.GetEmail(), r.GetPassword())
	if err != nil {
		return nil, err
	}
	return &porteirov1.RegisterResponse{Account: account(registered)}, nil
}

func (a accounts) ChangePassword(ctx context.Context, r *porteirov1.ChangePasswordRequest) (*porteirov1.ChangePasswordResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	granted, err := a.Accounts.ChangePassword(ctx, access, r.GetCurrentPassword(), r.GetNewPassword())
	if err != nil {
		return nil, err
	}
	return &porteirov1.ChangePasswordResponse{Grant: grant(granted)}, nil
}

func (a accounts) ChangeEmail(ctx context.Context, r *porteirov1.ChangeEmailRequest) (*porteirov1.ChangeEmailResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	changed, err := a.Accounts.ChangeEmail(ctx, access, r.GetPassword(), r.GetEmail())
	if err != nil {
		return nil, err
	}
	return &porteirov1.ChangeEmailResponse{Account: account(changed)}, nil
}

func (a accounts) DeleteAccount(ctx context.Context, r *porteirov1.DeleteAccountRequest) (*porteirov1.DeleteAccountResponse, error) {
	access, err := token(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.DeleteAccount(ctx, access, r.GetPassword()); err != nil {
		return nil, err
	}
	return &porteirov1.DeleteAccountResponse{}, nil
}

func account(a application.Registered) *porteirov1.Account {
	return &porteirov1.Account{Id: string(a.User), Email: string(a.Email)}
}
