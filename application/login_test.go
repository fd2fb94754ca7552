package application_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/porteiro/porteiro/application"
	"github.com/porteiro/porteiro/domain"
)

// TestLoginsThatFailLookAlike: the same words, and the same work for whoever waits for them.
func TestLoginsThatFailLookAlike(t *testing.T) {
	s := withAna(t)
	s.put(domain.User{ID: "nobody-can", Email: "none@example.com"})
	s.put(domain.User{ID: "disabled", Email: "disabled@example.com", PasswordHash: digest("new", "salt", secret), DisabledAt: noon})
	for name, c := range map[string]struct{ email, password, hash string }{
		"wrong password":             {ana, "incorrect horse", s.user().PasswordHash},
		"empty password":             {ana, "", s.user().PasswordHash},
		"password in another case":   {ana, "Correct Horse", s.user().PasswordHash},
		"password and a space":       {ana, secret + " ", s.user().PasswordHash},
		"unknown email":              {"bea@example.com", secret, ""},
		"email that is none":         {"ana", secret, ""},
		"empty email":                {"", secret, ""},
		"SQL":                        {"' OR 1=1--", secret, ""},
		"Turkish email":              {"ana@\u0130example.com", secret, ""},
		"no password to sign in":     {"none@example.com", secret, ""},
		"no password, and none":      {"none@example.com", "", ""},
		"disabled":                   {"disabled@example.com", secret, digest("new", "salt", secret)},
		"disabled and wrong":         {"disabled@example.com", "incorrect", digest("new", "salt", secret)},
		"a password of 16000 bytes":  {ana, strings.Repeat("x", 16000), s.user().PasswordHash},
		"a NUL in the password":      {ana, secret + "\x00", s.user().PasswordHash},
		"an email of 16000 bytes":    {strings.Repeat("a", 16000), secret, ""},
		"the hash for the password":  {ana, s.user().PasswordHash, s.user().PasswordHash},
		"another user's right email": {"none@example.com ", secret, ""},
	} {
		g, err := s.Login(s.ctx, c.email, c.password)
		only(t, name, err, domain.InvalidCredentials)
		if err == nil || err.Error() != "login: invalid_credentials" || g != (application.Grant{}) {
			t.Errorf("%s: got %+v, %v", name, g, err)
		}
		if verified, hashed := s.passwords.work(); !slices.Equal(verified, []string{c.hash}) || hashed != 0 {
			t.Errorf("%s: verified against %q and hashed %d times, want once against %q, and none", name, verified, hashed, c.hash)
		}
	}
	if got := s.wire.sessions(); got != nil {
		t.Errorf("sessions were opened: %v", got)
	}
}

func TestLoginTakesTheEmailInAnyForm(t *testing.T) {
	s := withAna(t)
	for _, email := range []string{ana, "Ana@Example.COM", "  ana@example.com\r\n"} {
		if _, err := s.Login(s.ctx, email, secret); err != nil {
			t.Errorf("%q: got %v", email, err)
		}
	}
}

func TestLoginRefusesWhatCannotBeCarried(t *testing.T) {
	s := withAna(t)
	long := strings.Repeat("x", application.MaxCredentials)
	for what, c := range map[string][2]string{
		"email": {"ana\x00@example.com", secret}, " email": {"\xff@example.com", secret}, "password": {ana, "\xff"},
	} {
		_, err := s.Login(s.ctx, c[0], c[1])
		field(t, what, err, domain.RequestInvalid, strings.TrimSpace(what))
	}
	for what, c := range map[string][2]string{"together too long": {ana, long[:len(long)-len(ana)+1]}, "an email": {long + "x", ""}, "a password": {"", long + "x"}} {
		_, err := s.Login(s.ctx, c[0], c[1])
		only(t, what, err, domain.BodyTooLarge)
	}
	if verified, _ := s.passwords.work(); verified != nil {
		t.Errorf("a password was looked at: %q", verified)
	}
	_, err := s.Login(s.ctx, ana, long[:len(long)-len(ana)])
	only(t, "together just short enough", err, domain.InvalidCredentials)
}

// TestLoginAndWhatHappensMeanwhile: between the verification and the lock anything may happen.
func TestLoginAndWhatHappensMeanwhile(t *testing.T) {
	const other = "another password"
	for name, c := range map[string]struct {
		password string
		meantime func(s *service) error
		want     domain.Refusal
		verified int
	}{
		"another password was set":       {secret, func(s *service) error { return s.SetPassword(s.ctx, ana, other) }, domain.InvalidCredentials, 2},
		"the same password was set":      {secret, func(s *service) error { return s.SetPassword(s.ctx, ana, secret) }, "", 2},
		"it was set to what was given":   {other, func(s *service) error { return s.SetPassword(s.ctx, ana, other) }, domain.InvalidCredentials, 1},
		"the user was disabled":          {secret, func(s *service) error { return s.Disable(s.ctx, ana) }, domain.InvalidCredentials, 1},
		"the user was deleted":           {secret, func(s *service) error { return s.Delete(s.ctx, ana) }, domain.InvalidCredentials, 1},
		"everybody was logged out":       {secret, func(s *service) error { return s.LogOut(s.ctx, ana) }, "", 1},
		"the user was disabled and back": {secret, func(s *service) error { return errors.Join(s.Disable(s.ctx, ana), s.Enable(s.ctx, ana)) }, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := withAna(t)
			var once sync.Once
			s.passwords.during(func() {
				once.Do(func() {
					if err := c.meantime(s); err != nil {
						t.Error(err)
					}
				})
			})
			g, err := s.Login(s.ctx, ana, c.password)
			if verified, _ := s.passwords.work(); len(verified) != c.verified {
				t.Errorf("verified %d times, want %d", len(verified), c.verified)
			}
			if c.want == "" {
				if err != nil {
					t.Fatalf("got %v, want a grant", err)
				}
				s.passes("the grant", g)
				return
			}
			only(t, "login", err, c.want)
			if err.Error() != "login: invalid_credentials" || s.wire.sessions() != nil {
				t.Errorf("got %q and sessions %v", err, s.wire.sessions())
			}
		})
	}
	t.Run("the password keeps changing", func(t *testing.T) {
		s := withAna(t)
		s.passwords.during(func() {
			if err := s.SetPassword(s.ctx, ana, secret); err != nil {
				t.Error(err)
			}
		})
		_, err := s.Login(s.ctx, ana, secret)
		only(t, "login", err, domain.Unavailable)
		if verified, _ := s.passwords.work(); len(verified) != 2 || s.wire.sessions() != nil {
			t.Errorf("verified %d times, want 2; sessions %v", len(verified), s.wire.sessions())
		}
	})
}

