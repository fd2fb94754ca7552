package domain_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// history is a desk beside a plain account of what ought to be. That account knows the order in which things happened
// and nothing of the hybrid clock; so whatever the clocks say, both have to agree on who is in.
type history struct {
	*desk
	r        *rand.Rand
	clock    time.Time
	disabled bool
	password string
	ought    []*ought
	told     []string
}

// ought is one session as it ought to be.
type ought struct {
	id          domain.SessionID
	over        bool
	idle, until time.Time
	count       int
	rotated     time.Time
}

func (o *ought) refusal(now time.Time, disabled bool) error {
	switch {
	case o.over || disabled:
		return domain.TokenRevoked
	case !now.Before(o.until) || !now.Before(o.idle):
		return domain.SessionExpired
	}
	return nil
}

// tell moves the clock to anywhere a node's clock may be: on, back, nowhere, hours away, or in the far future.
func (h *history) tell() time.Time {
	switch h.r.IntN(8) {
	case 0, 1: // the same instant again
	case 2:
		h.clock = h.clock.Add(time.Duration(h.r.IntN(3001)-1500) * time.Nanosecond)
	case 3:
		h.clock = noon.Add(time.Duration(h.r.Int64N(int64(12*time.Hour))) - 6*time.Hour)
	case 4:
		h.clock = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.FixedZone("", -3*3600))
	case 5:
		h.clock = noon.Add(life.Idle + time.Duration(h.r.IntN(5)-2)*domain.Tick)
	default:
		h.clock = noon.Add(time.Duration(h.r.IntN(20)) * time.Second)
	}
	return h.clock
}

func (h *history) say(format string, args ...any) {
	h.told = append(h.told, h.clock.Format(time.RFC3339Nano)+" "+fmt.Sprintf(format, args...))
}

func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	h.t.Fatalf("%s\nafter\n  %s", fmt.Sprintf(format, args...), strings.Join(h.told, "\n  "))
}

func (h *history) endAll(but *ought) {
	for _, o := range h.ought {
		o.over = o.over || o != but
	}
}

func (h *history) step() {
	h.t.Helper()
	now := h.tell()
	if len(h.ought) == 0 {
		h.login(now)
		return
	}
	o := h.ought[h.r.IntN(len(h.ought))]
	switch h.r.IntN(16) {
	case 0, 1, 2, 3:
		h.login(now)
	case 4:
		h.logout(now, o, domain.Global)
	case 5:
		h.logout(now, o, domain.Local)
	case 6:
		h.logout(now, o, domain.Others)
	case 7, 8, 9, 10, 11:
		h.refresh(now, o)
	case 12:
		h.say("password")
		h.password += "+"
		h.change(func(a *domain.Account) { a.SetPassword(now, h.password) })
		h.endAll(nil)
	case 13:
		h.say("disable")
		c := h.change(func(a *domain.Account) { a.Disable(now) })
		if h.disabled && !none(c) {
			h.fail("disabling twice changed %v", c)
		}
		h.disabled = true
		h.endAll(nil)
	case 14:
		h.say("enable")
		h.change(func(a *domain.Account) { a.Enable() })
		h.disabled = false
	case 15:
		h.say("log out everywhere")
		h.change(func(a *domain.Account) { a.LogOutEverywhere(now) })
		h.endAll(nil)
	}
}

func (h *history) login(now time.Time) {
	h.t.Helper()
	h.say("login %d", len(h.ought))
	o := opening(len(h.ought))
	o.Verified = h.password
	var s domain.Session
	var err error
	c := h.change(func(a *domain.Account) { s, err = a.Open(now, o) })
	if h.disabled {
		if !errors.Is(err, domain.InvalidCredentials) || !none(c) {
			h.fail("a disabled user logged in: %v, %v", err, c)
		}
		return
	}
	if err != nil || len(c.Opened) != 1 || !c.Opened[0].Equal(s) {
		h.fail("login: %v, %v", err, c)
	}
	at := domain.Instant(now)
	h.ought = append(h.ought, &ought{id: s.ID, idle: at.Add(life.Idle), until: at.Add(life.Absolute), rotated: at})
}

