// Package cases_test holds the table of security cases to the tests that it names.
package cases_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const last = 134 // the number of the last case

// line is a row of CASES.md.
type line struct {
	number, promise, held string
}

func table(t *testing.T) []line {
	t.Helper()
	b, err := os.ReadFile("CASES.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (T\d{3}) \| (.+?) \| (.+?) \|$`)
	var lines []line
	for _, m := range row.FindAllStringSubmatch(string(b), -1) {
		lines = append(lines, line{m[1], m[2], m[3]})
	}
	return lines
}

// Every case has one row, in order.
func TestEveryCaseIsThere(t *testing.T) {
	lines := table(t)
	for i, l := range lines {
		if want := fmt.Sprintf("T%03d", i+1); l.number != want {
			t.Fatalf("row %d is %s, want %s", i+1, l.number, want)
		}
	}
	if len(lines) != last {
		t.Errorf("there are %d rows, want %d", len(lines), last)
	}
}

// A row names files and, in each, the tests or rows of a suite that hold the case; or it is open and says why.
func TestEveryNameIsThere(t *testing.T) {
	reference := regexp.MustCompile("`([^`:]+\\.go): ([^`]+)`")
	for _, l := range table(t) {
		if reason, open := strings.CutPrefix(l.held, "open: "); open {
			if len(strings.Fields(reason)) < 3 {
				t.Errorf("%s is open and does not say why: %q", l.number, reason)
			}
			continue
		}
		found := reference.FindAllStringSubmatch(l.held, -1)
		if len(found) == 0 {
			t.Errorf("%s names no test and is not open: %q", l.number, l.held)
		}
		for _, m := range found {
			source, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(m[1])))
			if err != nil {
				t.Errorf("%s: %v", l.number, err)
				continue
			}
			for name := range strings.SplitSeq(m[2], ", ") {
				if !defines(string(source), name) {
					t.Errorf("%s: %s has no test or row %q", l.number, m[1], name)
				}
			}
		}
	}
}

// defines reports whether a source file has a test function or a row, quoted, of that name.
func defines(source, name string) bool {
	if strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || strings.HasPrefix(name, "Example") {
		return strings.Contains(source, "\nfunc "+name+"(")
	}
	return strings.Contains(source, `"`+name+`"`)
}
