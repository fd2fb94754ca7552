package domain_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/porteiro/porteiro/domain"
)

// common reads the embedded list as the text that it is.
func common(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("common_passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	t.Fatal("the list does not end with its last line")
	return nil
}

// The search relies on it.
func TestCommonPasswordsAreSortedFoldedAndThereOnce(t *testing.T) {
	list := common(t)
	long := 0
	for i, p := range list {
		if i > 0 && p <= list[i-1] {
			t.Errorf("line %d: %q comes after %q", i+1, p, list[i-1])
		}
		if p == "" || !utf8.ValidString(p) || strings.ToLower(strings.ToUpper(p)) != p {
			t.Errorf("line %d: %q is empty, not text or not folded", i+1, p)
		}
		if utf8.RuneCountInString(p) >= domain.DefaultPasswordPolicy().Min {
			long++
		}
	}
	if long < 3000 {
		t.Errorf("%d of %d are as long as a password has to be, want 3000 at least", long, len(list))
	}
	for _, notice := range []string{"assumed to be in the\n   public domain", "Redistribution and use", "Permission is hereby granted"} {
		if data, err := os.ReadFile("common_passwords.NOTICE.txt"); err != nil || !strings.Contains(string(data), notice) {
			t.Errorf("the notice %q is not beside the list: %v", notice, err)
		}
	}
}

// T033, for the whole list; a policy of one character shows the short ones too.
func TestCommonPasswordsAreRefusedInEveryCase(t *testing.T) {
	p := domain.PasswordPolicy{Min: 1, Max: 256}
	for _, c := range common(t) {
		first, size := utf8.DecodeRuneInString(c)
		for _, variant := range []string{c, strings.ToUpper(c), strings.ToUpper(string(first)) + c[size:], alternate(c)} {
			if p.Check(variant, "margarida@example.com") == nil {
				t.Fatalf("%q is accepted", variant)
			}
		}
	}
	for _, folds := range []string{"pa\u017f\u017fword", "\u212aatherine", "ASDFGHJKLÇ"} {
		denied(t, folds, p.Check(folds, "margarida@example.com"), domain.PasswordWeak, "password")
	}
}

func alternate(s string) string {
	up := false
	return strings.Map(func(r rune) rune {
		if up = !up; up {
			return []rune(strings.ToUpper(string(r)))[0]
		}
		return r
	}, s)
}

// T031, T033: what differs from an entry in anything but case is another password.
func TestNothingButCaseIsTakenOffAPassword(t *testing.T) {
	p := domain.PasswordPolicy{Min: 1, Max: 256}
	list := common(t)
	for i, c := range list {
		for _, other := range []string{" " + c, c + " ", c + "\n", "\n" + c, c + "\x00", c + "\u0301", c + "\u00a0", c + "🔑", c + "\n" + list[(i+1)%len(list)]} {
			if _, found := slices.BinarySearch(list, other); found {
				continue
			}
			if err := p.Check(other, "margarida@example.com"); err != nil {
				t.Fatalf("%q: got %v, want none", other, err)
			}
		}
	}
	if err := p.Check("\n", "margarida@example.com"); err != nil {
		t.Errorf("a line break alone: got %v, want none", err)
	}
}

// T028, T029: between its bounds, length alone never refuses, and never makes up for anything.
func TestPasswordPolicyIsMonotoneInLength(t *testing.T) {
	for _, p := range []domain.PasswordPolicy{domain.DefaultPasswordPolicy(), {Min: 15, Max: 64}, {Min: 1, Max: 1}} {
		for _, unit := range []string{"ç", "🔑", "\u0301", "\x00", " "} {
			for n := range p.Max + 3 {
				err := p.Check(strings.Repeat(unit, n), "margarida@example.com")
				if within := n >= p.Min && n <= p.Max; within != (err == nil) {
					t.Errorf("%d to %d: %d times %q: got %v", p.Min, p.Max, n, unit, err)
				}
			}
		}
	}
}

func TestTheNameOfTheServiceIsNoPassword(t *testing.T) {
	p := domain.DefaultPasswordPolicy()
	for _, simple := range []string{"porteiro", "Porteiro", "PORTEIRO", "porteiro1", "Porteiro123", "porteiro2026!", "!!porteiro", "1porteiro1", "porteiro_", "PORTEIRO12345678"} {
		denied(t, simple, p.Check(simple, "margarida@example.com"), domain.PasswordWeak, "password")
	}
	for _, other := range []string{"porteiros", "o porteiro", " porteiro", "porteiro ", "porteiro da noite", "porteiro123456789", "porteirа"} {
		if err := p.Check(other, "margarida@example.com"); err != nil {
			t.Errorf("%q: got %v, want none", other, err)
		}
	}
}

func TestCheckingAPasswordAllocatesNextToNothing(t *testing.T) {
	p := domain.DefaultPasswordPolicy()
	if n := testing.AllocsPerRun(100, func() { p.Check("A long Password that nobody has", "margarida@example.com") }); n > 4 {
		t.Errorf("%v allocations, want one for each text that is folded", n)
	}
}
