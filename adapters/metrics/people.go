package metrics

import (
	"context"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Accounts returns accounts that answer what the others do, and are counted.
func (m *Metrics) Accounts(next application.Accounts) application.Accounts {
	return &accounts{
		next: next, register: m.operations[application.EventRegister], password: m.operations[application.EventPassword],
		email: m.operations[application.EventEmail], remove: m.operations[application.EventDelete],
	}
}

type accounts struct {
	next                              application.Accounts
	register, password, email, remove *operation
}

func (a *accounts) Register(ctx context.Context, email, password string) (r application.Registered, err error) {
	err = errPanicked
	defer a.register.end(ctx, time.Now(), &err)
	return a.next.Register(ctx, email, password)
}

func (a *accounts) ChangePassword(ctx context.Context, access, current, next string) (g application.Grant, err error) {
	err = errPanicked
	defer a.password.end(ctx, time.Now(), &err)
	return a.next.ChangePassword(ctx, access, current, next)
}

func (a *accounts) ChangeEmail(ctx context.Context, access, password, email string) (r application.Registered, err error) {
	err = errPanicked
	defer a.email.end(ctx, time.Now(), &err)
	return a.next.ChangeEmail(ctx, access, password, email)
}

func (a *accounts) DeleteAccount(ctx context.Context, access, password string) (err error) {
	err = errPanicked
	defer a.remove.end(ctx, time.Now(), &err)
	return a.next.DeleteAccount(ctx, access, password)
}

// Sessions returns sessions that answer what the others do, and are counted.
func (m *Metrics) Sessions(next application.Sessions) application.Sessions {
	return &sessions{next: next, list: m.operations[sessionList], end: m.operations[application.EventEnd]}
}

type sessions struct {
	next      application.Sessions
	list, end *operation
}

func (s *sessions) ListSessions(ctx context.Context, access string) (infos []application.SessionInfo, err error) {
	err = errPanicked
	defer s.list.end(ctx, time.Now(), &err)
	return s.next.ListSessions(ctx, access)
}

func (s *sessions) EndSession(ctx context.Context, access string, id domain.SessionID) (err error) {
	err = errPanicked
	defer s.end.end(ctx, time.Now(), &err)
	return s.next.EndSession(ctx, access, id)
}

// Introspection returns an introspection that answers what the other one does, and is counted.
func (m *Metrics) Introspection(next application.Introspection) application.Introspection {
	return &introspection{next: next, introspect: m.operations[introspect], revoke: m.operations[application.EventRevoke]}
}

type introspection struct {
	next               application.Introspection
	introspect, revoke *operation
}

func (i *introspection) Introspect(ctx context.Context, by application.Credentials, token string) (info application.TokenInfo, err error) {
	err = errPanicked
	defer i.introspect.end(ctx, time.Now(), &err)
	return i.next.Introspect(ctx, by, token)
}

func (i *introspection) Revoke(ctx context.Context, by application.Credentials, token string) (err error) {
	err = errPanicked
	defer i.revoke.end(ctx, time.Now(), &err)
	return i.next.Revoke(ctx, by, token)
}
