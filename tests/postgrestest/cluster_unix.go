//go:build unix

package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const superuser = "postgres"

// cluster is a data folder, and the server that runs on it or does not. Not safe for concurrent use.
type cluster struct {
	bin    string
	folder string // data, the socket, the log, and the pid while the server runs
	url    string
	args   []string
	user   *syscall.Credential // nil: this process's own
	guard  *watchdog
	pid    int
	ended  <-chan struct{} // nil before the first start
}

// newCluster makes a data folder below the parent. With a password every connection must give it, without one none
// needs to. The parent's path is short, for that of a socket is limited, and any user may enter it: not t.TempDir().
func newCluster(bin, parent, password string) (*cluster, error) {
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, "porteiro-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, folder: folder, user: user}
	if c.guard, err = watchCluster(folder); err != nil {
		return nil, errors.Join(err, os.Remove(folder))
	}
	if err := c.initdb(password); err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

func (c *cluster) initdb(password string) error {
	args := []string{
		"-D", c.path("data"), "-U", superuser, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
	}
	if password == "" {
		args = append(args, "-A", "trust")
	} else {
		args = append(args, "-A", "scram-sha-256", "--pwfile", c.path("password"))
	}
	if err := os.WriteFile(c.path("password"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if c.user != nil {
		for _, name := range []string{c.folder, c.path("password")} {
			if err := os.Chown(name, int(c.user.Uid), int(c.user.Gid)); err != nil {
				return err
			}
		}
	}
	if out, err := c.command("initdb", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// command runs as the cluster's user in the cluster's folder, and takes nothing from the environment that would
// steer it.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.folder
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	for _, entry := range os.Environ() {
		if !steers(entry) {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	detach(cmd)
	cmd.SysProcAttr.Credential = c.user
	return cmd
}

func steers(entry string) bool {
	for _, prefix := range []string{"PG", "LC_", "LANG", "TZ=", "HOME="} {
		if strings.HasPrefix(entry, prefix) {
			return true
		}
	}
	return false
}

func (c *cluster) path(name string) string { return filepath.Join(c.folder, name) }
