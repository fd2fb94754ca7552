package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// place makes the path absolute, so that a later change of the working directory moves nothing, and the file when it is
// missing. A file that is there is looked at and never opened: closing it would drop the locks that SQLite holds on it
// elsewhere in this process (https://www.sqlite.org/howtocorrupt.html section 2.2).
func place(ctx context.Context, path string, mustExist bool) (string, error) {
	if path == "" || path == ":memory:" {
		return "", fmt.Errorf("the path %q keeps nothing: give that of a file, such as porteiro.db", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(abs)
	if in, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: the directory %s is not there: make it, or give another path", path, dir)
	} else if err == nil && !in.IsDir() {
		return "", fmt.Errorf("%s: %s is no directory: give another path", path, dir)
	}
	switch file, err := os.Stat(abs); {
	case errors.Is(err, fs.ErrNotExist) && mustExist:
		return "", fmt.Errorf("%s is not there: porteiro migrate makes it, or give another path", path)
	case errors.Is(err, fs.ErrNotExist):
		return abs, create(ctx, path, abs)
	case err != nil:
		return "", fmt.Errorf("%s cannot be reached: %w", path, err)
	case file.IsDir():
		return "", fmt.Errorf("%s is a directory: give a file in it, such as %s", path, filepath.Join(path, "porteiro.db"))
	case !file.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file: give another path", path)
	}
	return abs, nil
}

// create makes an empty database that its owner alone can read, because it will hold password hashes and keys. SQLite
// makes it, with the mode of another file whatever the umask says (modeof), and gives -wal and -shm the same mode.
func create(ctx context.Context, path, abs string) error {
	like, err := os.CreateTemp(filepath.Dir(abs), ".porteiro-*")
	if err != nil {
		return fmt.Errorf("%s cannot be made: allow this user to write in its directory, or give another path: %w", path, err)
	}
	defer os.Remove(like.Name())
	if err := errors.Join(like.Chmod(0o600), like.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	db, err := pool(location(abs, url.Values{"mode": {"rwc"}, "modeof": {like.Name()}, "_error_rc": {"1"}}), 1)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	err = patiently(ctx, func() error { return db.PingContext(ctx) }) // busy: somebody else was faster
	if err = errors.Join(translate(err), db.Close()); err != nil {
		return fmt.Errorf("%s cannot be made: %w", path, err)
	}
	return nil
}
