package contract

import (
	"context"
	"sync"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// line is a scripted service and the client that reaches it.
type line struct {
	near *script
	far  Ports
}

// script is the near side: it does what it is told.
type script struct {
	mu       sync.Mutex
	err      error
	grant    application.Grant
	identity application.Identity
	account  application.Registered
	sessions []application.SessionInfo
	seen     []string
	origin   application.Origin
	hold     chan struct{}
	echo     bool
	calls    int
}

// say has every method return the error from now on.
func (s *script) say(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// count returns how many calls have come.
func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// answerFully has every method answer something.
func (s *script) answerFully() {
	s.grant = application.Grant{AccessToken: "access", RefreshToken: "refresh", ExpiresIn: time.Minute, RefreshExpiresIn: time.Hour}
	s.identity = application.Identity{User: userID(0), Email: ana, Roles: []domain.Role{"admin"}, Session: someSession, LoginTime: at(0)}
	s.account = application.Registered{User: userID(0), Email: ana}
	s.sessions = []application.SessionInfo{{ID: someSession, LoginTime: at(0), RefreshedAt: at(0), UserAgent: "curl"}}
}

// mark makes the answers others than before.
func (s *script) mark(with string) {
	s.grant.AccessToken += with
	s.identity.Email += domain.Email(with)
	s.sessions[0].UserAgent += with
}

// own is the answer to a caller who says who they are.
func (s *script) own(caller string) (application.Grant, application.Identity, application.Registered, []application.SessionInfo) {
	if !s.echo {
		return s.grant, s.identity, s.account, s.sessions
	}
	return application.Grant{AccessToken: caller, RefreshToken: "r", ExpiresIn: time.Second},
		application.Identity{User: userID(0), Email: domain.Email(caller), Session: someSession, LoginTime: at(0)},
		application.Registered{User: userID(0), Email: domain.Email(caller)},
		[]application.SessionInfo{{ID: someSession, LoginTime: at(0), RefreshedAt: at(0), UserAgent: caller}}
}

func (s *script) told(ctx context.Context, words ...string) error {
	s.mu.Lock()
	s.seen, s.origin = words, application.OriginOf(ctx)
	s.calls++
	err, hold := s.err, s.hold
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return err
}

func (s *script) Login(ctx context.Context, email, password string) (application.Grant, error) {
	grant, _, _, _ := s.own(email)
	return grant, s.told(ctx, email, password)
}

func (s *script) Refresh(ctx context.Context, refresh string) (application.Grant, error) {
	grant, _, _, _ := s.own(refresh)
	return grant, s.told(ctx, refresh)
}

func (s *script) Logout(ctx context.Context, access string, scope domain.Scope) error {
	return s.told(ctx, access, string(scope))
}

func (s *script) Authorize(ctx context.Context, access string, anyOf ...domain.Role) (application.Identity, error) {
	words := []string{access}
	for _, r := range anyOf {
		words = append(words, string(r))
	}
	_, identity, _, _ := s.own(access)
	return identity, s.told(ctx, words...)
}

func (s *script) ChangePassword(ctx context.Context, access, current, next string) (application.Grant, error) {
	grant, _, _, _ := s.own(access)
	return grant, s.told(ctx, access, current, next)
}

func (s *script) ChangeEmail(ctx context.Context, access, password, email string) (application.Registered, error) {
	_, _, account, _ := s.own(email)
	return account, s.told(ctx, access, password, email)
}

func (s *script) DeleteAccount(ctx context.Context, access, password string) error {
	return s.told(ctx, access, password)
}

func (s *script) ListSessions(ctx context.Context, access string) ([]application.SessionInfo, error) {
	_, _, _, sessions := s.own(access)
	return sessions, s.told(ctx, access)
}

func (s *script) EndSession(ctx context.Context, access string, id domain.SessionID) error {
	return s.told(ctx, access, string(id))
}

func (s *script) Register(ctx context.Context, email, password string) (application.Registered, error) {
	_, _, account, _ := s.own(email)
	return account, s.told(ctx, email, password)
}

// calls are all the methods, as errors.
func (l *line) calls() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Login":     func(ctx context.Context) error { _, err := l.far.Gate.Login(ctx, ana, password); return err },
		"Refresh":   func(ctx context.Context) error { _, err := l.far.Gate.Refresh(ctx, "a.b.c"); return err },
		"Logout":    func(ctx context.Context) error { return l.far.Gate.Logout(ctx, "a.b.c", domain.Global) },
		"Authorize": func(ctx context.Context) error { _, err := l.far.Gate.Authorize(ctx, "a.b.c"); return err },
		"ChangePassword": func(ctx context.Context) error {
			_, err := l.far.Accounts.ChangePassword(ctx, "a.b.c", password, renewed)
			return err
		},
		"ChangeEmail": func(ctx context.Context) error {
			_, err := l.far.Accounts.ChangeEmail(ctx, "a.b.c", password, bea)
			return err
		},
		"DeleteAccount": func(ctx context.Context) error { return l.far.Accounts.DeleteAccount(ctx, "a.b.c", password) },
		"ListSessions":  func(ctx context.Context) error { _, err := l.far.Sessions.ListSessions(ctx, "a.b.c"); return err },
		"EndSession":    func(ctx context.Context) error { return l.far.Sessions.EndSession(ctx, "a.b.c", someSession) },
		"Register":      func(ctx context.Context) error { _, err := l.far.Accounts.Register(ctx, ana, password); return err },
	}
}