func TestLoginKeepsTheOrigin(t *testing.T) {
	s := withAna(t)
	ctx := application.WithOrigin(s.ctx, application.Origin{IP: "192.0.2.7", UserAgent: "Mozilla/5.0", RequestID: "r1"})
	if _, err := s.Login(ctx, ana, secret); err != nil {
		t.Fatal(err)
	}
	s.login()
	with, without := s.wire.sessions()[0], s.wire.sessions()[1]
	if with.IP != "192.0.2.7" || with.UserAgent != "Mozilla/5.0" {
		t.Errorf("got %q, %q", with.IP, with.UserAgent)
	}
	if without.IP != "" || without.UserAgent != "" {
		t.Errorf("without one: got %q, %q", without.IP, without.UserAgent)
	}
	if !slices.Equal(with.Methods, []domain.Method{domain.PasswordMethod}) {
		t.Errorf("methods: got %v", with.Methods)
	}
	if got := application.OriginOf(ctx).RequestID; got != "r1" {
		t.Errorf("the request ID: got %q", got)
	}
}

func TestLoginMintsANewSession(t *testing.T) {
	s := withAna(t)
	seen := map[domain.SessionID]bool{}
	last := domain.SessionID("")
	for range 50 {
		c := s.claims(domain.Access, s.login().AccessToken)
		if _, err := domain.ParseSessionID(string(c.Session)); err != nil || seen[c.Session] || c.Session[14] != '7' || !strings.ContainsRune("89ab", rune(c.Session[19])) {
			t.Fatalf("got %q, want a UUIDv7 that is new", c.Session)
		}
		if c.Session <= last {
			t.Fatalf("got %q after %q: a later one sorts after an earlier one", c.Session, last)
		}
		seen[c.Session], last = true, c.Session
		s.clock.wait(time.Millisecond)
	}
	// RFC 9562 section 5.7: 48 bits of milliseconds since the epoch
	s.clock.set(time.UnixMilli(0x0123456789ab))
	if id := s.claims(domain.Access, s.login().AccessToken).Session; !strings.HasPrefix(string(id), "01234567-89ab-7") {
		t.Errorf("got %q, want the time in front", id)
	}
}

// T029, T033: a password that was once accepted, or was imported, goes on working.
func TestLoginKnowsNoPolicy(t *testing.T) {
	for _, weak := range []string{"x", "password", "12345678", "porteiro", ana, "ana", strings.Repeat("é", 257), strings.Repeat("x", 4000)} {
		s := open(t)
		s.put(domain.User{ID: "0198f2a0-1111-7abc-8def-000000000001", Email: ana, PasswordHash: stale(weak)})
		for what := range 2 { // as it was imported, and as it was renewed
			g, err := s.Login(s.ctx, ana, weak)
			if err != nil {
				t.Errorf("%.20q, login %d: %v", weak, what, err)
				continue
			}
			s.passes("the session", g)
		}
		field(t, weak, s.SetPassword(s.ctx, ana, weak), domain.PasswordWeak, "password")
	}
}

// T030: what is too long is refused in the same words and before any work, whether somebody has the email or not.
func TestLoginWithAHugePassword(t *testing.T) {
	s := withAna(t)
	for _, size := range []int{1 << 20, 10 << 20} {
		said := map[string]bool{}
		for _, email := range []string{ana, "nobody@example.com", "no address"} {
			_, err := s.Login(s.ctx, email, strings.Repeat("x", size))
			only(t, email, err, domain.BodyTooLarge)
			said[err.Error()] = true
		}
		if len(said) != 1 {
			t.Errorf("%d bytes: %v", size, said)
		}
	}
	if verified, hashed := s.passwords.work(); verified != nil || hashed != 0 || s.wire.called("ByEmail") != 0 {
		t.Errorf("verified %d, hashed %d, looked for %d users; want none of it", len(verified), hashed, s.wire.called("ByEmail"))
	}
}

// T049: nobody waits behind those who sign in but who shows a password themselves.
func TestAFullQueueHoldsUpNobodyElse(t *testing.T) {
	s := withAna(t)
	g, other := s.login(), s.login()
	s.passwords.noVerify, s.passwords.noHash = domain.Unavailable, domain.Unavailable
	_, err := s.Login(s.ctx, ana, secret)
	only(t, "a login", err, domain.Unavailable)
	g = s.refresh(g.RefreshToken)
	s.passes("after a refresh", g)
	if list, err := s.ListSessions(s.ctx, g.AccessToken); err != nil || len(list) != 2 {
		t.Errorf("the list: %v, %v", list, err)
	}
	if err := s.Logout(s.ctx, g.AccessToken, domain.Global); err != nil {
		t.Errorf("a logout: %v", err)
	}
	s.refused("what was logged out", other, domain.TokenRevoked)
}
