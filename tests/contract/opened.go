package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func openedRows() []row[application.Store] {
	return []row[application.Store]{
		{"a session comes back as opened",
			"Every field of a session survives, to the microsecond, however long and in whatever script.", sessionsSurvive},
		{"a session comes back as changed",
			"A rotation, the end of a session with its reason and a new login time survive.", changedSessionsSurvive},
		{"a session may be refreshed for years",
			"The count of a session's refresh tokens has no bound that anybody meets.", refreshedForYears},
		{"times of a session come back as instants",
			"Times are Instants: UTC, no monotonic reading, and a zero time stays zero.", sessionTimesAreInstants},
		{"f is shown the user's own sessions only",
			"Of the named sessions f is shown those that are the user's, and can neither read nor end another's.", foreignSession},
		{"f is shown the named sessions only",
			"A session that was not named is not shown.", unnamedSession},
		{"a session that is unknown or no ID is absent",
			"Naming a session that is not there, or what is no ID, is no error; f just does not see it.", unknownSessions},
		{"a session named twice is one",
			"A session that is named twice is read, changed and written once.", sessionNamedTwice},
		{"the ID of a session is opened once",
			"Opening a session whose ID is there already is an error, no refusal, and saves nothing.", sessionOpenedTwice},
	}
}

// openings is what a careless store would cut, fold or confuse.
func openings() []domain.Opening {
	full := opening("")
	bare := domain.Opening{Verified: verified, Lifetime: full.Lifetime}
	odd := full
	odd.Methods = []domain.Method{"totp", domain.PasswordMethod, "webauthn"}
	odd.UserAgent = "Mozilla/5.0 (X11; \"Línux\") 'ação' ; -- \\ % _ \t 日本 🚪\u200d\u202e"
	odd.IP = "2001:db8::7:0%ção"
	odd.Lifetime = domain.Lifetime{Absolute: time.Microsecond, Idle: 2 * time.Microsecond}
	long := full
	long.UserAgent = strings.Repeat("é🚪 ", 4000)
	long.IP = strings.Repeat("2001:db8::, ", 100)
	long.Lifetime = domain.Lifetime{Absolute: 200 * 365 * 24 * time.Hour, Idle: 100 * 365 * 24 * time.Hour}
	all := []domain.Opening{full, bare, odd, long}
	for i := range all {
		all[i].ID = sessionID(i)
	}
	return all
}

// openAll opens each for a user of its own, at times from before the epoch to the last ones with four digits of year.
func openAll(ctx context.Context, s application.Store) ([]domain.Session, error) {
	times := []time.Time{
		at(0), time.Unix(0, 0), time.Date(9999, time.December, 31, 23, 59, 59, 999990000, time.UTC), time.Unix(0, -1000),
	}
	opened := make([]domain.Session, len(times))
	for i, o := range openings() {
		if err := s.Add(ctx, person(i)); err != nil {
			return nil, fmt.Errorf("Add: %w", err)
		}
		err := s.Change(ctx, userID(i), func(a *domain.Account) (err error) {
			opened[i], err = a.Open(times[i], o)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("Change: %w", err)
		}
	}
	return opened, nil
}

func sessionsSurvive(ctx context.Context, s application.Store) error {
	opened, err := openAll(ctx, s)
	if err != nil {
		return err
	}
	for _, want := range opened {
		got, err := look1(ctx, s, want.UserID, want.ID)
		if err != nil {
			return err
		}
		if err := sameSession("Change", got, want); err != nil {
			return err
		}
	}
	return nil
}

func changedSessionsSurvive(ctx context.Context, s application.Store) error {
	if _, err := openAll(ctx, s); err != nil {
		return err
	}
	refreshing := domain.Refreshing{Idle: 13 * time.Microsecond}
	changes := []func(a *domain.Account){
		func(a *domain.Account) {
			for count := range 3 {
				a.Refresh(at(time.Duration(count)*time.Microsecond), sessionID(0), count, refreshing)
			}
		},
		func(a *domain.Account) { a.LogOut(at(time.Microsecond), sessionID(0), domain.Others) },
		func(a *domain.Account) { a.Refresh(at(5*time.Microsecond), sessionID(0), 0, refreshing) }, // reuse
	}
	for i, change := range changes {
		var user domain.User
		var before, want domain.Session
		err := s.Change(ctx, userID(0), func(a *domain.Account) error {
			before, _ = a.Session(sessionID(0))
			change(a)
			user = a.User.Clone()
			want, _ = a.Session(sessionID(0))
			return nil
		}, sessionID(0))
		if err != nil {
			return fmt.Errorf("Change %d: %w", i, err)
		}
		if want.Equal(before) {
			return fmt.Errorf("Change %d did not find the session as it was left: %+v", i, before)
		}
		if err := sameAccount(ctx, s, user, want); err != nil {
			return fmt.Errorf("after Change %d: %w", i, err)
		}
	}
	return nil
}

func sessionTimesAreInstants(ctx context.Context, s application.Store) error {
	opened, err := openAll(ctx, s)
	if err != nil {
		return err
	}
	for _, session := range opened {
		g, err := look1(ctx, s, session.UserID, session.ID)
		if err != nil {
			return err
		}
		found, err := s.Standings(ctx, session.ID)
		if err != nil {
			return fmt.Errorf("Standings: %w", err)
		}
		st := found[session.ID]
		for _, t := range []time.Time{
			g.LoginTime, g.CreatedAt, g.EndedAt, g.IdleUntil, g.Until, g.RefreshedAt, st.LoginTime, st.LogoutTime, st.IdleUntil, st.Until,
		} {
			if t != domain.Instant(t) {
				return fmt.Errorf("%v (%s) is no Instant", t, t.Location())
			}
		}
	}
	return nil
}

func sessionOpenedTwice(ctx context.Context, s application.Store) error {
	if err := people(ctx, s, 2); err != nil {
		return err
	}
	session, err := signIn(ctx, s, at(0), userID(0), sessionID(0))
	if err != nil {
		return err
	}
	owner, _, err := look(ctx, s, userID(0))
	if err != nil {
		return err
	}
	for _, c := range []struct {
		what  string
		user  domain.UserID
		open  []domain.SessionID
		about []domain.SessionID
	}{
		{"an ID of the user's", userID(0), []domain.SessionID{sessionID(1), session.ID}, nil},
		{"an ID of the user's that was named", userID(0), []domain.SessionID{session.ID}, []domain.SessionID{session.ID}},
		{"an ID of another user's", userID(1), []domain.SessionID{session.ID}, nil},
		{"a new ID twice", userID(1), []domain.SessionID{sessionID(1), sessionID(1)}, nil},
	} {
		err := s.Change(ctx, c.user, func(a *domain.Account) error {
			for _, id := range c.open {
				if _, err := a.Open(at(time.Minute), opening(id)); err != nil {
					return err
				}
			}
			return nil
		}, c.about...)
		if err := failed("opening "+c.what, err); err != nil {
			return err
		}
		found, err := s.Standings(ctx, sessionID(1))
		if err != nil || len(found) > 0 {
			return fmt.Errorf("opening %s left %v, %v", c.what, found, err)
		}
		if err := errors.Join(sameAccount(ctx, s, owner, session), sameAccount(ctx, s, person(1))); err != nil {
			return fmt.Errorf("opening %s: %w", c.what, err)
		}
	}
	return nil
}
