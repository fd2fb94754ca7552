package main

import (
	"strings"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

func TestPasted(t *testing.T) {
	for _, s := range []string{
		"x.y.z", "x.y.z\n", " x.y.z \r\n", `"x.y.z"`, `'x.y.z',`, "`x.y.z`", "Bearer x.y.z", "bearer  x.y.z", "Authorization: Bearer x.y.z\n",
		`"Authorization: Bearer x.y.z"`, `"x.y.z",` + "\n",
	} {
		if got, err := pasted(s); got != "x.y.z" || err != nil {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "\n", `""`, "Bearer ", "Bearer", "Authorization: Bearer", `{"access_token":"x.y.z","token_type":"Bearer"}`} {
		if got, err := pasted(s); exitCode(err) != 2 {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
	}
	if got, err := pasted("x.y z"); got != "x.y z" || err != nil { // the strict reader has a word for it
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAge(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0: "0s ago", 90 * time.Second: "1m30s ago", -10 * time.Minute: "in 10m", 2 * time.Hour: "2h ago", -400 * time.Millisecond: "0s ago",
		20 * time.Minute: "20m ago", 168 * time.Hour: "168h ago",
	} {
		if got := age(now.Add(-d), now); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

// Each verdict has words of its own, whatever it is about.
func TestBecause(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	claims := domain.Claims{Kind: domain.Access, Subject: "u", Session: "s", IssuedAt: ago(time.Minute), Expires: ago(-time.Hour)}
	session := domain.Session{ID: "s", UserID: "u", LoginTime: ago(time.Hour), RefreshedAt: ago(2 * time.Second), IdleUntil: ago(-time.Hour), Until: ago(-time.Hour)}
	user := domain.User{ID: "u", Email: "ana@example.com"}
	revoked := domain.TokenRevoked
	seen := map[string]string{}
	for name, c := range map[string]struct {
		want   string
		change func(*application.Explanation)
	}{
		"passes":         {"everything holds", func(x *application.Explanation) { x.Verdict = nil }},
		"refresh passes": {"the current refresh token", func(x *application.Explanation) { x.Verdict, x.Kind, x.Becomes = nil, domain.Refresh, domain.Rotated }},
		"repeated":       {"its successor 2s ago, and gets the same one again for 10s", func(x *application.Explanation) { x.Verdict, x.Becomes = nil, domain.Repeated }},
		"reused":         {"ends the session", func(x *application.Explanation) { x.Verdict, x.Becomes = domain.TokenReused, domain.Reused }},
		"broken":         {"cut", func(x *application.Explanation) { x.Verdict, x.Broken = domain.TokenInvalid, "cut" }},
		"from the future": {"in 5m by this clock", func(x *application.Explanation) {
			x.Verdict, x.Claims.IssuedAt = domain.TokenInvalid, ago(-5*time.Minute)
		}},
		"expired": {"it expired 5m ago", func(x *application.Explanation) {
			x.Verdict, x.Claims.Expires = domain.TokenExpired, ago(5*time.Minute)
		}},
		"unknown user":      {"its user is unknown", func(x *application.Explanation) { x.User, x.Session = domain.User{}, domain.Session{} }},
		"unknown session":   {"its session is unknown", func(x *application.Explanation) { x.Session = domain.Session{} }},
		"another's session": {"another user's", func(x *application.Explanation) { x.Verdict, x.Session = domain.TokenInvalid, domain.Session{} }},
		"ended": {"its session was ended on 2026-03-04T11:59:00Z, 1m ago: an old refresh token", func(x *application.Explanation) {
			x.Session.EndedAt, x.Session.EndReason = ago(time.Minute), domain.ByReuse
		}},
		"logged out": {"logged out on 2026-03-04T11:59:00Z, 1m ago: the password was changed", func(x *application.Explanation) {
			x.User.LogoutTime, x.User.LogoutReason = ago(time.Minute), domain.ByPassword
		}},
		"disabled": {"its user was disabled on", func(x *application.Explanation) { x.User.DisabledAt = ago(time.Minute) }},
		"idle": {"--idle-ttl", func(x *application.Explanation) {
			x.Verdict, x.Session.IdleUntil = domain.SessionExpired, ago(time.Minute)
		}},
		"too old":  {"--session-ttl", func(x *application.Explanation) { x.Verdict, x.Session.Until = domain.SessionExpired, ago(time.Minute) }},
		"a change": {"ask again", func(*application.Explanation) {}},
	} {
		x := application.Explanation{At: now, Verdict: revoked, Claims: claims, User: user, Session: session, Reason: application.Reason{Kind: domain.Access}}
		c.change(&x)
		got := words{retry: 10 * time.Second, leeway: 30 * time.Second}.because(x)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%s and %s are both %q", name, other, got)
		}
		seen[got] = name
	}
}