func (h *history) logout(now time.Time, by *ought, scope domain.Scope) {
	h.t.Helper()
	h.say("logout %s by %s", scope, by.id)
	live := by.refusal(domain.Instant(now), h.disabled) == nil
	var did bool
	c := h.change(func(a *domain.Account) { did = a.LogOut(now, by.id, scope) }, by.id)
	if did != live || none(c) == live {
		h.fail("the session is live: %v; LogOut said %v and changed %v", live, did, c)
	}
	switch {
	case !live:
	case scope == domain.Local:
		by.over = true
	case scope == domain.Others:
		h.endAll(by)
	default:
		h.endAll(nil)
	}
}

var window = domain.Refreshing{Idle: life.Idle, Retry: 10 * time.Second, Leeway: 3 * time.Second}

func (h *history) refresh(now time.Time, o *ought) {
	h.t.Helper()
	count := o.count - [...]int{0, 0, 0, 0, 1, 1, 1, 2, -1}[h.r.IntN(9)]
	h.say("refresh %s with %d of %d", o.id, count, o.count)
	at := domain.Instant(now)
	age := at.Sub(o.rotated)
	var got domain.Session
	var became domain.Rotation
	var err error
	c := h.change(func(a *domain.Account) { got, became, err = a.Refresh(now, o.id, count, window) }, o.id)
	want, changes := domain.Reused, true
	switch refusal := o.refusal(at, h.disabled); {
	case refusal != nil:
		if !errors.Is(err, refusal) || became != 0 || !none(c) {
			h.fail("refused with %v as %v and %v, want %v and no change", err, became, c, refusal)
		}
		return
	case count == o.count:
		want = domain.Rotated
		o.count, o.rotated, o.idle = o.count+1, at, at.Add(life.Idle)
		if o.idle.After(o.until) {
			o.idle = o.until
		}
	case count == o.count-1 && age >= -window.Leeway && age <= window.Retry:
		want, changes = domain.Repeated, false
	default:
		o.over = true
	}
	if err != nil || became != want || none(c) == changes || c.User != nil {
		h.fail("refresh: %v, %v, changed %v; want %v", became, err, c, want)
	}
	if got.RefreshCount != o.count || !got.RefreshedAt.Equal(o.rotated) || !got.Until.Equal(o.until) || !got.IdleUntil.Equal(o.idle) {
		h.fail("refresh: got %+v, want %+v", got, o)
	}
}

// agree compares every session with what it ought to be, at a few clocks.
func (h *history) agree() {
	h.t.Helper()
	for _, o := range h.ought {
		s, _ := h.session(o.id)
		for _, now := range []time.Time{h.clock, noon, noon.Add(-12 * time.Hour), o.until, o.until.Add(-domain.Tick), o.idle} {
			now = domain.Instant(now)
			standing := domain.StandingOf(h.user, s)
			want := o.refusal(now, h.disabled)
			claims := domain.Claims{Subject: h.user.ID, Session: o.id, IssuedAt: now, Expires: now.Add(time.Second)}
			if got := domain.Pass(claims, standing, now, 0); !errors.Is(got, want) {
				h.fail("session %s at %v: got %v, want %v", o.id, now, got, want)
			}
		}
	}
}

// TestAnyHistory is the heart: what is over stays over and what began later lives, for any order of events on any
// clocks. It also holds the store's half: replaying Changes ends in the same state (see desk.change).
func TestAnyHistory(t *testing.T) {
	r := draw(t)
	for range 400 {
		h := &history{desk: newDesk(t), r: r, clock: noon, password: hash}
		for range 30 {
			h.step()
			h.agree()
		}
	}
}
