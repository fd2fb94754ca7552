package contract

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/porteiro/porteiro/domain"
)

func loginRows() []row[*stage] {
	return []row[*stage]{
		{"login opens a session", "A login answers with a pair of tokens of which the access token passes and names the user.", loginOpens},
		{"failures look alike", "An unknown email, an unreadable one, a wrong password and a disabled user are InvalidCredentials, and nothing else can be told of them.", failuresLookAlike},
		{"one address is one account", "An email is folded and trimmed, so that however it is written it is one account.", oneAddress},
		{"passwords are taken as they are", "No password is trimmed, folded, normalised or cut.", passwordsAsTheyAre},
		{"unreadable input", "Text that is not UTF-8 and a NUL in an email are RequestInvalid, and more than MaxCredentials is BodyTooLarge.", unreadableInput},
		{"many at once", "Logins at the same time each open a session of their own, and all of them live.", manyLogins},
		{"a call that is over", "A call whose context has ended is Unavailable.", callIsOver},
	}
}

func loginOpens(ctx context.Context, s *stage) error {
	user, err := s.Accounts.Register(ctx, ana, password)
	if err != nil {
		return err
	}
	g, err := s.Gate.Login(ctx, ana, password)
	if err != nil {
		return err
	}
	id, err := s.Gate.Authorize(ctx, g.AccessToken)
	if err != nil {
		return err
	}
	if g.ExpiresIn != 15*time.Minute || g.RefreshExpiresIn != 7*24*time.Hour || g.RefreshToken == "" || g.RefreshToken == g.AccessToken {
		return fmt.Errorf("the grant is for %v and %v, with a refresh token of %d bytes", g.ExpiresIn, g.RefreshExpiresIn, len(g.RefreshToken))
	}
	if _, err := domain.ParseSessionID(string(id.Session)); err != nil {
		return fmt.Errorf("the session is %q", id.Session)
	}
	if user.Email != ana {
		return fmt.Errorf("the registration of %s is of %s", ana, user.Email)
	}
	if id.User != user.User || id.Email != ana || len(id.Roles) != 0 || !id.LoginTime.Equal(domain.Instant(s.clock())) {
		return fmt.Errorf("the identity is %+v of user %s at %v", id, user.User, s.clock())
	}
	return nil
}

func failuresLookAlike(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	if _, err := s.Accounts.Register(ctx, bea, password); err != nil {
		return err
	}
	if err := s.Administration.Disable(ctx, bea); err != nil {
		return err
	}
	var first string
	for _, try := range [][2]string{
		{ana, password + "x"}, {ana, ""}, {ana, strings.ToUpper(password)}, {"nobody@example.com", password}, {bea, password},
		{"", ""}, {"no address", password}, {"ana@example.com.", password}, {"' OR 1=1--", password}, {"ＡＮＡ@example.com", password},
		{strings.Repeat("a", 300) + "@example.com", password},
	} {
		_, err := s.Gate.Login(ctx, try[0], try[1])
		if err := is(fmt.Sprintf("login as %q", try[0]), err, domain.InvalidCredentials); err != nil {
			return err
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			return fmt.Errorf("login as %q says %q, the first one said %q", try[0], err, first)
		}
	}
	return nil
}

func oneAddress(ctx context.Context, s *stage) error {
	if _, err := s.Accounts.Register(ctx, " Ana@Example.COM\t", password); err != nil {
		return err
	}
	for _, email := range []string{ana, "ANA@EXAMPLE.COM", "  ana@example.com\n"} {
		if _, err := s.Gate.Login(ctx, email, password); err != nil {
			return fmt.Errorf("login as %q: %w", email, err)
		}
		_, err := s.Accounts.Register(ctx, email, password)
		if err := is(fmt.Sprintf("registering %q again", email), err, domain.EmailTaken); err != nil {
			return err
		}
	}
	return nil
}

