package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/porteiro/porteiro/domain"
)

// refresh presents the token of a count, and returns what the desk keeps of it.
func (d *desk) refresh(now time.Time, id domain.SessionID, count int, r domain.Refreshing) (domain.Session, domain.Rotation, domain.Changes) {
	d.t.Helper()
	var s domain.Session
	var became domain.Rotation
	var err error
	c := d.change(func(a *domain.Account) { s, became, err = a.Refresh(now, id, count, r) }, id)
	if err != nil {
		d.t.Fatalf("Refresh: %v", err)
	}
	return s, became, c
}

func TestRefreshRotates(t *testing.T) {
	d := newDesk(t)
	opened := d.open(noon, 1)
	now := noon.Add(time.Hour + 999) // nanoseconds that no store keeps
	s, became, c := d.refresh(now, sid(1), 0, window)
	if became != domain.Rotated || s.RefreshCount != 1 || !s.RefreshedAt.Equal(noon.Add(time.Hour)) ||
		!s.IdleUntil.Equal(noon.Add(time.Hour+window.Idle)) {
		t.Errorf("got %v and %+v", became, s)
	}
	if len(c.Changed) != 1 || c.User != nil || c.Opened != nil {
		t.Errorf("changes: got %v, want the one session", c)
	}
	s.RefreshCount, s.RefreshedAt, s.IdleUntil = opened.RefreshCount, opened.RefreshedAt, opened.IdleUntil
	if !s.Equal(opened) {
		t.Errorf("a rotation moves the count and two times, nothing else: got %+v, want %+v", s, opened)
	}
}

// TestRotationZero: an outcome that nobody set is none of them.
func TestRotationZero(t *testing.T) {
	for _, r := range []domain.Rotation{domain.Rotated, domain.Repeated, domain.Reused} {
		if r == 0 {
			t.Error("an outcome is the zero Rotation")
		}
	}
}

func TestRefreshWindow(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration // since the rotation
		want  domain.Rotation
	}{
		"at once":                  {0, domain.Repeated},
		"in the window":            {5 * time.Second, domain.Repeated},
		"at the end of the window": {window.Retry, domain.Repeated},
		"within a tick of the end": {window.Retry + domain.Tick - 1, domain.Repeated},
		"a tick past the window":   {window.Retry + domain.Tick, domain.Reused},
		"as far ahead as may be":   {-window.Leeway, domain.Repeated},
		"a tick farther ahead":     {-window.Leeway - domain.Tick, domain.Reused},
		"years later, unless over": {6 * day, domain.Reused},
		"with a clock a day ahead": {-day, domain.Reused},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.open(noon, 1)
			successor, _, _ := d.refresh(noon, sid(1), 0, window)
			s, became, changes := d.refresh(noon.Add(c.after), sid(1), 0, window)
			if became != c.want {
				t.Fatalf("got %v, want %v", became, c.want)
			}
			if became == domain.Repeated {
				if !s.Equal(successor) || !none(changes) {
					t.Errorf("got %+v and changes %v, want %+v and none", s, changes, successor)
				}
				return
			}
			if len(changes.Changed) != 1 || !changes.Changed[0].Ended() {
				t.Errorf("changes: got %v, want the end of the session", changes)
			}
		})
	}
	t.Run("none: the token before is reuse at the next tick", func(t *testing.T) {
		never := domain.Refreshing{Idle: life.Idle}
		for after, want := range map[time.Duration]domain.Rotation{
			0: domain.Repeated, domain.Tick: domain.Reused, -domain.Tick: domain.Reused,
		} {
			d := newDesk(t)
			d.open(noon, 1)
			d.refresh(noon, sid(1), 0, never)
			if _, became, _ := d.refresh(noon.Add(after), sid(1), 0, never); became != want {
				t.Errorf("after %v: got %v, want %v", after, became, want)
			}
		}
	})
}

