package e2e_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

const password = "correct horse battery"

// person is a user with the sessions that were opened so far.
type person struct {
	email    string
	disabled atomic.Int64 // odd while they are, or may be
	one      sync.Mutex   // disables them at a time

	mu       sync.Mutex
	sessions []*visit
	begun    int // logouts of all of their sessions
	running  int // of these
}

// visit is a session. A logout of it has begun before the request for it was sent, and is over once it was answered.
type visit struct {
	of     *person
	id     domain.SessionID
	tokens atomic.Pointer[application.Grant]
	begun  atomic.Int64
	over   atomic.Bool
}

func (v *visit) access() string { return v.tokens.Load().AccessToken }

// any is one of the sessions, rather a late one.
func (p *person) any() *visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sessions) == 0 {
		return nil
	}
	n := len(p.sessions)
	return p.sessions[n-1-rand.N(1+rand.N(n))]
}

func (w *watch) register(email string) *person {
	w.Helper()
	if _, err := w.doors[0].Register(w.ctx, email, password); err != nil {
		w.Fatal(err)
	}
	return &person{email: email}
}

// hold asks about a session and holds the answer to what was known when it was sent, and when it was answered.
func (w *watch) hold(d door, v *visit, token string) {
	over := v.over.Load()
	_, in, answered := w.ask(d, token)
	switch begun := v.begun.Load(); {
	case !answered:
	case in && over:
		w.Errorf("%s lets in a session of %s after its logout was acknowledged", d.name, v.of.email)
	case !in && begun == 0:
		w.Errorf("%s refuses a session of %s before any logout of it began", d.name, v.of.email)
	}
}

// live has a person sign in, be let in, refresh, and be logged out, again and again.
func (w *watch) live(p *person, phase, rounds int) {
	for r := range rounds {
		v := w.login(w.anyDoor(), p)
		if v == nil {
			return
		}
		first := v.access()
		for _, d := range w.doors {
			w.hold(d, v, first)
		}
		w.refresh(w.anyDoor(), v)
		w.end(endings[(phase+r)%len(endings)], w.anyDoor(), v)
		for _, d := range w.doors {
			w.hold(d, v, first)
			w.hold(d, v, v.access())
		}
		w.refresh(w.anyDoor(), v)
	}
}

// login opens a session. Nobody but who is disabled is turned away, and what is opened beside a logout of everything may
// be born dead.
func (w *watch) login(d door, p *person) *visit {
	for {
		p.mu.Lock()
		begun, doubtful := p.begun, p.running > 0
		p.mu.Unlock()
		disabled := p.disabled.Load()
		var grant application.Grant
		err := w.acknowledged(func() (err error) {
			grant, err = d.Login(w.ctx, p.email, password)
			return err
		})
		if errors.Is(err, domain.InvalidCredentials) && (disabled%2 == 1 || p.disabled.Load() != disabled) {
			continue
		}
		if err != nil {
			w.Errorf("%s turns %s away: %v", d.name, p.email, err)
			return nil
		}
		v := &visit{of: p, id: w.sessionOf(grant.AccessToken)}
		v.tokens.Store(&grant)
		p.mu.Lock()
		defer p.mu.Unlock()
		if doubtful || p.begun != begun {
			v.begun.Add(1)
		}
		p.sessions = append(p.sessions, v)
		return v
	}
}

// sessionOf is the session that a token names.
func (w *watch) sessionOf(token string) domain.SessionID {
	var claims struct{ Sid domain.SessionID }
	if err := json.Unmarshal([]byte(decode(w.T, strings.Split(token, ".")[1])), &claims); err != nil {
		w.Error(err)
	}
	return claims.Sid
}

// refresh exchanges the tokens of a session that nobody else refreshes.
func (w *watch) refresh(d door, v *visit) {
	over := v.over.Load()
	var grant application.Grant
	err := w.acknowledged(func() (err error) {
		grant, err = d.Refresh(w.ctx, v.tokens.Load().RefreshToken)
		return err
	})
	switch {
	case err == nil && over:
		w.Errorf("%s refreshes a session of %s after its logout was acknowledged", d.name, v.of.email)
	case err == nil:
		v.tokens.Store(&grant)
	case !errors.Is(err, domain.TokenRevoked) || v.begun.Load() == 0:
		w.Errorf("%s does not refresh a session of %s: %v", d.name, v.of.email, err)
	}
}

// ending is a way to end sessions.
type ending struct {
	all    bool // every one of the person
	spares bool // but that by which it is done
	asked  bool // by a session: one that is over by then ends no others
	do     func(*watch, door, *visit) error
}

var endings = []ending{
	{asked: true, do: func(w *watch, d door, v *visit) error { return d.Logout(w.ctx, v.access(), domain.Local) }},
	{asked: true, all: true, do: func(w *watch, d door, v *visit) error { return d.Logout(w.ctx, v.access(), domain.Global) }},
	{asked: true, all: true, spares: true, do: func(w *watch, d door, v *visit) error { return d.Logout(w.ctx, v.access(), domain.Others) }},
	{asked: true, do: func(w *watch, d door, v *visit) error {
		err := d.EndSession(w.ctx, v.access(), v.id)
		if errors.Is(err, domain.TokenRevoked) {
			return nil // it was over, which is looked at
		}
		return err
	}},
	{do: func(w *watch, _ door, v *visit) error {
		return w.byHandBeside(v, "UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1")
	}},
	{all: true, do: func(w *watch, _ door, v *visit) error { return w.operate("user", "logout", v.of.email) }},
	{do: func(w *watch, _ door, v *visit) error {
		return w.byHandBeside(v, "DELETE FROM sessions WHERE id = $1")
	}},
	{all: true, do: disableAndEnable},
	{all: true, do: func(w *watch, _ door, v *visit) error {
		return w.byHandBeside(v, `UPDATE users SET logout_time = greatest(clock_timestamp(), login_time)
			WHERE id = (SELECT user_id FROM sessions WHERE id = $1)`)
	}},
}

func disableAndEnable(w *watch, _ door, v *visit) error {
	v.of.one.Lock()
	defer v.of.one.Unlock()
	v.of.disabled.Add(1)
	defer v.of.disabled.Add(1)
	if err := w.operate("user", "disable", v.of.email); err != nil {
		return err
	}
	v.over.Store(true)
	for _, d := range w.doors {
		w.hold(d, v, v.access())
	}
	return w.operate("user", "enable", v.of.email)
}

// byHandBeside sends a statement about a session, which goes on until it is committed unless others end it.
func (w *watch) byHandBeside(v *visit, statement string) error {
	return w.byHand(rand.N(2), func() {}, func() {}, statement, v.id)
}

// end ends sessions: what is certain before it is asked for and after it is answered is what everybody is held to.
func (w *watch) end(e ending, d door, by *visit) {
	p := by.of
	p.mu.Lock()
	ended := []*visit{by}
	if e.all {
		ended = slices.Clone(p.sessions)
		p.begun++
		p.running++
	}
	if e.spares {
		ended = slices.DeleteFunc(ended, func(v *visit) bool { return v == by })
	}
	for _, v := range ended {
		v.begun.Add(1)
	}
	p.mu.Unlock()
	err := w.acknowledged(func() error { return e.do(w, d, by) })
	if err != nil {
		w.Errorf("%s: %v", p.email, err)
		return
	}
	w.changes.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.all {
		p.running--
	}
	own := int64(1)
	if e.spares {
		own = 0
	}
	for _, v := range ended {
		if !e.asked || v == by || by.begun.Load() == own {
			v.over.Store(true)
		}
	}
}
