package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// finder looks for the folder of initdb and postgres.
type finder struct {
	getenv   func(string) string
	folders  []string // patterns of usual places
	pgConfig func() (string, error)
}

func newFinder() finder {
	return finder{
		getenv: os.Getenv,
		folders: []string{
			"/usr/lib/postgresql/*/bin", // Debian
			"/usr/pgsql-*/bin",          // Red Hat
			"/opt/homebrew/opt/postgresql@*/bin",
			"/usr/local/opt/postgresql@*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
		pgConfig: func() (string, error) {
			out, err := exec.Command("pg_config", "--bindir").Output()
			return strings.TrimSpace(string(out)), err
		},
	}
}

// find returns PORTEIRO_TEST_POSTGRES_BINDIR, or the folder in PATH, or the highest version of the usual places, or
// what pg_config says: the first with both programs. Where the variable is set, nothing else is looked at.
func (f finder) find() (string, error) {
	if dir := f.getenv("PORTEIRO_TEST_POSTGRES_BINDIR"); dir != "" {
		if !hasBoth(dir) {
			return "", fmt.Errorf("PORTEIRO_TEST_POSTGRES_BINDIR=%s: no initdb and postgres there", dir)
		}
		return dir, nil
	}
	dirs := filepath.SplitList(f.getenv("PATH"))
	dirs = append(dirs, f.usual()...)
	if i := slices.IndexFunc(dirs, hasBoth); i >= 0 {
		return dirs[i], nil
	}
	if dir, err := f.pgConfig(); err == nil && hasBoth(dir) {
		return dir, nil
	}
	return "", fmt.Errorf("no initdb and postgres in PATH or the usual places")
}

// usual returns the usual places that exist, highest version first.
func (f finder) usual() []string {
	var dirs []string
	for _, pattern := range f.folders {
		found, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, found...)
	}
	slices.SortStableFunc(dirs, func(a, b string) int {
		return int(100*version(b)) - int(100*version(a))
	})
	return dirs
}

// version is the last number in the path, 9.6 included, and 0 where there is none.
func version(dir string) float64 {
	numbers := regexp.MustCompile(`\d+(\.\d+)?`).FindAllString(dir, -1)
	if len(numbers) == 0 {
		return 0
	}
	v, _ := strconv.ParseFloat(numbers[len(numbers)-1], 64)
	return v
}

func hasBoth(dir string) bool {
	return executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres"))
}

func executable(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
