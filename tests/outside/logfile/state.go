package logfile

import (
	"maps"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// state is what the records come to.
type state struct {
	users    map[domain.UserID]domain.User
	emails   map[domain.Email]domain.UserID
	sessions map[domain.SessionID]domain.Session
	keys     map[string]domain.Key
	attempts map[string]time.Time
}

func emptyState() state {
	return state{
		users: map[domain.UserID]domain.User{}, emails: map[domain.Email]domain.UserID{},
		sessions: map[domain.SessionID]domain.Session{}, keys: map[string]domain.Key{}, attempts: map[string]time.Time{},
	}
}

// apply takes a record in.
func (st *state) apply(r record) {
	for _, row := range r.Users {
		user := row.user()
		delete(st.emails, st.users[user.ID].Email)
		st.users[user.ID], st.emails[user.Email] = user, user.ID
	}
	for _, row := range r.Sessions {
		session := row.session()
		st.sessions[session.ID] = session
	}
	for _, row := range r.Keys {
		st.keys[row.ID] = row.key()
	}
	for name, empty := range r.Attempts {
		st.attempts[name] = empty.time()
		if empty.never() {
			delete(st.attempts, name)
		}
	}
	if r.GoneUser != "" {
		delete(st.emails, st.users[r.GoneUser].Email)
		delete(st.users, r.GoneUser)
		maps.DeleteFunc(st.sessions, func(_ domain.SessionID, s domain.Session) bool { return s.UserID == r.GoneUser })
	}
	for _, id := range r.GoneSessions {
		delete(st.sessions, domain.SessionID(id))
	}
}

// records is the shortest way to say all of it, a thing a record.
func (st *state) records(write func(record) error) error {
	for _, user := range st.users {
		if err := write(record{Users: []userRow{rowOfUser(user)}}); err != nil {
			return err
		}
	}
	for _, session := range st.sessions {
		if err := write(record{Sessions: []sessionRow{rowOfSession(session)}}); err != nil {
			return err
		}
	}
	for _, key := range st.keys {
		if err := write(record{Keys: []keyRow{rowOfKey(key)}}); err != nil {
			return err
		}
	}
	for name, empty := range st.attempts {
		if err := write(record{Attempts: map[string]micro{name: microOf(empty)}}); err != nil {
			return err
		}
	}
	return nil
}
