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
	run(t, "Transport", open, transportRows())
}

func transportRows() []row[*line] {
	return []row[*line]{
		{"arguments arrive", "What a caller says arrives byte for byte.", argumentsArrive},
		{"answers arrive", "What the service answers arrives whole: times to the microsecond, roles in their order.", answersArrive},
		{"sessions arrive", "A list of sessions arrives whole, empty or as long as it may be.", sessionsArrive},
		{"refusals arrive", "Every refusal that a port names is found by errors.Is on the far side, from every method.", refusalsArrive},
		{"a refusal brings no answer", "With a refusal nothing of an answer arrives, whatever the service returned beside it.", refusalsAlone},
		{"what a refusal carries", "The RetryAfter (in whole seconds, never less) and the Field of a Denied arrive.", deniedArrives},
		{"failures stay inside", "An error that is no refusal is Unavailable on the far side, and its words stay inside.", failuresStay},
		{"a deadline", "A call whose context ends comes back as Unavailable though the service does not answer.", deadline},
		{"a call is made once", "Whatever is answered, a call that writes reaches the service once: nothing is sent again.", calledOnce},
		{"nothing is remembered", "Each call gets the answer that the service gives to it, whatever it gave to the same one before.", nothingRemembered},
		{"callers do not mix", "Calls at the same time each get their own answer.", callersDoNotMix},
		{"no origin from a client", "The origin is what the server saw: what a client says of itself is not believed.", originNotBelieved},
	}
}

func argumentsArrive(ctx context.Context, l *line) error {
	odd := " \x01\x7f\u0000\u2028\U0001F511 \"'\\<>&%+;=\r\n\tE\u0301 \u00c9 TAIL tail "
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
		{func() error { return l.far.Gate.Logout(ctx, token, domain.Local) }, []string{token, "local"}},
		{func() error { return l.far.Gate.Logout(ctx, token, domain.Global) }, []string{token, "global"}},
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
	l.near.identity.Roles = nil
	if id, err := l.far.Gate.Authorize(ctx, "a.b.c"); err != nil || len(id.Roles) > 0 {
		return fmt.Errorf("of no roles %q arrived, %w", id.Roles, err)
	}
	return nil
}

func sessionsArrive(ctx context.Context, l *line) error {
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	for _, n := range []int{0, 1, application.MaxSessions} {
		l.near.sessions = nil
		for i := range n {
			l.near.sessions = append(l.near.sessions, application.SessionInfo{
				ID: sessionID(i), Current: i == n/2, LoginTime: last.Add(-time.Duration(i) * time.Hour),
				RefreshedAt: at(time.Duration(i) * time.Microsecond), UserAgent: strings.Repeat("\u2028<É\"", 36) + fmt.Sprint(i),
				IP: fmt.Sprintf("2001:db8::%x", i),
			})
		}
		if n > 1 { // nothing may be known of it
			l.near.sessions[1].UserAgent, l.near.sessions[1].IP = "", ""
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
		l.near.say(fmt.Errorf("inside: %w", want))
		for name, call := range l.calls() {
			if err := is(name, call(ctx), want); err != nil {
				return err
			}
		}
	}
	return nil
}

// deniedArrives asks for no more than was carried, but a transport may say of its own when to try again.
func deniedArrives(ctx context.Context, l *line) error {
	for name, call := range l.calls() {
		for _, carried := range []domain.Denied{
			{Refusal: domain.Unavailable, RetryAfter: 2500 * time.Millisecond},
			{Refusal: domain.TooManyAttempts, RetryAfter: 61 * time.Second},
			{Refusal: domain.TooManyAttempts, RetryAfter: time.Nanosecond},
			{Refusal: domain.PasswordWeak, Field: "new_password"},
			{Refusal: domain.RequestInvalid, Field: "email"},
			{Refusal: domain.TooManyAttempts, RetryAfter: time.Hour, Field: "password"},
		} {
			l.near.say(fmt.Errorf("inside: %w", &carried))
			want := carried
			want.RetryAfter = (want.RetryAfter + time.Second - 1).Truncate(time.Second)
			var got *domain.Denied
			if err := call(ctx); !errors.As(err, &got) || *got != want {
				return fmt.Errorf("%s: %+v arrived as %+v", name, carried, err)
			}
		}
		l.near.say(domain.EmailTaken)
		var more *domain.Denied
		if err := call(ctx); errors.As(err, &more) && *more != (domain.Denied{Refusal: domain.EmailTaken}) {
			return fmt.Errorf("%s: a refusal that carries nothing arrived as %+v", name, *more)
		}
	}
	return nil
}

func failuresStay(ctx context.Context, l *line) error {
	const secret = "dial tcp 10.1.2.3: password=hunter2"
	for _, fault := range []error{errors.New(secret), fmt.Errorf("%w: %w", domain.Unavailable, errors.New(secret))} {
		l.near.say(fault)
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
