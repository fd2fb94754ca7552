package postgres

import (
	"strings"
	"sync"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// memory is the standings that this node has read, in the state that they had in one snapshot of the database. It
// answers nobody by itself: what it holds counts once the database has said, after the question, what has changed since.
// Its mutex is held from the question to the answer.
type memory struct {
	mu       sync.Mutex
	most     int // sessions; 0: nothing is remembered
	now      func() time.Time
	rest     time.Time // until when the log is not asked for a beginning
	server   string    // the one that the snapshot is of
	triggers string    // of when it began
	glanced  time.Time // when they were last looked at
	snapshot string    // "": nothing is known
	sessions map[uuid]seat
	users    map[uuid]*person
}

// seat is what a standing has of its session. Times are in microseconds since 1970, a third of the size.
type seat struct {
	user      *person
	login     flagged // ended
	idle, end int64
}

// flagged is a time, and in its last bit whether something is so, which takes eight bytes beside it. It ends in the year
// 148,000.
type flagged int64

func flag(t time.Time, so bool) flagged {
	f := flagged(micros(t) << 1)
	if so {
		f |= 1
	}
	return f
}

func (f flagged) time() time.Time { return moment(int64(f >> 1)) }
func (f flagged) so() bool        { return f&1 != 0 }

// person is what a standing has of its user, in 48 bytes and those of the text: every field more takes 16.
type person struct {
	id       uuid
	text     string // the email, and each role behind a zero, which no text of PostgreSQL has in it
	logout   int64
	seats    int32 // that refer to it
	disabled bool
	changed  bool // since it was read: nothing that refers to it counts
}

func textOf(email domain.Email, roles []domain.Role) string {
	b := []byte(email)
	for _, r := range roles {
		b = append(append(b, 0), r...)
	}
	return string(b)
}

// said is what the text says.
func (p *person) said() (domain.Email, []domain.Role) {
	email, rest, some := strings.Cut(p.text, "\x00")
	if !some {
		return domain.Email(email), nil
	}
	roles := make([]domain.Role, 0, strings.Count(rest, "\x00")+1)
	for r := range strings.SplitSeq(rest, "\x00") {
		roles = append(roles, domain.Role(r))
	}
	return domain.Email(email), roles
}

// begin forgets everything; from now on it is of this snapshot of this server.
func (m *memory) begin(snapshot, server, triggers string) {
	m.snapshot, m.server, m.triggers = snapshot, server, triggers
	m.sessions, m.users = make(map[uuid]seat), make(map[uuid]*person)
}

// forget forgets everything, and that there was a snapshot.
func (m *memory) forget() { m.snapshot, m.server, m.sessions, m.users = "", "", nil, nil }

// forgetUser forgets a user and all of their sessions.
func (m *memory) forgetUser(id domain.UserID) {
	user := uuidOf(id)
	if p := m.users[user]; p != nil {
		p.changed = true // its seats go when they are read again, or when room is needed
		delete(m.users, user)
	}
}

// has reports whether a session is remembered.
func (m *memory) has(id domain.SessionID) bool {
	s, there := m.sessions[uuidOf(id)]
	return there && !s.user.changed
}

// standing returns what is remembered of a session.
func (m *memory) standing(id domain.SessionID) (domain.Standing, bool) {
	s, there := m.sessions[uuidOf(id)]
	if !there || s.user.changed {
		return domain.Standing{}, false
	}
	email, roles := s.user.said()
	return domain.Standing{
		Session: id, LoginTime: s.login.time(), Ended: s.login.so(), IdleUntil: moment(s.idle), Until: moment(s.end),
		User: domain.UserID(s.user.id.text()), Email: email, Roles: roles, LogoutTime: moment(s.user.logout), Disabled: s.user.disabled,
	}, true
}

// keep remembers a standing that was read in a later snapshot than the memory's, at the expense of any other one.
func (m *memory) keep(st domain.Standing) {
	session, user := uuidOf(st.Session), uuidOf(st.User)
	m.drop(session)
	for id := range m.sessions {
		if len(m.sessions) < m.most {
			break
		}
		m.drop(id)
	}
	p := m.users[user]
	if p == nil {
		p = &person{id: user}
		m.users[user] = p
	}
	p.text, p.logout, p.disabled = textOf(st.Email, st.Roles), micros(st.LogoutTime), st.Disabled
	p.seats++
	m.sessions[session] = seat{p, flag(st.LoginTime, st.Ended), micros(st.IdleUntil), micros(st.Until)}
}

func (m *memory) drop(id uuid) {
	s, there := m.sessions[id]
	if !there {
		return
	}
	delete(m.sessions, id)
	if s.user.seats--; s.user.seats == 0 && !s.user.changed {
		delete(m.users, s.user.id)
	}
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// moment is the way back: the zero time too is a whole number of microseconds away.
func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
