//go:build !unix

package postgrestest

import (
	"errors"
	"os/exec"
)

const (
	superuser = "postgres"
	disk      = ""
)

func memory() string { return disk }

// cluster is what local binaries cannot be here: they are started and watched over with the means of Unix.
type cluster struct {
	folder, url string
	args        []string
}

func newCluster(_, _, _ string) (*cluster, error) {
	return nil, errors.New("local binaries are used on Unix only")
}

func (*cluster) start() error  { return errors.ErrUnsupported }
func (*cluster) stop() error   { return errors.ErrUnsupported }
func (*cluster) kill() error   { return errors.ErrUnsupported }
func (*cluster) pause() error  { return errors.ErrUnsupported }
func (*cluster) resume() error { return errors.ErrUnsupported }
func (*cluster) remove()       {}

func detach(*exec.Cmd) {}
