package domain_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/domain"
)

func TestParseEmail(t *testing.T) {
	t.Run("however it is typed, one address is one account", func(t *testing.T) {
		for _, in := range []string{
			"alice@example.com", "Alice@Example.COM", "ALICE@EXAMPLE.COM", " alice@example.com", "alice@example.com \t\r\n", "\r\n alice@EXAMPLE.com",
		} {
			if got, err := domain.ParseEmail(in); err != nil || got != "alice@example.com" {
				t.Errorf("%q: got %q, %v", in, got, err)
			}
		}
	})
	label := strings.Repeat("d", 63)
	local := strings.Repeat("l", 64)
	for _, in := range []string{
		"a@b", "a@b.c", "a.b.c@example.com", "a+tag@example.com", "o'brien@example.com", "!#$%&'*+-/=?^_`{|}~@example.com",
		"0@9", "a@xn--mnchen-3ya.de", "a@a-b.c-d", "zA9.Z@zA9-Z.Z9", "a@" + label, "a@" + label + "." + label, local + "@b",
		local + "@" + label + "." + label + "." + strings.Repeat("e", 61), // 254 bytes
	} {
		if got, err := domain.ParseEmail(in); err != nil || got != domain.Email(strings.ToLower(in)) {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for why, inputs := range map[string][]string{
		"empty":                 {"", " ", "@", "@b", "a@", " @ ", "a"},
		"more than one @":       {"a@b@c", "a@@b", "@a@b", `"a@b"@c`},
		"dots":                  {".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", ".@b", "a@."},
		"hyphens":               {"a@-b", "a@b-", "a@b.-c", "a@b-.c", "a@-"},
		"white space inside":    {"a b@c", "a@b c", "a @b", "a@ b", "a\t@b", "a@b\nc"},
		"controls":              {"a\x00@b", "a@b\x00", "\x00a@b", "a\x7f@b", "\va@b", "a@b\f", "a\x1b[2J@b", "a@b\r\nBcc: c@d"},
		"not ASCII":             {"ålice@b", "a@münchen.de", "a\u00a0@b", "\u00a0a@b", "a@b\u3002c", "\u212aelvin@b", "a@\u212a"},
		"full width":            {"ａlice@example.com", "alice＠example.com", "alice@ｅxample.com"},
		"Turkish i":             {"alİce@example.com", "alıce@example.com", "a@İ.com"},
		"invalid UTF-8":         {"a\xff@b", "a@b\xc3\x28", "\xc0\x80@b"},
		"quotes and comments":   {`"a"@b`, `a\b@c`, "(c)a@b", "<a@b>", "a,b@c", "a;b@c", "a:b@c", "[a]@b", "a@[192.0.2.1]", "a@b_c", "a@b/c", "a@b:25"},
		"SQL":                   {"' OR 1=1--", "a'--@b;c"},
		"longer than 254 bytes": {local + "@" + label + "." + label + "." + strings.Repeat("e", 62)},
		"a local part of 65":    {local + "l@b"},
		"a label of 64":         {"a@" + label + "d", "a@" + label + "d.c", "a@c." + label + "d"},
	} {
		for _, in := range inputs {
			got, err := domain.ParseEmail(in)
			if got != "" {
				t.Errorf("%s: %q: got %q beside the error", why, in, got)
			}
			denied(t, why+": "+in, err, domain.EmailInvalid, "email")
		}
	}
}

// TestParseEmailBytes tries every byte in each part of an address.
func TestParseEmailBytes(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	const trimmed = " \t\r\n"
	for b := range 256 {
		c := string([]byte{byte(b)})
		for _, p := range []struct{ before, after, allowed string }{
			{"", "a@b", letters + "!#$%&'*+-/=?^_`{|}~" + trimmed},
			{"a", "a@b", letters + "!#$%&'*+-/=?^_`{|}~."},
			{"a", "@b", letters + "!#$%&'*+-/=?^_`{|}~"},
			{"a@", "b", letters},
			{"a@b", "b", letters + "-."},
			{"a@b", "", letters + trimmed},
		} {
			in := p.before + c + p.after
			got, err := domain.ParseEmail(in)
			if want := strings.Contains(p.allowed, c); (err == nil) != want {
				t.Errorf("%q: got %v, want it taken: %v", in, err, want)
			}
			if err == nil && got != domain.Email(strings.ToLower(strings.ReplaceAll(in, c, strings.Trim(c, trimmed)))) {
				t.Errorf("%q: got %q", in, got)
			}
		}
	}
}

func TestLocal(t *testing.T) {
	for e, want := range map[domain.Email]string{"ana@example.com": "ana", "a.b+c@d": "a.b+c", "": ""} {
		if got := e.Local(); got != want {
			t.Errorf("%q: got %q, want %q", e, got, want)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, in := range []string{
		"", "@", "a@b", " Alice@Example.COM\r\n", "a@b@c", "\u212a@b", "a\x00@b", "a@xn--mnchen-3ya.de", strings.Repeat("a", 300), "a@b.", "\xff@\xff",
	} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		e, err := domain.ParseEmail(in)
		if err != nil {
			if e != "" {
				t.Fatalf("%q: got %q beside the error", in, e)
			}
			return
		}
		if again, err := domain.ParseEmail(string(e)); err != nil || again != e {
			t.Errorf("%q: not its own canonical form: %q, %v", e, again, err)
		}
		if upper, err := domain.ParseEmail(strings.ToUpper(string(e))); err != nil || upper != e {
			t.Errorf("%q: another account in upper case: %q, %v", e, upper, err)
		}
		if len(e) > 254 || strings.Count(string(e), "@") != 1 || e.Local() == "" {
			t.Errorf("%q: too long, or not one @ after a local part", e)
		}
		for i := range len(e) {
			if e[i] <= ' ' || e[i] > '~' || e[i] >= 'A' && e[i] <= 'Z' {
				t.Errorf("%q: byte %#x", e, e[i])
			}
		}
	})
}
