package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/porteiro/porteiro/domain"
)

func TestParseRole(t *testing.T) {
	for _, in := range []string{"a", "0", "admin", "billing:read", "a_b.c-d:9", "9z", strings.Repeat("r", 64)} {
		if got, err := domain.ParseRole(in); err != nil || string(got) != in {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", strings.Repeat("r", 65), "Admin", "a,b", "a b", " a", "a ", "é", "a\x00", "a\n", "a;b", "a/b", "_a", ".a", ":a", "-a"} {
		got, err := domain.ParseRole(in)
		if got != "" {
			t.Errorf("%q: got %q beside the error", in, got)
		}
		denied(t, in, err, domain.RequestInvalid, "role")
	}
	t.Run("every byte", func(t *testing.T) {
		for b := range 256 {
			c := string([]byte{byte(b)})
			if _, err := domain.ParseRole(c); (err == nil) != strings.Contains("abcdefghijklmnopqrstuvwxyz0123456789", c) {
				t.Errorf("%q first: got %v", c, err)
			}
			if _, err := domain.ParseRole("a" + c); (err == nil) != strings.Contains("abcdefghijklmnopqrstuvwxyz0123456789_.:-", c) {
				t.Errorf("%q second: got %v", c, err)
			}
		}
	})
}

const uuid = "0190a6e0-9f2b-7c3d-8e4f-0123456789ab"

func TestParseID(t *testing.T) {
	for kind, parse := range map[string]func(string) (string, error){
		"user":    func(s string) (string, error) { id, err := domain.ParseUserID(s); return string(id), err },
		"session": func(s string) (string, error) { id, err := domain.ParseSessionID(s); return string(id), err },
	} {
		t.Run(kind, func(t *testing.T) {
			for _, in := range []string{uuid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"} {
				if got, err := parse(in); err != nil || got != in {
					t.Errorf("%q: got %q, %v", in, got, err)
				}
			}
			for _, in := range []string{
				"", "1", uuid[:35], uuid + "0", " " + uuid[1:], uuid + "\n", strings.ToUpper(uuid), strings.ReplaceAll(uuid, "-", ""),
				"{" + uuid + "}", "urn:uuid:" + uuid, "' OR 1=1--", strings.Repeat("0", 36), strings.Repeat("-", 36), "０" + uuid[3:],
			} {
				if got, err := parse(in); !errors.Is(err, domain.RequestInvalid) || got != "" {
					t.Errorf("%q: got %q, %v, want %v", in, got, err, domain.RequestInvalid)
				}
			}
			for i := range len(uuid) { // every byte at every place
				allowed := "0123456789abcdef"
				if uuid[i] == '-' {
					allowed = "-"
				}
				for b := range 256 {
					in := uuid[:i] + string([]byte{byte(b)}) + uuid[i+1:]
					if _, err := parse(in); (err == nil) != strings.Contains(allowed, string([]byte{byte(b)})) {
						t.Errorf("%q: got %v", in, err)
					}
				}
			}
		})
	}
}
