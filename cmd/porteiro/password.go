package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/porteiro/porteiro/application"
)

// newPassword asks twice, without echo, where there is a terminal; elsewhere it is what standard input holds, less one
// line end. Never an argument: those are seen by everybody on the machine.
func (c *console) newPassword() (string, error) {
	if f, ok := c.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return c.prompt(int(f.Fd()))
	}
	b, err := io.ReadAll(io.LimitReader(c.stdin, application.MaxCredentials+1))
	if err != nil {
		return "", fmt.Errorf("the password from standard input: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if password == "" {
		return "", usagef("standard input holds no password: pipe it in, or start the command in a terminal")
	}
	return password, nil
}

func (c *console) prompt(fd int) (string, error) {
	var typed [2]string
	for i, question := range []string{"Password: ", "The same again: "} {
		fmt.Fprint(c.stderr, question)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(c.stderr)
		if err != nil {
			return "", fmt.Errorf("the password from the terminal: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ: nothing was changed")
	}
	return typed[0], nil
}
