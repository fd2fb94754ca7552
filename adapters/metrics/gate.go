package metrics

import (
	"context"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Gate returns a gate that answers what the other one does, and is counted.
func (m *Metrics) Gate(next application.Gate) application.Gate {
	return &gate{
		next: next, login: m.operations[application.EventLogin], refresh: m.operations[application.EventRefresh],
		logout: m.operations[application.EventLogout], authorize: m.operations[application.EventPass],
	}
}

type gate struct {
	next                              application.Gate
	login, refresh, logout, authorize *operation
}

func (g *gate) Login(ctx context.Context, email, password string) (grant application.Grant, err error) {
	err = errPanicked
	defer g.login.end(ctx, time.Now(), &err)
	return g.next.Login(ctx, email, password)
}

func (g *gate) Refresh(ctx context.Context, refresh string) (grant application.Grant, err error) {
	err = errPanicked
	defer g.refresh.end(ctx, time.Now(), &err)
	return g.next.Refresh(ctx, refresh)
}

func (g *gate) Logout(ctx context.Context, access string, scope domain.Scope) (err error) {
	err = errPanicked
	defer g.logout.end(ctx, time.Now(), &err)
	return g.next.Logout(ctx, access, scope)
}

func (g *gate) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (id application.Identity, err error) {
	err = errPanicked
	defer g.authorize.end(ctx, time.Now(), &err)
	return g.next.Authorize(ctx, access, anyOf...)
}
