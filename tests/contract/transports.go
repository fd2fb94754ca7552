package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// Ports is what a transport carries.
type Ports struct {
	Gate     application.Gate
	Accounts application.Accounts
	Sessions application.Sessions
}

// Transports proves that a transport changes nothing of what it carries. carry puts a server before the near ports and
// returns its client; both live as long as the t that it is given. What is near is scripted here, so that every answer
// and every error goes over the wire; run [Services] over the same transport as well, on a real core.
func Transports(t *testing.T, carry func(t *testing.T, near Ports) Ports) {
	open := func(t *testing.T) *line {
		near := &script{ // no service grants nothing, or says yes to nobody
			grant:    application.Grant{AccessToken: "a.b.c", RefreshToken: "d.e.f"},
			identity: application.Identity{User: userID(0), Email: ana, Session: someSession, LoginTime: at(0)},
			account:  application.Registered{User: userID(0), Email: ana},
		}
		return &line{near: near, far: carry(t, Ports{Gate: near, Accounts: near, Sessions: near})}
	}
	run(t, "Transport", open, []row[*line]{
		{"arguments arrive", "What a caller says arrives byte for byte.", argumentsArrive},
		{"answers arrive", "What the service answers arrives whole: times to the microsecond, roles in their order.", answersArrive},
		{"sessions arrive", "A list of sessions arrives whole, empty or as long as it may be.", sessionsArrive},
		{"refusals arrive", "Every refusal that a port names is found by errors.Is on the far side, from every method.", refusalsArrive},
		{"what a refusal carries", "The RetryAfter (in whole seconds, never less) and the Field of a Denied arrive.", deniedArrives},
		{"failures stay inside", "An error that is no refusal is Unavailable on the far side, or at least no refusal, and its words stay inside.", failuresStay},
		{"a deadline", "A call whose context ends comes back as Unavailable though the service does not answer.", deadline},
		{"callers do not mix", "Calls at the same time each get their own answer.", callersDoNotMix},
		{"no origin from a client", "The origin is what the server saw: what a client says of itself is not believed.", originNotBelieved},
	})
}

func argumentsArrive(ctx context.Context, l *line) error {
	odd := " \x01\x7f\u0000\u2028\U0001F511 \"'\\<>&%+;=\r\n\ttail "
	long := strings.Repeat("é", 1000)
	token := strings.Repeat("Aa0-_.", 600)
	for _, call := range []struct {
		do   func() error
		want []string
	}{
		{func() error { _, err := l.far.Gate.Login(ctx, " Ana@Example.com ", odd); return err }, []string{" Ana@Example.com ", odd}},
		{func() error { _, err := l.far.Gate.Login(ctx, "", ""); return err }, []string{"", ""}},
		{func() error { _, err := l.far.Accounts.Register(ctx, "çã@example.com", long); return err }, []string{"çã@example.com", long}},
		{func() error { _, err := l.far.Accounts.ChangePassword(ctx, token, odd, long); return err }, []string{token, odd, long}},
		{func() error { _, err := l.far.Accounts.ChangeEmail(ctx, token, odd, " çã@Example.com "); return err }, []string{token, odd, " çã@Example.com "}},
		{func() error { return l.far.Accounts.DeleteAccount(ctx, token, odd) }, []string{token, odd}},
		{func() error { _, err := l.far.Sessions.ListSessions(ctx, token); return err }, []string{token}},
		{func() error { return l.far.Sessions.EndSession(ctx, token, someSession) }, []string{token, someSession}},
		{func() error { _, err := l.far.Gate.Refresh(ctx, token); return err }, []string{token}},
		{func() error { return l.far.Gate.Logout(ctx, token, domain.Others) }, []string{token, "others"}},
		{func() error { return l.far.Gate.Logout(ctx, token, "") }, []string{token, "global"}},
		{func() error { _, err := l.far.Gate.Authorize(ctx, token); return err }, []string{token}},
		{func() error { _, err := l.far.Gate.Authorize(ctx, "~+/", "b", "a:1.2_3-4", "a"); return err }, []string{"~+/", "b", "a:1.2_3-4", "a"}},
	} {
		if err := call.do(); err != nil {
			return fmt.Errorf("with %.80q: %w", call.want, err)
		}
		if got := fmt.Sprintf("%q", l.near.seen); got != fmt.Sprintf("%q", call.want) {
			return fmt.Errorf("%.200s arrived in place of %.200q", got, call.want)
		}
	}
	return nil
}

// someSession is an ID that a caller may name.
const someSession = "018f0000-0000-7000-8000-000000000002"

func answersArrive(ctx context.Context, l *line) error {
	l.near.grant = application.Grant{AccessToken: "access.token-_~", RefreshToken: "refresh.token", ExpiresIn: 901 * time.Second, RefreshExpiresIn: 604801 * time.Second}
	l.near.identity = application.Identity{
		User: "018f0000-0000-7000-8000-000000000001", Email: "o'neil+x&y=%z@example.com", Roles: []domain.Role{"z", "a:b"},
		Session: someSession, LoginTime: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	}
	l.near.account = application.Registered{User: l.near.identity.User, Email: l.near.identity.Email}
	logged, err1 := l.far.Gate.Login(ctx, ana, password)
	refreshed, err2 := l.far.Gate.Refresh(ctx, "a.b.c")
	id, err3 := l.far.Gate.Authorize(ctx, "a.b.c")
	account, err4 := l.far.Accounts.Register(ctx, ana, password)
	changed, err5 := l.far.Accounts.ChangePassword(ctx, "a.b.c", password, renewed)
	moved, err6 := l.far.Accounts.ChangeEmail(ctx, "a.b.c", password, bea)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	if logged != l.near.grant || refreshed != l.near.grant || changed != l.near.grant {
		return fmt.Errorf("%+v, %+v and %+v arrived", logged, refreshed, changed)
	}
	if account != l.near.account || moved != l.near.account {
		return fmt.Errorf("%+v and %+v arrived", account, moved)
	}
	if !id.LoginTime.Equal(l.near.identity.LoginTime) {
		return fmt.Errorf("the login time arrived as %v", id.LoginTime)
	}
	id.LoginTime = l.near.identity.LoginTime
	if fmt.Sprintf("%+v", id) != fmt.Sprintf("%+v", l.near.identity) {
		return fmt.Errorf("%+v arrived in place of %+v", id, l.near.identity)
	}
	return nil
}