func TestRefreshReuse(t *testing.T) {
	for name, count := range map[string]int{
		"the grandparent, inside the window": 1,
		"the first one, inside the window":   0,
		"one above the current":              4,
		"far above the current":              1 << 30,
		"below every one":                    -1,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.open(noon, 1)
			for n := range 3 {
				d.refresh(noon, sid(1), n, window)
			}
			now := noon.Add(time.Second + 1)
			s, became, c := d.refresh(now, sid(1), count, window)
			if became != domain.Reused || !s.Ended() {
				t.Fatalf("got %v, ended %v", became, s.Ended())
			}
			if len(c.Changed) != 1 || c.User != nil {
				t.Fatalf("changes: got %v, want the session", c)
			}
			if got := c.Changed[0]; !got.EndedAt.Equal(noon.Add(time.Second)) || got.EndReason != domain.ByReuse || got.RefreshCount != 3 {
				t.Errorf("changes: got %+v", got)
			}
			for _, presented := range []int{3, 2} { // the current one and its retry die with the session
				d.change(func(a *domain.Account) {
					if _, _, err := a.Refresh(now, sid(1), presented, window); !errors.Is(err, domain.TokenRevoked) {
						t.Errorf("count %d: got %v, want %v", presented, err, domain.TokenRevoked)
					}
				}, sid(1))
			}
		})
	}
}

func TestRefreshAges(t *testing.T) {
	t.Run("rotation moves the idle age and never the absolute one", func(t *testing.T) {
		d := newDesk(t)
		d.open(noon, 1)
		until := noon.Add(life.Absolute)
		now := noon
		for n := range 5 {
			now = now.Add(6 * day)
			if n == 4 {
				now = until.Add(-domain.Tick)
			}
			s, became, _ := d.refresh(now, sid(1), n, window)
			want := now.Add(life.Idle)
			if want.After(until) {
				want = until
			}
			if became != domain.Rotated || !s.Until.Equal(until) || !s.IdleUntil.Equal(want) {
				t.Errorf("rotation %d: got %v, until %v, idle until %v; want %v, %v", n, became, s.Until, s.IdleUntil, until, want)
			}
		}
		a := domain.NewAccount(d.user, d.sessions...)
		if _, _, err := a.Refresh(until, sid(1), 5, window); !errors.Is(err, domain.SessionExpired) || !none(a.Changes()) {
			t.Errorf("at its end: got %v and changes %v, want %v and none", err, a.Changes(), domain.SessionExpired)
		}
	})
	t.Run("a refusal changes nothing and is no reuse", func(t *testing.T) {
		d := newDesk(t)
		d.open(noon, 1)
		for id, want := range map[domain.SessionID]domain.Refusal{sid(1): domain.SessionExpired, sid(2): domain.TokenRevoked} {
			for count := -1; count < 3; count++ {
				c := d.change(func(a *domain.Account) {
					s, became, err := a.Refresh(noon.Add(life.Idle), id, count, window)
					if !errors.Is(err, want) || became != 0 || s.ID != "" {
						t.Errorf("%s: got %+v, %v, %v, want %v", id, s, became, err, want)
					}
				}, id)
				if !none(c) {
					t.Errorf("%s: changes: got %v, want none", id, c)
				}
			}
		}
	})
}

// TestRefreshHasOneSuccessor lets many callers hold the same token: two tabs, retries, a proxy that sends twice. The
// lock puts them in some order; whatever it is, one rotates and all hold the same successor.
func TestRefreshHasOneSuccessor(t *testing.T) {
	r := draw(t)
	for range 200 {
		d := newDesk(t)
		d.open(noon, 1)
		clock := noon
		for count := range 4 {
			var successor domain.Session
			rotated := 0
			clock = clock.Add(time.Minute)
			for range 1 + r.IntN(8) {
				now := clock.Add(time.Duration(r.Int64N(int64(window.Leeway)))) // each on a node of its own clock
				s, became, _ := d.refresh(now, sid(1), count, window)
				switch became {
				case domain.Rotated:
					rotated++
					successor = s
				case domain.Repeated:
					if !s.Equal(successor) {
						t.Fatalf("a second successor: got %+v, want %+v", s, successor)
					}
				default:
					t.Fatalf("the session of honest callers ended: %v", became)
				}
			}
			if rotated != 1 || successor.RefreshCount != count+1 {
				t.Fatalf("got %d rotations, the last to %d; want one, to %d", rotated, successor.RefreshCount, count+1)
			}
		}
	}
}
