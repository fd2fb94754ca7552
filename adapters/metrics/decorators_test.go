package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
	"github.com/porteiro/porteiro/tests/contract"
)

// core answers every call with the error, or panics.
type core struct {
	err    error
	panics bool
}

func (c *core) say() error {
	if c.panics {
		panic("a fault")
	}
	return c.err
}

func grant() application.Grant { return application.Grant{AccessToken: "A", RefreshToken: "R"} }

func (c *core) Login(context.Context, string, string) (application.Grant, error) {
	return grant(), c.say()
}
func (c *core) Refresh(context.Context, string) (application.Grant, error) { return grant(), c.say() }
func (c *core) Logout(context.Context, string, domain.Scope) error         { return c.say() }
func (c *core) Authorize(context.Context, string, ...domain.Role) (application.Identity, error) {
	return application.Identity{User: "ana"}, c.say()
}
func (c *core) Register(context.Context, string, string) (application.Registered, error) {
	return application.Registered{User: "ana"}, c.say()
}
func (c *core) ChangePassword(context.Context, string, string, string) (application.Grant, error) {
	return grant(), c.say()
}
func (c *core) ChangeEmail(context.Context, string, string, string) (application.Registered, error) {
	return application.Registered{User: "ana"}, c.say()
}
func (c *core) DeleteAccount(context.Context, string, string) error { return c.say() }
func (c *core) ListSessions(context.Context, string) ([]application.SessionInfo, error) {
	return []application.SessionInfo{{ID: "s"}}, c.say()
}
func (c *core) EndSession(context.Context, string, domain.SessionID) error { return c.say() }
func (c *core) Introspect(context.Context, application.Credentials, string) (application.TokenInfo, error) {
	return application.TokenInfo{Active: true}, c.say()
}
func (c *core) Revoke(context.Context, application.Credentials, string) error { return c.say() }

// TestDecisionsAreCounted: each call of each use case is counted once, by what came of it, and what came of it is what
// the caller gets.
func TestDecisionsAreCounted(t *testing.T) {
	left, leave := context.WithCancel(t.Context())
	leave()
	late, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for want, c := range map[string]struct {
		ctx context.Context
		core
	}{
		"ok":                {t.Context(), core{}},
		"token_reused":      {t.Context(), core{err: fmt.Errorf("refresh: %w", domain.TokenReused)}},
		"too_many_attempts": {t.Context(), core{err: &domain.Denied{Refusal: domain.TooManyAttempts, RetryAfter: time.Second}}},
		"token_revoked":     {left, core{err: domain.TokenRevoked}},
		"unavailable":       {late, core{err: fmt.Errorf("store: %w: %w", domain.Unavailable, context.DeadlineExceeded)}},
		"abandoned":         {left, core{err: fmt.Errorf("store: %w: %w", domain.Unavailable, context.Canceled)}},
		"panic":             {t.Context(), core{panics: true}},
	} {
		t.Run(want, func(t *testing.T) {
			m := open(t)
			g, a, s, i := m.Gate(&c.core), m.Accounts(&c.core), m.Sessions(&c.core), m.Introspection(&c.core)
			for operation, call := range map[string]func() (bool, error){
				"login":           func() (bool, error) { got, err := g.Login(c.ctx, "e", "p"); return got == grant(), err },
				"refresh":         func() (bool, error) { got, err := g.Refresh(c.ctx, "r"); return got == grant(), err },
				"logout":          func() (bool, error) { return true, g.Logout(c.ctx, "a", "") },
				"authorize":       func() (bool, error) { got, err := g.Authorize(c.ctx, "a"); return got.User == "ana", err },
				"register":        func() (bool, error) { got, err := a.Register(c.ctx, "e", "p"); return got.User == "ana", err },
				"password_change": func() (bool, error) { got, err := a.ChangePassword(c.ctx, "a", "p", "q"); return got == grant(), err },
				"email_change":    func() (bool, error) { got, err := a.ChangeEmail(c.ctx, "a", "p", "e"); return got.User == "ana", err },
				"account_delete":  func() (bool, error) { return true, a.DeleteAccount(c.ctx, "a", "p") },
				"session_list":    func() (bool, error) { got, err := s.ListSessions(c.ctx, "a"); return len(got) == 1, err },
				"session_end":     func() (bool, error) { return true, s.EndSession(c.ctx, "a", "s") },
				"introspection": func() (bool, error) {
					got, err := i.Introspect(c.ctx, application.Credentials{}, "a")
					return got.Active, err
				},
				"revocation": func() (bool, error) { return true, i.Revoke(c.ctx, application.Credentials{}, "a") },
			} {
				func() {
					defer func() {
						if p := recover(); (p != nil) != c.panics {
							t.Errorf("%s: it panicked with %v", operation, p)
						}
					}()
					if same, err := call(); !same || err != c.err {
						t.Errorf("%s: the answer is another: %v", operation, err)
					}
				}()
				holds(t, m, map[string]float64{
					`porteiro_decisions_total{operation="` + operation + `",outcome="` + want + `"}`: 1,
					`porteiro_decision_duration_seconds_count{operation="` + operation + `"}`:        1,
				})
			}
			var all float64
			for name, v := range series(t, scrape(t, m)) {
				if len(name) > 25 && name[:25] == "porteiro_decisions_total{" {
					all += v
				}
			}
			if all != 12 {
				t.Errorf("12 calls, and %v decisions", all)
			}
		})
	}
}