func passwordsAsTheyAre(ctx context.Context, s *stage) error {
	long := strings.Repeat("0123456789abcdef", 16) // 256 code points (T029)
	for i, p := range []string{
		"  spaces around  ", "nul\x00inside\x00", "a line\nand another\r\n", "şifre-ação-пароль", "\U0001F511\U0001F511\U0001F511\U0001F511\U0001F511\U0001F511\U0001F511\U0001F511",
		"caf\u00e9 composed", "cafe\u0301 composed", `"quotes" and \ and <tags> & more`, strings.Repeat("x", 72) + "y", long,
		long[:64], strings.Repeat("x", 72), strings.Repeat("é", 128), strings.Repeat("\U0001F511", 256), "all lower case", "9026531738",
	} {
		email := fmt.Sprintf("user%d@example.com", i)
		if _, err := s.Accounts.Register(ctx, email, p); err != nil {
			return fmt.Errorf("register with %q: %w", p, err)
		}
		if _, err := s.Gate.Login(ctx, email, p); err != nil {
			return fmt.Errorf("login with %q: %w", p, err)
		}
		runes := []rune(p)
		for _, other := range []string{p + " ", " " + p, string(runes[:len(runes)-1]), p + "\x00", strings.TrimSpace(p) + ".", p + p} {
			_, err := s.Gate.Login(ctx, email, other)
			if err := is(fmt.Sprintf("login with %q in place of %q", other, p), err, domain.InvalidCredentials); err != nil {
				return err
			}
		}
	}
	_, err := s.Gate.Login(ctx, "user5@example.com", "cafe\u0301 composed")
	return is("login with another normal form", err, domain.InvalidCredentials)
}

func unreadableInput(ctx context.Context, s *stage) error {
	large := strings.Repeat("x", 1<<20)
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	for _, try := range []struct {
		email, password string
		want            domain.Refusal
	}{
		{"a\x00b@example.com", password, domain.RequestInvalid},
		{"\xff@example.com", password, domain.RequestInvalid},
		{ana, "not \xff text", domain.RequestInvalid},
		{ana, large, domain.BodyTooLarge}, // T030: whether somebody has the email or not
		{bea, large, domain.BodyTooLarge},
		{ana, strings.Repeat(large, 10), domain.BodyTooLarge},
		{large, password, domain.BodyTooLarge},
	} {
		_, err := s.Gate.Login(ctx, try.email, try.password)
		if err := is("login", err, try.want); err != nil {
			return err
		}
		_, err = s.Accounts.Register(ctx, try.email, try.password)
		if err := is("registration", err, try.want); err != nil {
			return err
		}
	}
	return nil
}

func manyLogins(ctx context.Context, s *stage) error {
	if _, err := s.ana(ctx, 0); err != nil {
		return err
	}
	const n = 8
	sessions := make(map[domain.SessionID]bool)
	var mu sync.Mutex
	err := atOnce(n, func(int) error {
		g, err := s.Gate.Login(ctx, ana, password)
		if err != nil {
			return fmt.Errorf("login: %w", err)
		}
		id, err := s.Gate.Authorize(ctx, g.AccessToken)
		mu.Lock()
		defer mu.Unlock()
		sessions[id.Session] = true
		return err
	})
	if err != nil {
		return err
	}
	if len(sessions) != n {
		return fmt.Errorf("%d logins opened %d sessions", n, len(sessions))
	}
	return nil
}

func callIsOver(ctx context.Context, s *stage) error {
	grants, err := s.ana(ctx, 1)
	if err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Gate.Login(over, ana, password); is("login", err, domain.Unavailable) != nil {
		return is("login", err, domain.Unavailable)
	}
	if _, err := s.Gate.Refresh(over, grants[0].RefreshToken); is("refresh", err, domain.Unavailable) != nil {
		return is("refresh", err, domain.Unavailable)
	}
	if err := is("logout", s.Gate.Logout(over, grants[0].AccessToken, domain.Global), domain.Unavailable); err != nil {
		return err
	}
	if err := s.refused(over, "authorize", grants[0], domain.Unavailable); err != nil {
		return err
	}
	return s.passes(ctx, "after calls that were over the session", grants[0])
}
