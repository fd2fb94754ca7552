package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func refusalsAlone(ctx context.Context, l *line) error {
	l.near.answerFully()
	for _, refusal := range []error{domain.TokenRevoked, domain.InvalidCredentials, domain.InsufficientRole, errors.New("a failure")} {
		l.near.say(refusal)
		logged, err1 := l.far.Gate.Login(ctx, ana, password)
		refreshed, err2 := l.far.Gate.Refresh(ctx, "a.b.c")
		changed, err3 := l.far.Accounts.ChangePassword(ctx, "a.b.c", password, renewed)
		id, err4 := l.far.Gate.Authorize(ctx, "a.b.c")
		registered, err5 := l.far.Accounts.Register(ctx, ana, password)
		moved, err6 := l.far.Accounts.ChangeEmail(ctx, "a.b.c", password, bea)
		sessions, err7 := l.far.Sessions.ListSessions(ctx, "a.b.c")
		for i, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
			if err == nil {
				return fmt.Errorf("call %d: %w was swallowed", i, refusal)
			}
		}
		none := application.Grant{}
		if logged != none || refreshed != none || changed != none || id.User != "" || id.Email != "" || len(id.Roles) > 0 ||
			id.Session != "" || registered != (application.Registered{}) || moved != (application.Registered{}) || len(sessions) > 0 {
			return fmt.Errorf("with %w arrived %+v, %+v, %+v, %+v, %+v, %+v and %d sessions", refusal, logged, refreshed, changed, id, registered, moved, len(sessions))
		}
	}
	return nil
}

// deadline lets contexts end by their time, by a cancellation, and before the call.
func deadline(ctx context.Context, l *line) error {
	l.near.hold = make(chan struct{})
	defer close(l.near.hold)
	for name, call := range l.calls() {
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		err := call(short)
		cancel()
		if err := is(name, err, domain.Unavailable); err != nil {
			return err
		}
		left, leave := context.WithCancel(ctx)
		timer := time.AfterFunc(20*time.Millisecond, leave)
		err = call(left)
		timer.Stop()
		leave()
		if err := is(name+", cancelled", err, domain.Unavailable); err != nil {
			return err
		}
		if err := is(name+", cancelled before", call(left), domain.Unavailable); err != nil {
			return err
		}
	}
	return nil
}

// calledOnce counts what reaches the service. What only reads may be asked again.
func calledOnce(ctx context.Context, l *line) error {
	reads := []string{"Authorize", "ListSessions"}
	for _, answer := range []error{nil, domain.TokenRevoked, domain.Unavailable, errors.New("a failure"), &domain.Denied{Refusal: domain.Unavailable, RetryAfter: time.Nanosecond}} {
		l.near.say(answer)
		for name, call := range l.calls() {
			before := l.near.count()
			if err := call(ctx); (err == nil) != (answer == nil) {
				return fmt.Errorf("%s: %v became %w", name, answer, err)
			}
			n := l.near.count() - before
			if n < 1 || n > 1 && !slices.Contains(reads, name) {
				return fmt.Errorf("%s, which was answered with %v, reached the service %d times", name, answer, n)
			}
		}
	}
	return nil
}

// nothingRemembered makes the same calls while what they are answered changes.
func nothingRemembered(ctx context.Context, l *line) error {
	for round := range 3 {
		l.near.answerFully()
		l.near.mark(fmt.Sprint(round))
		for _, answer := range []error{nil, domain.TokenRevoked, nil, domain.Unavailable} {
			l.near.say(answer)
			for name, call := range l.calls() {
				err := call(ctx)
				if answer == nil && err != nil || answer != nil && !errors.Is(err, answer) {
					return fmt.Errorf("%s: %v became %w", name, answer, err)
				}
			}
		}
		l.near.say(nil)
		g, err1 := l.far.Gate.Refresh(ctx, "a.b.c")
		id, err2 := l.far.Gate.Authorize(ctx, "a.b.c")
		list, err3 := l.far.Sessions.ListSessions(ctx, "a.b.c")
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		if g != l.near.grant || id.Email != l.near.identity.Email || len(list) != 1 || list[0].UserAgent != l.near.sessions[0].UserAgent {
			return fmt.Errorf("in round %d arrived %+v, %+v and %+v", round, g, id, list)
		}
	}
	return nil
}

// callersDoNotMix has each caller ask for what is theirs, in every way at the same time.
func callersDoNotMix(ctx context.Context, l *line) error {
	l.near.echo = true
	return atOnce(64, func(i int) error {
		me := fmt.Sprintf("user%d@example.com", i)
		token := fmt.Sprintf("token.%d.x", i)
		for range 3 {
			g, err1 := l.far.Gate.Login(ctx, me, password)
			r, err2 := l.far.Gate.Refresh(ctx, token)
			c, err3 := l.far.Accounts.ChangePassword(ctx, token, password, renewed)
			id, err4 := l.far.Gate.Authorize(ctx, token)
			list, err5 := l.far.Sessions.ListSessions(ctx, token)
			reg, err6 := l.far.Accounts.Register(ctx, me, password)
			if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
				return err
			}
			if g.AccessToken != me || r.AccessToken != token || c.AccessToken != token || string(id.Email) != token ||
				len(list) != 1 || list[0].UserAgent != token || string(reg.Email) != me {
				return fmt.Errorf("%s got %+v, %+v, %+v, %+v, %+v and %+v", me, g, r, c, id, list, reg)
			}
		}
		return nil
	})
}