// TestAnErrorOfAnyKindIsCounted: no error, however odd, makes a series of its own or a panic.
func TestAnErrorOfAnyKindIsCounted(t *testing.T) {
	m := open(t)
	before := len(series(t, scrape(t, m)))
	for _, err := range []error{errors.New("ana@example.com"), domain.Refusal("ana@example.com"), domain.Refusal("")} {
		if _, got := m.Gate(&core{err: err}).Login(t.Context(), "ana@example.com", "x"); got != err {
			t.Errorf("got %v", got)
		}
	}
	holds(t, m, map[string]float64{`porteiro_decisions_total{operation="login",outcome="unavailable"}`: 3})
	if after := len(series(t, scrape(t, m))); after != before {
		t.Errorf("%d series, %d before", after, before)
	}
}

// TestAuthorizeAllocatesNothingMore: every request of every service comes by.
func TestAuthorizeAllocatesNothingMore(t *testing.T) {
	m := open(t)
	plain := application.Gate(&core{})
	measured := m.Gate(plain)
	ctx := t.Context()
	allocations := func(g application.Gate) float64 {
		return testing.AllocsPerRun(100, func() {
			if _, err := g.Authorize(ctx, "a"); err != nil {
				t.Fatal(err)
			}
		})
	}
	if without, with := allocations(plain), allocations(measured); with > without {
		t.Errorf("%v allocations with metrics, %v without", with, without)
	}
}

func BenchmarkAuthorize(b *testing.B) {
	plain := application.Gate(&core{})
	for name, g := range map[string]application.Gate{"without": plain, "with": open(b).Gate(plain)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.Authorize(b.Context(), "a")
			}
		})
	}
}

// What is measured keeps its contract.
func TestAttempts(t *testing.T) {
	contract.Attempts(t, func(t *testing.T) application.Attempts { return open(t).Attempts(memory.New()) })
}

func TestMeasuredReads(t *testing.T) {
	m, store := open(t), memory.New()
	user := domain.User{ID: "018f0000-0000-7000-8000-000000000001", Email: "ana@example.com", PasswordHash: "h"}
	if err := store.Add(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	session := domain.SessionID("018f0000-0000-7000-8000-000000000002")
	err := store.Change(t.Context(), user.ID, func(a *domain.Account) error {
		_, err := a.Open(now(), domain.Opening{ID: session, Verified: "h", Lifetime: domain.Lifetime{Absolute: time.Hour, Idle: time.Hour}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	standings := m.Standings(store)
	for range 2 {
		found, err := standings.Standings(t.Context(), session, "018f0000-0000-7000-8000-000000000003", "018f0000-0000-7000-8000-000000000004")
		if err != nil || len(found) != 1 || found[session].User != user.ID {
			t.Errorf("got %v, %v", found, err)
		}
	}
	if err := m.Attempts(store).Count(t.Context(), []string{"account:x"}, func([]time.Time) []time.Time { return nil }); err != nil {
		t.Error(err)
	}
	holds(t, m, map[string]float64{
		`porteiro_standings_batch_sessions_sum`:            6,
		`porteiro_standings_batch_sessions_count`:          2,
		`porteiro_standings_batch_sessions_bucket{le="2"}`: 0,
		`porteiro_standings_batch_sessions_bucket{le="4"}`: 2,
		`porteiro_standings_query_duration_seconds_count`:  2,
		`porteiro_attempts_count_duration_seconds_count`:   1,
	})
}

// hasher answers as it is told.
type hasher struct{ err error }

func (h hasher) Hash(context.Context, string) (string, error) { return "h", h.err }
func (h hasher) Verify(context.Context, string, string) (bool, bool, error) {
	return true, true, h.err
}

// placing has places beside, or is full.
type placing struct{ hasher }

type placed struct{}

func (p placing) Place(ctx context.Context) (context.Context, func(), error) {
	if p.err != nil {
		return nil, nil, p.err
	}
	return context.WithValue(ctx, placed{}, true), func() {}, nil
}

func TestPlaces(t *testing.T) {
	m := open(t)
	full := fmt.Errorf("the queue is full: %w", domain.Unavailable)
	place := func(ctx context.Context, p application.Passwords) (context.Context, error) {
		held, _, err := m.Passwords(p).(application.Places).Place(ctx)
		return held, err
	}
	if held, err := place(t.Context(), placing{}); err != nil || held.Value(placed{}) == nil {
		t.Errorf("got %v, %v", held, err)
	}
	if held, err := place(t.Context(), hasher{full}); err != nil || held != t.Context() {
		t.Errorf("without places: %v, %v", held, err)
	}
	over, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for _, ctx := range []context.Context{t.Context(), over} {
		if _, err := place(ctx, placing{hasher{full}}); err != full {
			t.Errorf("got %v", err)
		}
	}
	holds(t, m, map[string]float64{`porteiro_hashing_refused_total`: 1})
}

func TestHashing(t *testing.T) {
	m := open(t)
	full := fmt.Errorf("the queue is full: %w", domain.Unavailable)
	over, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for _, c := range []struct {
		ctx context.Context
		err error
	}{{t.Context(), nil}, {t.Context(), full}, {over, full}} {
		p := m.Passwords(hasher{c.err})
		if hash, err := p.Hash(c.ctx, "x"); hash != "h" || err != c.err {
			t.Errorf("got %q, %v", hash, err)
		}
		if ok, stale, err := p.Verify(c.ctx, "x", "h"); !ok || !stale || err != c.err {
			t.Errorf("got %v, %v, %v", ok, stale, err)
		}
	}
	holds(t, m, map[string]float64{
		`porteiro_hashing_duration_seconds_count{work="hash"}`:   1,
		`porteiro_hashing_duration_seconds_count{work="verify"}`: 1,
		`porteiro_hashing_refused_total`:                         2,
	})
}
