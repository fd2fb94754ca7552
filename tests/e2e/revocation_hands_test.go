package e2e_test

import (
	"sync/atomic"

	"github.com/porteiro/porteiro/domain"
)

// handSwitch is a session that the operator turns off and on again, and whose user is given a role and loses it.
type handSwitch struct {
	email   string
	token   string
	session domain.SessionID
	turns   atomic.Int64 // odd while one is on its way: then either state may be seen
	state   atomic.Pointer[switched]
}

// switched is what holds of a handSwitch.
type switched struct{ in, admin bool }

// turns are what is done to a switch, by hand or on the command line, one after the other.
var turns = []struct {
	to        switched
	statement string
	command   []string
}{
	{switched{true, true}, "UPDATE users SET roles = '{admin}' WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{false, true}, "UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1", nil},
	{switched{true, true}, "UPDATE sessions SET ended_at = NULL WHERE id = $1", nil},
	{switched{true, false}, "UPDATE users SET roles = '{}' WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{false, false}, "UPDATE users SET logout_time = clock_timestamp() WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{true, false}, "UPDATE users SET logout_time = NULL WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{false, false}, "UPDATE users SET disabled_at = clock_timestamp() WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{true, false}, "UPDATE users SET disabled_at = NULL WHERE id = (SELECT user_id FROM sessions WHERE id = $1)", nil},
	{switched{false, false}, "UPDATE sessions SET until = created_at, ended_at = created_at WHERE id = $1", nil},
	{switched{true, false}, "UPDATE sessions SET until = created_at + interval '30 days', ended_at = NULL WHERE id = $1", nil},
	{switched{true, true}, "", []string{"admin"}},
	{switched{true, false}, "", []string{"--none"}},
}

func (w *watch) install(email string) *handSwitch {
	w.Helper()
	p := w.register(email)
	v := w.login(w.doors[0], p)
	if v == nil {
		w.FailNow()
	}
	s := &handSwitch{email: email, token: v.access(), session: v.id}
	s.state.Store(&switched{in: true})
	return s
}

// turn turns a switch many times, and looks at it through every door as soon as each turn is acknowledged.
func (w *watch) turn(s *handSwitch, phase, rounds int) {
	everywhere := func() {
		for _, d := range w.doors {
			w.look(d, s)
		}
	}
	for r := range rounds {
		t := turns[r%len(turns)]
		var err error
		if t.statement == "" {
			s.turns.Add(1)
			err = w.operate(append([]string{"user", "roles", s.email}, t.command...)...)
		} else {
			err = w.byHand(phase+r/len(turns), func() { s.turns.Add(1) }, everywhere, t.statement, s.session)
		}
		if err != nil {
			w.Errorf("turn %d of %s: %v", r, s.email, err)
			return
		}
		s.state.Store(&t.to)
		s.turns.Add(1)
		w.changes.Add(1)
		everywhere()
	}
}

// look asks about a switch and for its role, and holds the answers to its state unless that changed meanwhile.
func (w *watch) look(d door, s *handSwitch) {
	turn, state := s.turns.Load(), s.state.Load()
	_, in, answered := w.ask(d, s.token)
	id, admin, answeredToo := w.ask(d, s.token, "admin")
	if turn%2 == 1 || s.turns.Load() != turn || !answered || !answeredToo {
		return
	}
	if in != state.in || admin != (state.in && state.admin) || admin && (len(id.Roles) != 1 || id.Session != s.session) {
		w.Errorf("%s, turn %d of %s: in %t, as admin %t (%v); want %+v", d.name, turn/2, s.email, in, admin, id.Roles, *state)
	}
}