func sessionsArrive(ctx context.Context, l *line) error {
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	for _, n := range []int{0, 1, application.MaxSessions} {
		l.near.sessions = nil
		for i := range n {
			l.near.sessions = append(l.near.sessions, application.SessionInfo{
				ID: sessionID(i), Current: i == n/2, LoginTime: last, RefreshedAt: at(time.Microsecond),
				UserAgent: strings.Repeat("\u2028<é\"", 36), IP: "2001:db8::1",
			})
		}
		got, err := l.far.Sessions.ListSessions(ctx, "a.b.c")
		if err != nil {
			return err
		}
		same := func(a, b application.SessionInfo) bool {
			sameTimes := a.LoginTime.Equal(b.LoginTime) && a.RefreshedAt.Equal(b.RefreshedAt)
			a.LoginTime, a.RefreshedAt = b.LoginTime, b.RefreshedAt
			return sameTimes && a == b
		}
		if !slices.EqualFunc(got, l.near.sessions, same) {
			return fmt.Errorf("of %d sessions arrived\n\t%.400v", n, got)
		}
	}
	return nil
}

func refusalsArrive(ctx context.Context, l *line) error {
	for _, want := range []domain.Refusal{
		domain.InvalidCredentials, domain.TokenMissing, domain.TokenInvalid, domain.TokenExpired, domain.TokenRevoked,
		domain.TokenReused, domain.SessionExpired, domain.InsufficientRole, domain.EmailTaken, domain.EmailInvalid,
		domain.PasswordWeak, domain.RegistrationClosed, domain.TooManyAttempts, domain.CrossSite, domain.RequestInvalid, domain.NotFound, domain.BodyTooLarge,
		domain.Unavailable,
	} {
		l.near.err = fmt.Errorf("inside: %w", want)
		for name, call := range l.calls() {
			if err := is(name, call(ctx), want); err != nil {
				return err
			}
		}
	}
	return nil
}

func deniedArrives(ctx context.Context, l *line) error {
	for name, call := range l.calls() {
		l.near.err = &domain.Denied{Refusal: domain.Unavailable, RetryAfter: 2500 * time.Millisecond}
		var later *domain.Denied
		if err := call(ctx); !errors.As(err, &later) || later.RetryAfter != 3*time.Second || later.Refusal != domain.Unavailable {
			return fmt.Errorf("%s: a retry after 2.5 s arrived as %+v", name, err)
		}
		l.near.err = &domain.Denied{Refusal: domain.PasswordWeak, Field: "new_password"}
		var field *domain.Denied
		if err := call(ctx); !errors.As(err, &field) || field.Field != "new_password" || field.Refusal != domain.PasswordWeak {
			return fmt.Errorf("%s: a field arrived as %+v", name, err)
		}
	}
	return nil
}

func failuresStay(ctx context.Context, l *line) error {
	const secret = "dial tcp 10.1.2.3: password=hunter2"
	for _, fault := range []error{errors.New(secret), fmt.Errorf("%w: %w", domain.Unavailable, errors.New(secret))} {
		l.near.err = fault
		for name, call := range l.calls() {
			err := call(ctx)
			if err := is(name, err, domain.Unavailable); err != nil {
				return err
			}
			if strings.Contains(err.Error(), "hunter2") {
				return fmt.Errorf("%s: the far side is told %q", name, err)
			}
		}
	}
	return nil
}

func deadline(ctx context.Context, l *line) error {
	l.near.hold = make(chan struct{})
	defer close(l.near.hold)
	for name, call := range l.calls() {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		err := call(short)
		cancel()
		if err := is(name, err, domain.Unavailable); err != nil {
			return err
		}
	}
	return nil
}

func callersDoNotMix(ctx context.Context, l *line) error {
	l.near.echo = true
	const n = 64
	errs := make(chan error, n)
	for i := range n {
		go func() {
			email, pass := fmt.Sprintf("user%d@example.com", i), fmt.Sprintf("password %d", i)
			g, err := l.far.Gate.Login(ctx, email, pass)
			if err == nil && (g.AccessToken != email || g.RefreshToken != pass) {
				err = fmt.Errorf("%s got the answer of %s", email, g.AccessToken)
			}
			errs <- err
		}()
	}
	var all []error
	for range n {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

func originNotBelieved(ctx context.Context, l *line) error {
	claimed := application.Origin{IP: "203.0.113.7", UserAgent: "somebody else", RequestID: "made up by the client"}
	for name, call := range l.calls() {
		if err := call(application.WithOrigin(ctx, claimed)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if o := l.near.origin; o.IP == claimed.IP || o.UserAgent == claimed.UserAgent || o.RequestID == claimed.RequestID {
			return fmt.Errorf("%s: the origin is %+v", name, o)
		}
	}
	return nil
}
