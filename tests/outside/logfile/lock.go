//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package logfile

import (
	"os"
	"syscall"
)

// lock holds the file of that name until it is closed, or the process ends in whatever way.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
