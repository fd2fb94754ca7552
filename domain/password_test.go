package domain_test

import (
	"strings"
	"testing"

	"github.com/porteiro/porteiro/domain"
)

func TestPasswordPolicy(t *testing.T) {
	const email = "margarida@example.com"
	p := domain.DefaultPasswordPolicy()
	for name, password := range map[string]string{
		"8 code points, T028":           "9p4e7r2k",
		"8 emoji, T028":                 strings.Repeat("🔑", 8),
		"8 combining, T028":             strings.Repeat("e\u0301", 4),
		"64, T029":                      strings.Repeat("x", 64),
		"128, T029":                     strings.Repeat("x", 128),
		"256, T029":                     strings.Repeat("x", 256),
		"256 of four bytes":             strings.Repeat("🔑", 256),
		"all lower, T031":               "correcthorse",
		"all digits":                    "9026531738",
		"spaces alone":                  "        ",
		"a leading and a trailing one":  " 123456 ",
		"a NUL":                         "pass\x00word",
		"right to left":                 "סיסמה ארוכה",
		"more than the email":           email + "x",
		"the email within":              "x" + email,
		"more than the local part":      "margarida1",
		"the local part, with a space":  "margarida ",
		"another user's local part":     "margarido",
		"the domain":                    "example.com",
		"a local part, and its at sign": "margarida@",
	} {
		if err := p.Check(password, email); err != nil {
			t.Errorf("%s: got %v, want none", name, err)
		}
	}
	for name, password := range map[string]string{
		"empty":                          "",
		"7 code points":                  "1234567",
		"7 emoji, 28 bytes":              strings.Repeat("🔑", 7),
		"257":                            strings.Repeat("x", 257),
		"257 of four bytes":              strings.Repeat("🔑", 257),
		"a common one, T033":             "12345678",
		"another, in capitals":           "PASSWORD1",
		"the email":                      email,
		"the email in another case":      "Margarida@EXAMPLE.com",
		"the local part":                 "margarida",
		"the local part in another case": "MARGARIDA",
		"the local part, one letter up":  "margariDa",
	} {
		denied(t, name, p.Check(password, email), domain.PasswordWeak, "password")
	}
	t.Run("folds as Unicode does", func(t *testing.T) {
		denied(t, "the Kelvin sign for k", p.Check("\u212aatherine", "katherine@example.com"), domain.PasswordWeak, "password")
	})
	t.Run("counts what it is told to", func(t *testing.T) {
		p := domain.PasswordPolicy{Min: 15, Max: 20}
		for n, weak := range map[int]bool{14: true, 15: false, 20: false, 21: true} {
			if err := p.Check(strings.Repeat("é", n), email); (err != nil) != weak {
				t.Errorf("%d code points: got %v, want it refused: %v", n, err, weak)
			}
		}
	})
	t.Run("knows no normal form: NFC and NFD of one text are two passwords", func(t *testing.T) {
		denied(t, "7 code points in NFC", p.Check(strings.Repeat("\u00e9", 7), email), domain.PasswordWeak, "password")
		if err := p.Check(strings.Repeat("e\u0301", 7), email); err != nil {
			t.Errorf("14 code points in NFD: got %v, want none", err)
		}
	})
}
