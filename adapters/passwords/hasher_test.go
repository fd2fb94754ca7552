package passwords_test

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/adapters/passwords"
)

// T034.
func TestHash(t *testing.T) {
	t.Run("is argon2id in PHC form under OWASP's parameters by default", func(t *testing.T) {
		h := recommended(t)
		got := hash(t, h, "correct horse")
		form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`)
		parts := form.FindStringSubmatch(got)
		if parts == nil {
			t.Fatal(got)
		}
		salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[1])
		if err != nil || len(salt) != 16 {
			t.Fatalf("salt %x: %v", salt, err)
		}
		if want := argon2id("correct horse", string(salt), passwords.Params{Memory: 19456, Time: 2, Threads: 1}, 32); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if ok, stale := verify(t, h, "correct horse", got); !ok || stale {
			t.Errorf("own hash: ok %v, stale %v", ok, stale)
		}
		if ok, stale := verify(t, h, "Correct horse", got); ok || stale {
			t.Errorf("wrong password: ok %v, stale %v", ok, stale)
		}
	})

	t.Run("is of the parameters that were asked for", func(t *testing.T) {
		h, err := passwords.New(passwords.Config{Params: passwords.Params{Memory: 12288, Time: 3, Threads: 2}})
		if err != nil {
			t.Fatal(err)
		}
		if got := hash(t, h, "x"); !strings.HasPrefix(got, "$argon2id$v=19$m=12288,t=3,p=2$") {
			t.Error(got)
		}
	})

	t.Run("has a salt of its own every time", func(t *testing.T) {
		h := passwords.NewCheap(passwords.Config{}, free)
		seen := map[string]bool{}
		for range 10_000 {
			seen[strings.Split(hash(t, h, "same"), "$")[4]] = true
		}
		if len(seen) != 10_000 {
			t.Errorf("%d salts for 10,000 hashes", len(seen))
		}
	})
}

// T029, T031, T032.
func TestPasswordIsTheBytesReceived(t *testing.T) {
	h := passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	for _, password := range []string{
		"", " ", "abc", " abc", "abc ", "abc\n", "ABC", "ab\x00ab", "\x00", "\xff\xfe not utf-8",
		"é", "e\u0301", "ﬁ", "fi", "K", "\u212a", "🔑🔑🔑🔑🔑🔑🔑🔑", "\u202eשלום",
		strings.Repeat("a", 72), strings.Repeat("é", 256), strings.Repeat("a", 16<<10),
	} {
		stored := hash(t, h, password)
		if ok, stale := verify(t, h, password, stored); !ok || stale {
			t.Errorf("%.20q: ok %v, stale %v", password, ok, stale)
		}
		for _, other := range []string{
			password + "x", password + "\x00", password + " ", " " + password, strings.ToUpper(password) + "!",
			password + password + "x", "e\u0301" + password, strings.TrimSpace(password) + "\t",
		} {
			if ok, _ := verify(t, h, other, stored); ok {
				t.Errorf("%.20q passes for %.20q", other, password)
			}
		}
	}
	pairs := [][2]string{{"é", "e\u0301"}, {"ﬁ", "fi"}, {"K", "\u212a"}, {"abc", "ABC"}, {"abc", "abc "}, {"", "\x00"}}
	for _, p := range pairs {
		if ok, _ := verify(t, h, p[1], hash(t, h, p[0])); ok {
			t.Errorf("%q passes for %q", p[1], p[0])
		}
	}
	long := strings.Repeat("0123456789", 10)
	stored := hash(t, h, long)
	for n := range long {
		if ok, _ := verify(t, h, long[:n], stored); ok {
			t.Errorf("the first %d bytes pass for 100", n)
		}
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name   string
		config passwords.Config
		says   string // "" when it is taken
	}{
		{"OWASP 2 passes", passwords.Config{Params: passwords.Params{Memory: 19456, Time: 2}}, ""},
		{"OWASP 3 passes", passwords.Config{Params: passwords.Params{Memory: 12288, Time: 3}}, ""},
		{"OWASP 1 pass", passwords.Config{Params: passwords.Params{Memory: 47104, Time: 1}}, ""},
		{"RFC 9106", passwords.Config{Params: passwords.Params{Memory: 65536, Time: 3, Threads: 4}}, ""},
		{"most", passwords.Config{Params: passwords.Params{Memory: 65536, Time: 10, Threads: 16}}, ""},
		{"2 passes, 1 KiB less", passwords.Config{Params: passwords.Params{Memory: 19455, Time: 2}}, "too weak"},
		{"3 passes, 1 KiB less", passwords.Config{Params: passwords.Params{Memory: 12287, Time: 3}}, "too weak"},
		{"1 pass, 1 KiB less", passwords.Config{Params: passwords.Params{Memory: 47103, Time: 1}}, "too weak"},
		{"10 passes over little", passwords.Config{Params: passwords.Params{Memory: 9216, Time: 10}}, "too weak"},
		{"memory", passwords.Config{Params: passwords.Params{Memory: 65537}}, "too much"},
		{"time", passwords.Config{Params: passwords.Params{Time: 11}}, "too much"},
		{"threads", passwords.Config{Params: passwords.Params{Threads: 17}}, "too much"},
		{"slots", passwords.Config{Slots: -1}, "slots"},
		{"many slots", passwords.Config{Slots: 1 << 62}, "slots"},
		{"queue", passwords.Config{Queue: -1}, "queue"},
		{"long queue", passwords.Config{Queue: 1 << 62}, "queue"},
	} {
		h, err := passwords.New(c.config)
		switch {
		case c.says == "" && (err != nil || h == nil):
			t.Errorf("%s: %v", c.name, err)
		case c.says != "" && (err == nil || h != nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: got %v, want an error that says %q", c.name, err, c.says)
		}
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h := passwords.NewCheap(passwords.Config{Params: cheap}, nil)
	stored := hash(t, h, "hunter2")
	_, errHash := h.Hash(ctx, "hunter2")
	_, _, errVerify := h.Verify(ctx, "hunter2", stored)
	for _, err := range []error{errHash, errVerify} {
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "argon2id") {
			t.Errorf("got %v", err)
		}
	}
}
