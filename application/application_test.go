package application_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestNewNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*application.Deps)
		says  string
	}{
		"no store":                    {func(d *application.Deps) { d.Store = nil }, "Store"},
		"no tokens":                   {func(d *application.Deps) { d.Tokens = nil }, "Tokens"},
		"no passwords":                {func(d *application.Deps) { d.Passwords = nil }, "Passwords"},
		"no clock":                    {func(d *application.Deps) { d.Clock = nil }, "Clock"},
		"an access token below 1s":    {func(d *application.Deps) { d.AccessTTL = second - 1 }, "access token"},
		"a negative access token":     {func(d *application.Deps) { d.AccessTTL = -second }, "access token"},
		"a session below its tokens":  {func(d *application.Deps) { d.AccessTTL, d.SessionTTL = 2*second, 2*second-1 }, "session"},
		"a negative session":          {func(d *application.Deps) { d.SessionTTL = -1 }, "session"},
		"an idle time below a token":  {func(d *application.Deps) { d.AccessTTL, d.IdleTTL = 2*second, 2*second-1 }, "idle"},
		"a policy without a minimum":  {func(d *application.Deps) { d.PasswordPolicy = domain.PasswordPolicy{Max: 9} }, "password"},
		"a policy that takes nothing": {func(d *application.Deps) { d.PasswordPolicy = domain.PasswordPolicy{Min: 9, Max: 8} }, "password"},
	} {
		d := application.Deps{Store: memory.New(), Tokens: &tokens{}, Passwords: &passwords{}, Clock: func() time.Time { return noon }}
		c.spoil(&d)
		core, err := application.New(d)
		if core != nil || err == nil || !strings.HasPrefix(err.Error(), "application: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v, want an error that names %q", name, core, err, c.says)
		}
	}
	t.Run("and takes what is just enough", func(t *testing.T) {
		_, err := application.New(application.Deps{
			Store: memory.New(), Tokens: &tokens{}, Passwords: &passwords{}, Clock: func() time.Time { return noon }, AccessTTL: second, SessionTTL: second, IdleTTL: second,
			PasswordPolicy: domain.PasswordPolicy{Min: 1, Max: 1},
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestDefaults: what nobody sets, by what it does.
func TestDefaults(t *testing.T) {
	s := withAna(t, func(d *application.Deps) { d.Registration = false })
	g := s.login()
	if g.ExpiresIn != 15*time.Minute {
		t.Errorf("an access token: got %v, want 15m", g.ExpiresIn)
	}
	session := s.wire.sessions()[0]
	if got := session.Until.Sub(session.CreatedAt); got != 30*day {
		t.Errorf("a session: got %v, want 720h", got)
	}
	if got := session.IdleUntil.Sub(session.CreatedAt); got != 7*day {
		t.Errorf("at rest: got %v, want 168h", got)
	}
	if _, err := s.Register(s.ctx, "bea@example.com", secret); !errors.Is(err, domain.RegistrationClosed) {
		t.Errorf("registration: got %v, want it closed", err)
	}
	for n, weak := range map[int]bool{7: true, 8: false, 256: false, 257: true} {
		if err := s.SetPassword(s.ctx, ana, strings.Repeat("é", n)); errors.Is(err, domain.PasswordWeak) != weak {
			t.Errorf("a password of %d: got %v, want it weak: %v", n, err, weak)
		}
	}
	t.Run("a lost refresh can be repeated for 10s", func(t *testing.T) {
		s := withAna(t)
		g := s.login()
		s.refresh(g.RefreshToken)
		s.clock.wait(10 * second)
		s.refresh(g.RefreshToken)
		s.clock.wait(domain.Tick)
		if _, err := s.Refresh(s.ctx, g.RefreshToken); !errors.Is(err, domain.TokenReused) {
			t.Errorf("a tick later: got %v, want %v", err, domain.TokenReused)
		}
	})
	t.Run("the leeway is 30s", func(t *testing.T) {
		s := withAna(t)
		s.clock.set(noon.Truncate(second))
		g := s.login()
		behind := s.node(-30 * second)
		behind.passes("30s behind", g)
		behind.clock.wait(-1)
		behind.refused("farther behind", g, domain.TokenInvalid)
	})
}

// TestNone: a negative setting is none at all.
func TestNone(t *testing.T) {
	s := withAna(t, func(d *application.Deps) { d.RefreshRetry, d.Leeway = -1, -1 })
	s.clock.set(noon.Truncate(second))
	g := s.login()
	s.node(0).passes("with the leeway of others", g)
	exact := s.node(-1, func(d *application.Deps) { d.Leeway = -1 })
	if _, err := exact.Authorize(s.ctx, g.AccessToken); !errors.Is(err, domain.TokenInvalid) {
		t.Errorf("a nanosecond behind: got %v, want %v", err, domain.TokenInvalid)
	}
	s.refresh(g.RefreshToken)
	s.refresh(g.RefreshToken) // in the same instant
	s.clock.wait(domain.Tick)
	if _, err := s.Refresh(s.ctx, g.RefreshToken); !errors.Is(err, domain.TokenReused) {
		t.Errorf("a tick after the rotation: got %v, want %v", err, domain.TokenReused)
	}
}

func TestReady(t *testing.T) {
	s := open(t)
	if err := s.Ready(s.ctx); err != nil {
		t.Fatalf("got %v, want it ready", err)
	}
	t.Run("not while the store is silent", func(t *testing.T) {
		s := open(t)
		s.wire.cut("Now", errBroken)
		err := s.Ready(s.ctx)
		only(t, "ready", err, domain.Unavailable)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "store") {
			t.Errorf("got %v, want it to name the store and to keep its error", err)
		}
		s.wire.cut("Now", nil)
		if err := s.Ready(s.ctx); err != nil {
			t.Errorf("and then: got %v, want it ready", err)
		}
	})
	t.Run("not while the clocks are apart", func(t *testing.T) {
		for apart, ready := range map[time.Duration]bool{
			0: true, 30 * second: true, -30 * second: true, 30*second + 1: false, -30*second - 1: false, time.Hour: false, 290 * 365 * day: false,
		} {
			s := open(t)
			s.wire.now = func() time.Time { return noon.Add(apart) }
			err := s.Ready(s.ctx)
			if ready && err != nil {
				t.Errorf("%v apart: got %v, want it ready", apart, err)
			}
			if !ready {
				only(t, apart.String(), err, domain.Unavailable)
			}
		}
	})
	t.Run("not while no key signs", func(t *testing.T) {
		s := open(t)
		s.tokens.noIssue = map[domain.Kind]error{domain.Access: errBroken}
		err := s.Ready(s.ctx)
		only(t, "ready", err, domain.Unavailable)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "tokens") {
			t.Errorf("got %v, want it to name the tokens and to keep their error", err)
		}
	})
}
