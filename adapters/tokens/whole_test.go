package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/porteiro/porteiro/adapters/memory"
	"github.com/porteiro/porteiro/adapters/tokens"
	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// house is the whole core over a real codec, at a time of the test's choosing: what a token's times mean is decided
// half here and half in the domain, and a forger sees only both.
type house struct {
	*application.Core
	t     *testing.T
	now   atomic.Pointer[time.Time]
	codec *tokens.Codec
}

const leeway = 30 * time.Second

func openHouse(t *testing.T, leeway time.Duration) *house {
	t.Helper()
	h := &house{t: t, codec: codec(t, ring(t), tokens.Config{MaxAccess: 15 * time.Minute})}
	h.at(start)
	core, err := application.New(application.Deps{
		Store: memory.New(), Tokens: h.codec, Passwords: plain{}, Clock: func() time.Time { return *h.now.Load() },
		Registration: true, Leeway: leeway,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Core = core
	return h
}

func (h *house) at(now time.Time) { h.now.Store(&now) }

// plain hashes nothing.
type plain struct{}

func (plain) Hash(_ context.Context, password string) (string, error) {
	return "plain:" + password, nil
}

func (plain) Verify(_ context.Context, password, hash string) (ok, stale bool, err error) {
	return hash == "plain:"+password, false, nil
}

// guest signs somebody in and returns what a forger would put into tokens of that session.
func (h *house) guest(email string) (access, refresh object) {
	h.t.Helper()
	ctx := h.t.Context()
	if _, err := h.Register(ctx, email, "nobody guesses this"); err != nil && !errors.Is(err, domain.EmailTaken) {
		h.t.Fatal(err)
	}
	g, err := h.Login(ctx, email, "nobody guesses this")
	if err != nil {
		h.t.Fatal(err)
	}
	c := accept(h.t, h.codec, domain.Access, g.AccessToken)
	about := func(o object) object {
		return o.set("sub", strconv.Quote(string(c.Subject))).set("sid", strconv.Quote(string(c.Session)))
	}
	return about(accessPayload()), about(refreshPayload()).set("cnt", "0")
}

// is fails unless an answer is what it should be; nil is that the token passes.
func is(t *testing.T, what string, got error, want error) {
	t.Helper()
	if !errors.Is(got, want) || want == nil && got != nil {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The clock stands at iat. Logout takes what has expired, and refuses what is no token of ours.
func TestT015Times(t *testing.T) {
	const max = 15 * 60
	second := func(n int64) string { return strconv.FormatInt(iat+n, 10) }
	for _, row := range []struct {
		name   string
		change object // of an access token that holds from iat to iat + 900
		want   error
		logout error
	}{
		{"control", nil, nil, nil},
		{"exp now-1", object{{"exp", second(-1)}}, nil, nil}, // within the leeway
		{"exp now", object{{"exp", second(0)}}, nil, nil},
		{"exp now+1", object{{"exp", second(1)}}, nil, nil},
		{"exp at the leeway's edge, within", object{{"exp", second(-29)}}, nil, nil},
		{"exp at the leeway's edge", object{{"exp", second(-30)}}, domain.TokenExpired, nil},
		{"exp past the leeway's edge", object{{"exp", second(-31)}}, domain.TokenExpired, nil},
		{"exp 0", object{{"exp", "0"}}, domain.TokenExpired, nil},
		{"exp at the ceiling", object{{"exp", second(max)}}, nil, nil},
		{"exp a second past the ceiling", object{{"exp", second(max + 1)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"exp past the ceiling by an early iat", object{{"iat", second(-60)}, {"exp", second(max)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"year 9999", object{{"exp", "253402300799"}}, domain.TokenInvalid, domain.TokenInvalid},
		{"year 9999, both", object{{"iat", "253402300000"}, {"exp", "253402300799"}}, domain.TokenInvalid, domain.TokenInvalid},
		{"iat at the leeway's edge", object{{"iat", second(30)}}, nil, nil},
		{"iat past the leeway's edge", object{{"iat", second(31)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"iat after exp, both within the leeway", object{{"iat", second(2)}, {"exp", second(1)}}, nil, nil},
		{"iat after exp, long ago", object{{"iat", second(-900)}, {"exp", second(-1000)}}, domain.TokenExpired, nil},
		{"iat after exp, ahead", object{{"iat", second(1000)}, {"exp", second(900)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"iat 0", object{{"iat", "0"}}, domain.TokenInvalid, domain.TokenInvalid}, // too long a life
		{"iat 0, exp 1", object{{"iat", "0"}, {"exp", "1"}}, domain.TokenExpired, nil},
		{"nbf now", object{{"nbf", second(0)}}, nil, nil},
		{"nbf 0", object{{"nbf", "0"}}, nil, nil},
		{"nbf at the leeway's edge", object{{"nbf", second(30)}}, nil, nil},
		{"nbf past the leeway's edge", object{{"nbf", second(31)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"nbf after exp", object{{"nbf", second(901)}}, domain.TokenInvalid, domain.TokenInvalid},
		{"nbf after exp, and both are over", object{{"nbf", second(-40)}, {"exp", second(-50)}}, domain.TokenExpired, nil},
		{"nbf in milliseconds", object{{"nbf", second(0) + "000"}}, domain.TokenInvalid, domain.TokenInvalid},
		{"nbf a string", object{{"nbf", `"` + second(0) + `"`}}, domain.TokenInvalid, domain.TokenInvalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := openHouse(t, leeway)
			payload, _ := h.guest("ana@example.com")
			for _, m := range row.change {
				payload = payload.set(m.name, m.value)
			}
			token := access(accessHeader(), payload)
			_, err := h.Authorize(t.Context(), token)
			is(t, "authorize", err, row.want)
			is(t, "logout", h.Logout(t.Context(), token, domain.Local), row.logout)
		})
	}
	h := openHouse(t, leeway)
	payload, _ := h.guest("ana@example.com")
	for _, claim := range []string{"exp", "iat", "nbf"} {
		for _, v := range []string{
			`-1`, `null`, `true`, `"string"`, `"NaN"`, `NaN`, `Infinity`, `1e400`, `1e300`, `1e3`, `-0`, `01`, `9223372036854775807`, `9223372036854775808`,
			`9007199254740992`, second(0) + "000", second(900) + ".5", second(900) + ".0", `[` + second(900) + `]`, `{"exp":` + second(900) + `}`,
		} {
			token := access(accessHeader(), payload.set(claim, v))
			_, err := h.Authorize(t.Context(), token)
			is(t, claim+" "+v, err, domain.TokenInvalid)
			is(t, claim+" "+v+", logout", h.Logout(t.Context(), token, domain.Local), domain.TokenInvalid)
		}
	}
	_, err := h.Authorize(t.Context(), access(accessHeader(), payload))
	is(t, "the session after all of that", err, nil)
}

// T016, T017: a token passes if and only if now < exp + leeway and now >= iat - leeway and now >= nbf - leeway.
func TestT016BoundariesUnderAClock(t *testing.T) {
	for _, l := range []time.Duration{-1, 30 * time.Second} { // negative is none
		h := openHouse(t, l)
		l = max(l, 0)
		payload, refreshing := h.guest("ana@example.com")
		for _, times := range []struct{ iat, nbf, exp int64 }{{0, -1000, 60}, {0, 0, 60}, {0, 20, 60}, {20, 0, 60}, {0, 60, 60}, {0, 70, 60}, {70, 0, 60}, {0, 0, 0}} {
			set := func(o object) object {
				return o.set("iat", fmt.Sprint(iat+times.iat)).set("nbf", fmt.Sprint(iat+times.nbf)).set("exp", fmt.Sprint(iat+times.exp))
			}
			token, refreshToken := access(accessHeader(), set(payload)), refresh(refreshHeader(), set(refreshing))
			begins, ends := max(times.iat, times.nbf), times.exp
			var moments []time.Time
			for s := int64(-45); s <= 135; s++ {
				whole := start.Add(time.Duration(s) * time.Second)
				moments = append(moments, whole.Add(-1), whole, whole.Add(1))
			}
			for _, now := range moments {
				var want error
				switch {
				case now.Before(start.Add(time.Duration(begins)*time.Second - l)):
					want = domain.TokenInvalid
				case !now.Before(start.Add(time.Duration(ends)*time.Second + l)):
					want = domain.TokenExpired
				}
				h.at(now)
				_, err := h.Authorize(t.Context(), token)
				is(t, fmt.Sprintf("leeway %v, %+v, at %v", l, times, now.Sub(start)), err, want)
				if want != nil { // one that holds would rotate
					_, err = h.Refresh(t.Context(), refreshToken)
					is(t, fmt.Sprintf("refresh, leeway %v, %+v, at %v", l, times, now.Sub(start)), err, want)
				}
			}
		}
	}
}

// T023, T024: what a forger who has the key can say of sessions, and what somebody who has it not is told.
func TestT024TokensOfOtherSessions(t *testing.T) {
	h := openHouse(t, leeway)
	ana, anaRefresh := h.guest("ana@example.com")
	bea, beaRefresh := h.guest("bea@example.com")
	value := func(o object, name string) string {
		for _, m := range o {
			if m.name == name {
				return m.value
			}
		}
		return ""
	}
	swapped := func(o, by object, name string) object { return o.set(name, value(by, name)) }
	nobody := `"0198f2a0-9999-7abc-8def-000000000009"`
	for _, row := range []struct {
		name            string
		access, refresh object
		want            error
		refreshed       error
	}{
		{"Bea's session", swapped(ana, bea, "sid"), swapped(anaRefresh, beaRefresh, "sid"), domain.TokenInvalid, domain.TokenRevoked},
		{"Ana's session for Bea", swapped(ana, bea, "sub"), swapped(anaRefresh, beaRefresh, "sub"), domain.TokenInvalid, domain.TokenRevoked},
		{"an unknown session", ana.set("sid", nobody), anaRefresh.set("sid", nobody), domain.TokenRevoked, domain.TokenRevoked},
		{"an unknown user", ana.set("sub", nobody), anaRefresh.set("sub", nobody), domain.TokenInvalid, domain.TokenRevoked},
		{"the user as the session", ana.set("sid", value(ana, "sub")), anaRefresh.set("sid", value(ana, "sub")), domain.TokenRevoked, domain.TokenRevoked},
	} {
		_, err := h.Authorize(t.Context(), access(accessHeader(), row.access))
		is(t, row.name, err, row.want)
		_, err = h.Refresh(t.Context(), refresh(refreshHeader(), row.refresh))
		is(t, row.name+", refresh", err, row.refreshed)
		is(t, row.name+", logout", h.Logout(t.Context(), access(accessHeader(), row.access), domain.Global), nil) // and nothing happens:
		for name, payload := range map[string]object{"Ana": ana, "Bea": bea} {
			_, err := h.Authorize(t.Context(), access(accessHeader(), payload))
			is(t, name+" after "+row.name, err, nil)
		}
	}
	h.at(start.Add(time.Hour))
	_, expired := h.Authorize(t.Context(), access(accessHeader(), ana))
	is(t, "expired", expired, domain.TokenExpired)
	_, forged := h.Authorize(t.Context(), sign(accessHeader().String(), ana.String(), byMAC("x")))
	_, bad := h.Authorize(t.Context(), sign(accessHeader().String(), ana.set("exp", fmt.Sprint(iat+3600)).set("iat", fmt.Sprint(iat+3000)).String(), byMAC("x")))
	is(t, "expired and forged", forged, domain.TokenInvalid)
	if forged.Error() != bad.Error() {
		t.Errorf("expired and forged says %q, forged %q", forged, bad)
	}
}
