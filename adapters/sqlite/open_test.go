package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/porteiro/porteiro/adapters/sqlite"
	"github.com/porteiro/porteiro/domain"
)

func TestOpenTakesAnyPath(t *testing.T) {
	for _, name := range []string{
		"porteiro.db", "with space.db", "what?.db", "what?mode=memory&x=y", "a#b.db", "100%25.db", "%zz", "a&b=c;d.db", "ação🚪.db",
		":memory:.db", "file:x.db", "+.db", "~.db", "a:b@c.db",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			addAna(t, ready(t, filepath.Join(dir, name)))
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Fatalf("the file is elsewhere: %v", err)
			}
			again := ready(t, filepath.Join(dir, name))
			if _, err := again.ByEmail(t.Context(), ana.Email); err != nil {
				t.Errorf("another store on the same path: %v", err)
			}
		})
	}
}

func TestOpenTakesARelativePathOnce(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	t.Chdir(first)
	s := ready(t, "porteiro.db")
	t.Chdir(second)
	addAna(t, s)
	if _, err := os.Stat(filepath.Join(first, "porteiro.db")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(second, "porteiro.db")); err == nil {
		t.Error("the database moved with the working directory")
	}
}

func TestOpenRefusesWithOneLineThatSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"text": strings.Repeat("no database at all\n", 100), "short": "xy"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		config sqlite.Config
		says   []string
	}{
		"no path":              {sqlite.Config{}, []string{"keeps nothing", "give that of a file"}},
		"memory":               {sqlite.Config{Path: ":memory:"}, []string{":memory:", "keeps nothing"}},
		"a directory":          {sqlite.Config{Path: dir}, []string{dir, "is a directory", filepath.Join(dir, "porteiro.db")}},
		"a missing directory":  {sqlite.Config{Path: dir + "/none/x.db"}, []string{dir + "/none", "is not there"}},
		"a file for directory": {sqlite.Config{Path: dir + "/text/x.db"}, []string{dir + "/text", "is no directory"}},
		"a device":             {sqlite.Config{Path: os.DevNull}, []string{os.DevNull, "no regular file"}},
		"text":                 {sqlite.Config{Path: dir + "/text"}, []string{dir + "/text", "no SQLite database"}},
		"two bytes":            {sqlite.Config{Path: dir + "/short"}, []string{dir + "/short", "no SQLite database"}},
		"a negative pool":      {sqlite.Config{Path: dir + "/x.db", Pool: -1}, []string{"pool of -1"}},
		"a negative timeout":   {sqlite.Config{Path: dir + "/x.db", Timeout: -time.Second}, []string{"timeout of -1s"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), c.config)
			if err == nil {
				s.Close()
				t.Fatal("Open answered no error")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than one line", err)
			}
		})
	}
	if _, err := os.Stat(dir + "/x.db"); err == nil {
		t.Error("a refused Open made a file")
	}
}

func TestEveryConnectionHasItsPragmas(t *testing.T) {
	s, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "porteiro.db"), Pool: 5, Timeout: 1234 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	names := []string{"journal_mode", "foreign_keys", "synchronous", "busy_timeout", "query_only"}
	pools := map[string][]string{"writer": {"wal", "1", "2", "1234", "0"}, "reader": {"wal", "1", "2", "1234", "1"}}
	for pool, want := range pools {
		db, n := s.Writer(), 1
		if pool == "reader" {
			db, n = s.Reader(), 5
		}
		for range n { // all at once, so that each is another connection
			conn, err := db.Connx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var users int // a connection learns of the log when it reads
			if err := conn.GetContext(t.Context(), &users, "select count(*) from sqlite_schema"); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range names {
				var value string
				if err := conn.GetContext(t.Context(), &value, "pragma "+name); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got = append(got, value)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", pool, names, diff)
			}
		}
		if open := db.Stats().MaxOpenConnections; open != n {
			t.Errorf("%s: %d connections may be open, want %d", pool, open, n)
		}
	}
}

var ana = domain.User{
	ID: "0196a0b0-0000-7000-8000-000000000001", Email: "ana@example.com", PasswordHash: "hash",
	CreatedAt: time.Unix(1700000000, 0).UTC(),
}

func addAna(tb testing.TB, s *sqlite.Store) {
	tb.Helper()
	if err := s.Add(tb.Context(), ana); err != nil {
		tb.Fatalf("Add: %v", err)
	}
}
