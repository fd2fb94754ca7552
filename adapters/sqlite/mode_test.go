//go:build unix

package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o777} {
		dir := t.TempDir()
		before := syscall.Umask(umask)
		s := ready(t, filepath.Join(dir, "porteiro.db"))
		syscall.Umask(before)
		addAna(t, s)
		modes := map[string]fs.FileMode{}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			modes[e.Name()] = info.Mode()
		}
		for _, name := range []string{"porteiro.db", "porteiro.db-wal", "porteiro.db-shm"} {
			if modes[name] != 0o600 {
				t.Errorf("umask %03o: %s has mode %v", umask, name, modes[name])
			}
		}
		if len(modes) != 3 {
			t.Errorf("umask %03o: more files than needed: %v", umask, modes)
		}
	}
}

// TestOpenAsAUserWhoMayNot runs as another user when it is root's, to whom everything is open.
func TestOpenAsAUserWhoMayNot(t *testing.T) {
	top, err := os.MkdirTemp("/tmp", "porteiro-sqlite-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	path := func(name string, dir, file fs.FileMode, there bool) string {
		d := filepath.Join(top, name)
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
		p := filepath.Join(d, "porteiro.db")
		if there {
			if err := ready(t, p).Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(p, file); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(d, dir); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if err := os.Chmod(top, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, says string }{
		{path("no-write-in-directory", 0o555, 0, false), "cannot be made: allow this user to write in its directory"},
		{path("read-only-file", 0o777, 0o444, true), "needs to read and write the file"},
		{path("secret-file", 0o777, 0, true), "needs to read and write the file"},
		{path("read-only-directory", 0o555, 0o666, true), "make files beside it"},
		{path("closed-directory", 0, 0o666, true), "cannot be reached"},
	} {
		child := start(t, "open", c.path, nobody)
		said := strings.Join(child.rest(), "\n")
		child.wait()
		if !strings.HasPrefix(said, "sqlite: "+c.path) || !strings.Contains(said, c.says) || strings.Contains(said, "\n") {
			t.Errorf("%s: Open said %q, want one line with %q", c.path, said, c.says)
		}
	}
}

// nobody makes a command run as a user without rights; those who are not root have none to give up.
func nobody(c *command) {
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
