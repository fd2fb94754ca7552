package contract

import (
	"context"
	"errors"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// farSide is ports whose every method can be replaced.
type farSide struct {
	login    func(ctx context.Context, email, password string) (application.Grant, error)
	refresh  func(ctx context.Context, refresh string) (application.Grant, error)
	logout   func(ctx context.Context, access string, scope domain.Scope) error
	allow    func(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error)
	register func(ctx context.Context, email, password string) (application.Registered, error)
	password func(ctx context.Context, access, current, next string) (application.Grant, error)
	email    func(ctx context.Context, access, password, email string) (application.Registered, error)
	remove   func(ctx context.Context, access, password string) error
	list     func(ctx context.Context, access string) ([]application.SessionInfo, error)
	end      func(ctx context.Context, access string, id domain.SessionID) error
}

// straightTo is what is near, seen through nothing.
func straightTo(p Ports) *farSide {
	return &farSide{
		p.Gate.Login, p.Gate.Refresh, p.Gate.Logout, p.Gate.Authorize, p.Accounts.Register, p.Accounts.ChangePassword, p.Accounts.ChangeEmail,
		p.Accounts.DeleteAccount, p.Sessions.ListSessions, p.Sessions.EndSession,
	}
}

func (f *farSide) ports() Ports { return Ports{f, f, f} }

func (f *farSide) Login(ctx context.Context, email, password string) (application.Grant, error) {
	return f.login(ctx, email, password)
}

func (f *farSide) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	return f.refresh(ctx, refresh)
}

func (f *farSide) Logout(ctx context.Context, access string, scope domain.Scope) error {
	return f.logout(ctx, access, scope)
}

func (f *farSide) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	return f.allow(ctx, access, anyOf...)
}

func (f *farSide) Register(ctx context.Context, email, password string) (application.Registered, error) {
	return f.register(ctx, email, password)
}

func (f *farSide) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	return f.password(ctx, access, current, next)
}

func (f *farSide) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	return f.email(ctx, access, password, email)
}

func (f *farSide) DeleteAccount(ctx context.Context, access, password string) error {
	return f.remove(ctx, access, password)
}

func (f *farSide) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	return f.list(ctx, access)
}

func (f *farSide) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	return f.end(ctx, access, id)
}

// wire is how things go across: what of an error arrives, the context that the server makes, and how often it is tried.
type wire struct {
	cross  func(err error) error
	arrive func(ctx context.Context) context.Context
	again  func(err error) bool
	both   bool // answer and error
	wait   bool // whatever the caller's context says
}

func newWire() *wire {
	return &wire{cross: crossing, again: func(error) bool { return false }, arrive: func(ctx context.Context) context.Context {
		return application.WithOrigin(context.WithoutCancel(ctx), application.Origin{IP: "192.0.2.1", UserAgent: "a server", RequestID: "of the server's own"})
	}}
}

// crossing is a refusal and what it carries, in whole seconds; any other error is Unavailable.
func crossing(err error) error {
	var denied *domain.Denied
	var refusal domain.Refusal
	switch {
	case errors.As(err, &denied):
		seconds := (denied.RetryAfter + time.Second - 1).Truncate(time.Second)
		return &domain.Denied{Refusal: denied.Refusal, RetryAfter: seconds, Field: denied.Field}
	case errors.As(err, &refusal):
		return refusal
	}
	return domain.Unavailable
}

func across[T any](ctx context.Context, w *wire, f func(ctx context.Context) (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil && !w.wait {
		return none, domain.Unavailable
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.value, a.err = f(w.arrive(ctx))
		if a.err != nil && w.again(a.err) {
			a.value, a.err = f(w.arrive(ctx))
		}
		done <- a
	}()
	over := ctx.Done()
	if w.wait {
		over = nil
	}
	select {
	case a := <-done:
		switch {
		case a.err != nil && w.both:
			return a.value, w.cross(a.err)
		case a.err != nil:
			return none, w.cross(a.err)
		}
		return a.value, nil
	case <-over:
		return none, domain.Unavailable
	}
}

// carried is a right transport in this process.
func carried(near Ports, w *wire) *farSide {
	type (
		grant   = application.Grant
		account = application.Registered
	)
	alone := func(ctx context.Context, f func(ctx context.Context) error) error {
		_, err := across(ctx, w, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
		return err
	}
	return &farSide{
		login: func(ctx context.Context, email, password string) (grant, error) {
			return across(ctx, w, func(ctx context.Context) (grant, error) { return near.Gate.Login(ctx, email, password) })
		},
		refresh: func(ctx context.Context, token string) (grant, error) {
			return across(ctx, w, func(ctx context.Context) (grant, error) { return near.Gate.Refresh(ctx, token) })
		},
		logout: func(ctx context.Context, token string, scope domain.Scope) error {
			if scope == "" {
				scope = domain.Global
			}
			return alone(ctx, func(ctx context.Context) error { return near.Gate.Logout(ctx, token, scope) })
		},
		allow: func(ctx context.Context, token string, anyOf ...domain.Role) (application.Identity, error) {
			return across(ctx, w, func(ctx context.Context) (application.Identity, error) {
				return near.Gate.Authorize(ctx, token, anyOf...)
			})
		},
		register: func(ctx context.Context, email, password string) (account, error) {
			return across(ctx, w, func(ctx context.Context) (account, error) { return near.Accounts.Register(ctx, email, password) })
		},
		password: func(ctx context.Context, token, current, next string) (grant, error) {
			return across(ctx, w, func(ctx context.Context) (grant, error) {
				return near.Accounts.ChangePassword(ctx, token, current, next)
			})
		},
		email: func(ctx context.Context, token, password, email string) (account, error) {
			return across(ctx, w, func(ctx context.Context) (account, error) {
				return near.Accounts.ChangeEmail(ctx, token, password, email)
			})
		},
		remove: func(ctx context.Context, token, password string) error {
			return alone(ctx, func(ctx context.Context) error { return near.Accounts.DeleteAccount(ctx, token, password) })
		},
		list: func(ctx context.Context, token string) ([]application.SessionInfo, error) {
			return across(ctx, w, func(ctx context.Context) ([]application.SessionInfo, error) {
				return near.Sessions.ListSessions(ctx, token)
			})
		},
		end: func(ctx context.Context, token string, id domain.SessionID) error {
			return alone(ctx, func(ctx context.Context) error { return near.Sessions.EndSession(ctx, token, id) })
		},
	}
}
