package contract

import (
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func durableSuite() suite[func() application.Store] {
	return suite[func() application.Store]{
		name: "Durable", rows: durableRows(), right: func(testing.TB) func() application.Store { return reopened(func(*madeUp, int) {}) },
		mutants: brokenDurable(),
	}
}

// reopened opens one place again and again; something happens to it before each opening.
func reopened(happens func(m *madeUp, opening int)) func() application.Store {
	m, n := newMadeUp(), 0
	return func() application.Store {
		n++
		m.mu.Lock()
		defer m.mu.Unlock()
		happens(m, n)
		return m
	}
}

// lostOn is a mutant of what lasts.
func lostOn(wrong string, happens func(m *madeUp, opening int), rows ...string) mutant[func() application.Store] {
	return mutant[func() application.Store]{wrong: wrong, rows: rows, open: func(testing.TB) func() application.Store { return reopened(happens) }}
}

// everyUser changes every user.
func everyUser(alter func(u *domain.User)) func(*madeUp, int) {
	return func(m *madeUp, _ int) {
		for id, u := range m.users {
			alter(&u)
			m.users[id] = u
		}
	}
}

// everySession changes every session.
func everySession(alter func(n *domain.Session)) func(*madeUp, int) {
	return func(m *madeUp, _ int) {
		for id, n := range m.sessions {
			alter(&n)
			m.sessions[id] = n
		}
	}
}

// comesBack happens at each opening but the first.
func comesBack(f func(m *madeUp)) func(*madeUp, int) {
	return func(m *madeUp, opening int) {
		if opening > 1 {
			f(m)
		}
	}
}

func brokenDurable() []mutant[func() application.Store] {
	const people, logins, logouts = "users are there again", "sessions are there again", "a logout holds for ever"
	const tokens, deleted, refusals = "a refresh token that was used stays used", "what was deleted stays deleted", "what was refused is not there"
	const taken, keys, attempts, purged = "emails and IDs stay taken", "keys are there again", "attempts are there again", "what was purged stays purged"
	const many = "many re-opens lose nothing"
	return []mutant[func() application.Store]{
		lostOn("nothing lasts", func(m *madeUp, _ int) { clear(m.users); clear(m.sessions); m.Store = newMadeUp().Store }, people, logins, logouts, tokens, taken, keys, attempts, purged, many),
		lostOn("roles do not last", everyUser(func(u *domain.User) { u.Roles = nil }), people),
		lostOn("logouts are in memory", everyUser(func(u *domain.User) { u.LogoutTime = time.Time{} }), logouts, people),
		lostOn("ends are in memory", everySession(func(n *domain.Session) { n.EndedAt, n.EndReason = time.Time{}, "" }), logins, logouts),
		lostOn("counts are in memory", everySession(func(n *domain.Session) { n.RefreshCount = 0 }), tokens, logins),
		lostOn("sessions older than the process are gone", func(m *madeUp, _ int) { clear(m.sessions) }, logins, many),
		lostOn("what was deleted comes back", comesBack(func(m *madeUp) {
			if _, there := m.users[userID(0)]; !there && len(m.users) > 0 {
				m.users[userID(0)] = person(0)
			}
		}), deleted),
		lostOn("the sessions of a deleted user come back to an heir", comesBack(func(m *madeUp) {
			if _, there := m.users[userID(0)]; !there && len(m.users) > 0 {
				m.sessions[sessionID(0)] = domain.Session{ID: sessionID(0), UserID: userID(1), LoginTime: at(0), IdleUntil: at(time.Hour), Until: at(time.Hour)}
			}
		}), deleted),
		lostOn("what was refused is in the log that is played again", everyUser(func(u *domain.User) { u.Roles = []domain.Role{"refused"} }), refusals),
		lostOn("what was purged comes back", comesBack(func(m *madeUp) {
			for i := range 4 {
				if _, there := m.users[userID(i)]; there {
					m.sessions[sessionID(i)] = domain.Session{ID: sessionID(i), UserID: userID(i)}
				}
			}
		}), purged),
		lostOn("attempts are in memory", func(m *madeUp, _ int) { m.Store = newMadeUp().Store }, attempts, keys),
		lostOn("IDs are forgotten and emails kept", func(m *madeUp, _ int) {
			for id, u := range m.users {
				delete(m.users, id)
				u.ID = userID(1000 + len(m.users))
				m.users[u.ID] = u
			}
		}, taken, many),
	}
}
