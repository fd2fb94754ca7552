//go:build !unix

package main

import (
	"io"
	"os"
	"syscall"
	"time"
)

func pipes() io.ReadWriter {
	return struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stdout}
}

// ofItsOwn and stepBack do what only Unix knows.
func ofItsOwn() *syscall.SysProcAttr { return nil }

func stepBack(int) (spent func() time.Duration) { return nil }
